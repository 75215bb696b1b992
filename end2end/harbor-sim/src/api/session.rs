//! `/c/`: signing in and out as the portal does.

use std::sync::Arc;

use super::html_404;
use crate::auth::{Identity, log_sign_in, sign_in};
use crate::clock::http_date;
use crate::http::{Reply, Request};
use crate::node::{Node, lock};

pub(crate) async fn serve(node: &Arc<Node>, request: &Request) -> Reply {
    match (request.method.as_str(), request.segments.get(1).map(String::as_str)) {
        ("POST", Some("login")) => login(node, request).await,
        ("GET", Some("log_out")) => logout(node, request),
        _ => html_404(),
    }
}

async fn login(node: &Arc<Node>, request: &Request) -> Reply {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let value = |name: &str| form.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.as_str());
    let name = value("principal");
    match sign_in(node, name, value("password")).await {
        Identity::User(user) => {
            log_sign_in(node, name, true);
            let cookie = crate::server::new_session(node, Some(user.id));
            if let Some(old) = request.cookie("sid") {
                lock(&node.sessions.by_id).remove(&old);
            }
            Reply::ok().with("set-cookie", cookie)
        }
        // Robots have no session.
        _ => {
            log_sign_in(node, name, false);
            Reply::empty(401)
        }
    }
}

fn logout(node: &Node, request: &Request) -> Reply {
    let Some(sid) = request.cookie("sid") else { return Reply::ok() };
    lock(&node.sessions.by_id).remove(&sid);
    let gone = format!("sid={sid}; Path=/; Expires={}; Max-Age=0; HttpOnly", http_date(node.now()));
    Reply::ok().with("set-cookie", gone)
}

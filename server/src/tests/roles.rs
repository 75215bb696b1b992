//! Who may do what: every server function and every route, asked as nobody and in each role.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Method, StatusCode, header};
use model::people::Role;

use super::console::{Answer, TestConsole, Who};
use table::{FUNCTIONS, ID, PAGES, PLAIN, REST};

/// The codes with which somebody is sent away; a wrong password, for instance, is none of them.
const REFUSALS: [&str; 3] = ["access.signed_out", "access.forbidden", "access.session_needed"];

fn is_refused(answer: &Answer) -> bool {
    let to_the_door = answer.status.is_redirection() && answer.header("location").starts_with("/sign-in");
    to_the_door || REFUSALS.contains(&answer.code().as_str())
}

/// What was asked and found: each answer against the table.
#[derive(Default)]
struct Tally {
    asked: usize,
    refused: usize,
    faults: Vec<String>,
}

impl Tally {
    fn count(&mut self, who: Who, least: Who, what: &str, answer: &Answer) {
        self.asked += 1;
        let refused = is_refused(answer);
        self.refused += usize::from(refused);
        if refused == (who >= least) {
            let verb = if refused { "may not" } else { "may" };
            self.faults.push(format!("{who:?} {verb} {what}: {} {}", answer.status, answer.text));
        }
        let status_fits = match answer.code().as_str() {
            "access.signed_out" => answer.status == StatusCode::UNAUTHORIZED,
            "access.forbidden" | "access.session_needed" => answer.status == StatusCode::FORBIDDEN,
            // A request that the table words wrongly would be let through and prove nothing.
            "app.version" | "app.failed" | "app.context" | "request.malformed" => false,
            _ => true,
        };
        if !status_fits || answer.status == StatusCode::INTERNAL_SERVER_ERROR {
            self.faults.push(format!("{who:?} {what}: {} {}", answer.status, answer.text));
        }
    }

    #[expect(clippy::print_stdout, reason = "how much was asked belongs into the test's output")]
    fn print(&self, what: &str, entries: usize) {
        println!("roles: {entries} {what}, {} calls, {} refused", self.asked, self.refused);
        assert!(self.faults.is_empty(), "\n{}", self.faults.join("\n"));
    }
}

fn same(what: &str, found: &BTreeSet<String>, listed: impl IntoIterator<Item = String>) {
    let listed: BTreeSet<String> = listed.into_iter().collect();
    let unlisted: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(found).collect();
    assert!(unlisted.is_empty() && gone.is_empty(), "{what}: not in the table {unlisted:?}, gone {gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_function_asks_for_its_role() {
    let mut console = TestConsole::start().await;
    let found = server_fn::axum::server_fn_paths().map(|(path, method)| {
        assert_eq!(method, Method::POST, "{path}");
        path.strip_prefix("/fn/").unwrap().to_owned()
    });
    same("server functions", &found.collect(), FUNCTIONS.iter().map(|f| f.name.to_owned()));
    let mut tally = Tally::default();
    for function in FUNCTIONS {
        for who in Who::ALL {
            let body = function.body.replace("ID", ID);
            let answer = if body.starts_with('{') {
                console.call(who, function.name, &serde_json::from_str(&body).unwrap()).await
            } else {
                console.form(who, function.name, &body).await
            };
            tally.count(who, function.least, function.name, &answer);
            if let (Who::Signed(role), true) = (who, function.name == "sign-out") {
                console.sign_in(role).await;
            }
        }
    }
    tally.print("server functions", FUNCTIONS.len());
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rest_call_asks_for_its_role() {
    let console = TestConsole::start().await;
    let document = crate::rest::document();
    let document = serde_json::to_value(document).unwrap();
    let found = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    same("REST", &found.collect(), REST.iter().map(|r| format!("{} {}", r.method, r.path)));
    let mut tokens = BTreeMap::new();
    for role in Role::ALL {
        tokens.insert(role, console.token(role, 1).await);
    }
    let mut tally = Tally::default();
    for call in REST {
        let path = call.path.replace("{id}", ID);
        let method: Method = call.method.parse().unwrap();
        for who in Who::ALL {
            // By a browser's session and by a token: the same rights.
            let request = console
                .request(who, method.clone(), &format!("/api/v1{path}"))
                .header(header::CONTENT_TYPE, "application/json");
            let request = request.body(Body::from(call.body)).unwrap();
            let mut answers = vec![head(&console, request).await];
            if let Who::Signed(role) = who {
                let request = http::Request::builder()
                    .method(method.clone())
                    .uri(format!("/api/v1{path}"))
                    .header(header::CONTENT_TYPE, "application/json")
                    .header(header::AUTHORIZATION, bearer(&tokens[&role]));
                answers.push(head(&console, request.body(Body::from(call.body)).unwrap()).await);
            }
            for answer in answers {
                tally.count(who, call.least, &format!("{} {}", call.method, call.path), &answer);
            }
        }
    }
    tally.print("REST calls", REST.len());
    console.close().await;
}

fn bearer(token: &secrecy::SecretString) -> String {
    format!("Bearer {}", secrecy::ExposeSecret::expose_secret(token))
}

/// The answer; of an event stream, which has no end, only how it begins.
async fn head(console: &TestConsole, request: http::Request<Body>) -> Answer {
    let response = console.stream(request).await;
    let (parts, body) = response.into_parts();
    let streams = parts.headers.get(header::CONTENT_TYPE).is_some_and(|v| v == "text/event-stream");
    let bytes =
        if streams { Default::default() } else { axum::body::to_bytes(body, 16 << 20).await.unwrap() };
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_and_plain_route_asks_for_its_role() {
    let console = TestConsole::start().await;
    let pages = app::routes::all();
    same("pages", &pages.iter().map(|p| p.path().to_owned()).collect(), PAGES.iter().map(|p| p.0.to_owned()));
    // What else the router itself knows.
    let rest: BTreeSet<String> = REST.iter().map(|r| format!("/api/v1{}", r.path)).collect();
    let known = routes_of(&console.router);
    assert!(rest.is_subset(&known), "REST is not below /api/v1: {known:?}");
    let plain = known
        .into_iter()
        // A nested service has its folder with and without a slash.
        .map(|path| path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(&path).to_owned())
        .filter(|path| !rest.contains(path) && PAGES.iter().all(|(page, _)| page != path))
        .filter(|path| !path.starts_with("/fn/"));
    same("plain routes", &plain.collect(), PLAIN.iter().map(|p| p.0.to_owned()));
    let mut tally = Tally::default();
    for (path, least) in PAGES.iter().chain(PLAIN) {
        let concrete = ["{cluster}", "{node}", "{run}", "{draft}"]
            .iter()
            .fold((*path).to_owned(), |path, part| path.replace(part, ID))
            .replace("{step}", "topology");
        let concrete: String = concrete.split("{*").next().unwrap_or_default().to_owned();
        let concrete = if concrete.ends_with('/') && concrete.len() > 1 || *path == "/{*rest}" {
            format!("{concrete}nothing")
        } else {
            concrete
        };
        for who in Who::ALL {
            let request = console
                .request(who, Method::GET, &concrete)
                .header(header::ACCEPT, "text/html,*/*")
                .body(Body::empty());
            let mut answer = head(&console, request.unwrap()).await;
            if *least == Who::Nobody {
                // From one door to the other: nobody is sent away.
                answer.headers.remove(header::LOCATION);
            }
            tally.count(who, *least, path, &answer);
        }
    }
    tally.print("pages and plain routes", PAGES.len() + PLAIN.len());
    console.close().await;
}

/// The paths of a router, from its own description of itself.
fn routes_of(router: &axum::Router) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let ids = text.split("RouteId(").skip(1);
    let paths = ids.filter_map(|rest| {
        let (number, rest) = rest.split_once("): \"")?;
        number.parse::<u32>().ok()?;
        Some(rest.split('"').next()?.to_owned())
    });
    // What axum itself adds to find the rest of a nested path.
    paths.filter(|p| !p.contains("__private__axum")).collect()
}

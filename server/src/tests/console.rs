//! A console as `serve` opens it, asked without a socket.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use access::{Actor, Claim};
use app::api::session_cookie;
use axum::{
    Router,
    body::{Body, HttpBody},
    extract::ConnectInfo,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request::Builder};
use model::{Locale, people::Role};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use store::Store;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    cli::serve::site,
    config::{Config, Raw},
    probes::Readiness,
    router::{AppState, Held, router},
    start::{self, Open},
};

pub(crate) const PASSWORD: &str = "a hill of beans";
/// Nothing in these tests takes longer on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Nobody,
    Signed(Role),
}

impl Who {
    pub(crate) const ALL: [Self; 4] = [
        Self::Nobody,
        Self::Signed(Role::Viewer),
        Self::Signed(Role::Operator),
        Self::Signed(Role::Administrator),
    ];
}

pub(crate) const VIEWER: Who = Who::Signed(Role::Viewer);
pub(crate) const OPERATOR: Who = Who::Signed(Role::Operator);
pub(crate) const ADMINISTRATOR: Who = Who::Signed(Role::Administrator);

/// A console with one person of each role.
pub(crate) struct TestConsole {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    pub(crate) open: Open,
    people: BTreeMap<Role, Actor>,
    cookies: BTreeMap<Role, String>,
    dir: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The stable code of an error; empty for an answer that is none.
    pub(crate) fn code(&self) -> String {
        let value: Value = serde_json::from_str(&self.text).unwrap_or_default();
        value["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Every cookie that was set.
    pub(crate) fn cookies(&self) -> Vec<String> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap().to_owned()).collect()
    }
}

impl TestConsole {
    /// Over an SQLite of its own.
    pub(crate) async fn start() -> Self {
        Self::at("").await
    }

    /// People open it at that address.
    pub(crate) async fn at(public_address: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = start::store(&config(dir.path())).await.unwrap();
        Self::over(store, dir, public_address).await
    }

    /// Over a database that is open already and empty.
    pub(crate) async fn over(store: Store, dir: TempDir, public_address: &str) -> Self {
        let mut console = Self::unclaimed(store, dir).await;
        let access = &console.open.services.access;
        let claim = Claim {
            code: access.setup_code().await.unwrap().unwrap().expose_secret().to_owned(),
            name: "Administrator".into(),
            password: PASSWORD.to_owned().into(),
            locale: Locale::En,
            public_address: public_address.to_owned(),
        };
        let first = access.claim(claim, "192.0.2.1", "test").await.unwrap();
        for role in [Role::Viewer, Role::Operator] {
            let name = name_of(role);
            let added = access.add_person(&first.actor, name, role).await.unwrap();
            let password = PASSWORD.to_owned().into();
            access.use_reset_code(name, added.code.expose_secret(), &password, "192.0.2.1").await.unwrap();
        }
        for role in Role::ALL {
            console.sign_in(role).await;
        }
        console
    }

    /// Nobody has claimed it.
    pub(crate) async fn unclaimed(store: Store, dir: TempDir) -> Self {
        let config = config(dir.path());
        let open = start::over(store, &config).await.unwrap();
        let state = AppState::from(Held {
            services: open.services.clone(),
            store: open.store.clone(),
            leptos: site(&config.site).unwrap(),
            config: Arc::new(config),
            readiness: Readiness::default(),
        });
        let router = router(state.clone());
        Self { state, router, open, people: BTreeMap::new(), cookies: BTreeMap::new(), dir }
    }

    /// Gives that person a new session.
    pub(crate) async fn sign_in(&mut self, role: Role) {
        let access = &self.open.services.access;
        let password = SecretString::from(PASSWORD);
        let signed = access.sign_in(name_of(role), &password, "192.0.2.1", "test").await.unwrap();
        let cookie = format!("{}={}", session_cookie(access.is_https()), signed.secret.expose_secret());
        self.people.insert(role, signed.actor);
        self.cookies.insert(role, cookie);
    }

    pub(crate) fn person(&self, role: Role) -> &Actor {
        &self.people[&role]
    }

    /// The `Cookie` header of that person's browser.
    pub(crate) fn cookie(&self, role: Role) -> &str {
        &self.cookies[&role]
    }

    /// A token of that person with that role.
    pub(crate) async fn token(&self, role: Role, days: u32) -> SecretString {
        let person = self.person(role);
        self.open.services.access.issue_token(person, "test", role, days).await.unwrap().secret
    }

    /// A request by `who`'s browser.
    pub(crate) fn request(&self, who: Who, method: Method, path: &str) -> Builder {
        let builder = Request::builder().method(method).uri(path).header(header::HOST, "console.test");
        match who {
            Who::Nobody => builder,
            Who::Signed(role) => builder.header(header::COOKIE, self.cookie(role)),
        }
    }

    /// Sends a request and leaves its answer's body to be read.
    pub(crate) async fn stream(&self, request: Request<Body>) -> Response<Body> {
        self.stream_from([192, 0, 2, 1], request).await
    }

    /// The same from another address.
    pub(crate) async fn stream_from(&self, peer: [u8; 4], mut request: Request<Body>) -> Response<Body> {
        // As any client of HTTP does where it knows the length.
        if let Some(length) = request.body().size_hint().exact() {
            request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 40_000))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from([192, 0, 2, 1], request).await
    }

    /// The same from another address.
    pub(crate) async fn send_from(&self, peer: [u8; 4], request: Request<Body>) -> Answer {
        let (parts, body) = self.stream_from(peer, request).await.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// A page or another GET, as a browser asks for it.
    pub(crate) async fn get(&self, who: Who, path: &str) -> Answer {
        let request = self.request(who, Method::GET, path).header(header::ACCEPT, "text/html,*/*");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A server function, as WebAssembly calls it.
    pub(crate) async fn call(&self, who: Who, name: &str, body: &Value) -> Answer {
        let request = self
            .request(who, Method::POST, &format!("/fn/{name}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    /// A server function that takes a form, as WebAssembly calls it.
    pub(crate) async fn form(&self, who: Who, name: &str, form: &str) -> Answer {
        let request = self
            .request(who, Method::POST, &format!("/fn/{name}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json");
        self.send(request.body(form.to_owned().into()).unwrap()).await
    }

    /// REST with a token.
    pub(crate) async fn rest(&self, token: &SecretString, method: Method, path: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", token.expose_secret()))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.to_owned().into()).unwrap()).await
    }

    /// Stops it as `serve` does; what it kept stays in the folder that is given back.
    pub(crate) async fn close(self) -> TempDir {
        self.open.close().await;
        self.dir
    }
}

pub(crate) fn name_of(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Administrator => "Administrator",
    }
}

/// The configuration of a console whose data and site are below `dir`.
pub(crate) fn config(dir: &Path) -> Config {
    let site = dir.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/hash.txt"), "js: abc\nwasm: abc\ncss: abc\n").unwrap();
    std::fs::write(site.join("pkg/breakwater.abc.css"), "body{}").unwrap();
    for icon in ["favicon.svg", "icons.svg"] {
        std::fs::write(site.join(icon), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    }
    let flags = [("data_dir", dir.join("data")), ("site", site)];
    let flags = flags.map(|(key, path)| (key.to_owned(), path.to_string_lossy().into_owned()));
    Raw::collect(None, [], flags).unwrap().judge().unwrap()
}

/// Waits for a condition that comes true by itself.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

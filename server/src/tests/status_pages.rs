//! Status pages as readers ask for them: each public route with each state of a link, and what they are sent.

use std::collections::BTreeSet;

use axum::body::Body;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::StreamExt;
use http::{Method, StatusCode, header};
use model::{
    Locale,
    ids::PageId,
    names::ClusterName,
    page::{
        LinkName, NewLink, PageAccess, PageName, PageSettings, PageSlug, PageTitle, ShownCluster, StatusPage,
    },
    people::Role,
};
use secrecy::ExposeSecret;
use store::share_links::NewShareLink;

use super::console::{Answer, PATIENCE, TestConsole, VIEWER, Who, eventually};

/// What stands behind a page's address.
const PIECES: [&str; 10] = [
    "",
    "widget",
    "feed.atom",
    "summary.json",
    "api/v2/summary.json",
    "badge/state.svg",
    "badge/freshness.svg",
    "badge/uptime.svg",
    "picture.png",
    "live",
];

fn settings(slug: &str, access: PageAccess) -> PageSettings {
    PageSettings {
        name: PageName::parse(slug).unwrap(),
        slug: PageSlug::parse(slug).unwrap(),
        title: PageTitle::parse(&format!("Title of {slug}")).unwrap(),
        text: String::new(),
        logo: None,
        clusters: vec![ShownCluster {
            id: store::new_id(),
            shown_as: ClusterName::parse("Production").unwrap(),
            nodes: Vec::new(),
        }],
        shows: Default::default(),
        locale: None,
        theme: Default::default(),
        zone: "Asia/Shanghai".into(),
        access,
    }
}

async fn page(console: &TestConsole, slug: &str, access: PageAccess) -> StatusPage {
    let pages = &console.open.services.pages;
    pages.make(console.person(Role::Administrator), &settings(slug, access)).await.unwrap()
}

/// The path of a new link, and its id.
async fn link(
    console: &TestConsole,
    page: &PageId,
    password: Option<&str>,
) -> (String, model::page::ShareLink) {
    let new = NewLink { name: LinkName::parse("Team").unwrap(), days: Some(1), locale: Some(Locale::Zh) };
    let (pages, person) = (&console.open.services.pages, console.person(Role::Administrator));
    let password = password.map(Into::into);
    let (made, address) = pages.make_link(person, page, &new, password.as_ref()).await.unwrap();
    (address.expose_secret().to_owned(), made.link)
}

/// The status and headers of an answer, and its text where it ends.
async fn ask(console: &TestConsole, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask_from([192, 0, 2, 1], console, path, headers).await
}

/// The same from another address.
async fn ask_from(peer: [u8; 4], console: &TestConsole, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = console.request(Who::Nobody, Method::GET, path).header(header::ACCEPT, "text/html,*/*");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = console.stream_from(peer, request.body(Body::empty()).unwrap()).await;
    let (parts, body) = response.into_parts();
    let streams = parts.headers.get(header::CONTENT_TYPE).is_some_and(|v| v == "text/event-stream");
    let bytes =
        if streams { Default::default() } else { axum::body::to_bytes(body, 16 << 20).await.unwrap() };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status: parts.status, headers: parts.headers, text }
}

/// A link as somebody else writes it into the database.
async fn insert(console: &TestConsole, page: &PageId, secret: &str, ends_in_ms: i64) {
    let store = &console.open.store;
    let new = NewShareLink {
        token_hash: &access::link_key(secret),
        page,
        name: &LinkName::parse("Team").unwrap(),
        locale: Some(Locale::Zh),
        password_hash: None,
        expires_ms: Some(store.now_ms() + ends_in_ms),
    };
    store.share_links().insert(new).await.unwrap();
}

fn basic(password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("reader:{password}")))
}

async fn give(console: &TestConsole, path: &str, password: &str, from: u8) -> Answer {
    let request = console
        .request(Who::Nobody, Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .body(format!("password={password}").into());
    console.send_from([198, 51, 100, from], request.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_public_route_asks_for_a_link_that_opens() {
    let console = TestConsole::start().await;
    let (own, other) =
        (page(&console, "own", PageAccess::Link).await, page(&console, "other", PageAccess::Link).await);
    let expired = "DDDDDDDDDDDDDDDDDDDDDD";
    insert(&console, &own.id, expired, -1).await;
    let (good, _) = link(&console, &own.id, None).await;
    let (locked, _) = link(&console, &own.id, Some("right")).await;
    let (revoked, revoked_link) = link(&console, &own.id, None).await;
    let (foreign, _) = link(&console, &other.id, None).await;
    let pages = &console.open.services.pages;
    pages.revoke_link(console.person(Role::Administrator), &own.id, &revoked_link.id).await.unwrap();
    let (foreign_locked, _) = link(&console, &other.id, Some("another")).await;
    let mut passes = Vec::new();
    for (path, password) in [(&locked, "right"), (&foreign_locked, "another")] {
        let opened = give(&console, path, password, 1).await;
        let pass = opened.cookies().remove(0);
        passes.push(pass.split(';').next().unwrap().to_owned());
    }
    let [pass, foreign_pass] = &passes[..] else { panic!("{passes:?}") };
    let never = "/share/AAAAAAAAAAAAAAAAAAAAAA/".to_owned();

    let (mut asked, mut doors) = (0_u8, BTreeSet::new());
    for piece in PIECES {
        for (state, path, headers, shows) in [
            ("no link", "/status/own/".to_owned(), vec![], None),
            ("no page", "/status/nothing/".to_owned(), vec![], None),
            ("good", good.clone(), vec![], Some("own")),
            ("password not given", locked.clone(), vec![], None),
            ("wrong pass", locked.clone(), vec![("cookie", "breakwater-link=x")], None),
            ("wrong password", locked.clone(), vec![("authorization", &basic("wrong"))], None),
            ("another page's pass", locked.clone(), vec![("cookie", foreign_pass.as_str())], None),
            ("pass of a password", locked.clone(), vec![("cookie", pass.as_str())], Some("own")),
            ("password itself", locked.clone(), vec![("authorization", &basic("right"))], Some("own")),
            ("expired", format!("/share/{expired}/"), vec![], None),
            ("revoked", revoked.clone(), vec![], None),
            ("never made", never.clone(), vec![], None),
            ("another page's", foreign.clone(), vec![], Some("other")),
        ] {
            asked += 1;
            // Each from its own address: who gives a wrong password again and again has to wait.
            let answer = ask_from([203, 0, 113, asked], &console, &format!("{path}{piece}"), &headers).await;
            let what = format!("{state} {piece}: {answer:?}");
            let program = ["feed.atom", "summary.json", "api/v2/summary.json"].contains(&piece);
            let status = match shows {
                Some(_) => StatusCode::OK,
                // Asked for a password also where there is nothing that one would open.
                None if program && path.starts_with("/share/") => StatusCode::UNAUTHORIZED,
                None => StatusCode::NOT_FOUND,
            };
            assert_eq!(answer.status, status, "{what}");
            assert_eq!(
                answer.header("referrer-policy") == "no-referrer",
                shows.is_some() || piece.is_empty(),
                "{what}"
            );
            match shows {
                Some(slug) if piece.is_empty() => {
                    assert!(answer.text.contains(&format!("Title of {slug}")), "{what}");
                    assert_eq!(answer.header("cache-control"), "private, no-cache", "{what}");
                }
                Some(_) => {}
                None => {
                    assert!(!answer.text.contains("Title of"), "{what}");
                    if path.starts_with("/share/") {
                        let challenge = answer.header("www-authenticate").to_owned();
                        assert_eq!(challenge.starts_with("Basic "), program, "{what}");
                        doors.insert((piece.is_empty(), challenge, answer.text.clone()));
                    }
                }
            }
        }
    }
    assert_eq!(usize::from(asked), PIECES.len() * 13);
    // Whatever keeps a link shut, all of them look the same: to people, to programs, and to browsers that want a picture.
    assert_eq!(doors.len(), 3, "{doors:?}");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_link_is_as_one_that_never_was() {
    let console = TestConsole::start().await;
    let own = page(&console, "own", PageAccess::Link).await;
    let secrets = ["BBBBBBBBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCCCCCCCC"];
    for (secret, ends_in_ms) in secrets.into_iter().zip([60_000, -1]) {
        insert(&console, &own.id, secret, ends_in_ms).await;
    }
    // What is made by others is seen as well, at the latest with the next beat.
    let [good, path] = secrets.map(|secret| format!("/share/{secret}/"));
    eventually("the link opens", async || ask(&console, &good, &[]).await.status == StatusCode::OK).await;
    let never = ask(&console, "/share/AAAAAAAAAAAAAAAAAAAAAA/", &[]).await;
    let ended = ask(&console, &path, &[]).await;
    assert_eq!((ended.status, &ended.text), (never.status, &never.text));
    let (a, b) = (give(&console, &path, "x", 1).await, give(&console, "/share/A/", "x", 1).await);
    assert_eq!((a.status, &a.text), (b.status, &b.text));
    assert_eq!(a.status, StatusCode::NOT_FOUND);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_open_and_guessing_is_slowed_alike() {
    let console = TestConsole::start().await;
    let own = page(&console, "own", PageAccess::Link).await;
    let (locked, _) = link(&console, &own.id, Some("right")).await;
    let opened = give(&console, &locked, "right", 7).await;
    assert_eq!((opened.status, opened.header("location")), (StatusCode::SEE_OTHER, "./"));
    let cookie = opened.cookies().remove(0);
    for part in [&format!("Path={locked}")[..], "HttpOnly", "SameSite=Lax", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    for (path, from) in [(locked.as_str(), 8), ("/share/AAAAAAAAAAAAAAAAAAAAAA/", 9)] {
        let mut seen = Vec::new();
        for _ in 0..6 {
            let answer = give(&console, path, "wrong", from).await;
            seen.push(answer.status.as_u16());
        }
        assert_eq!(seen, [404, 404, 404, 404, 404, 429], "{path}");
    }
    // A program that guesses is slowed as well; it asks from where the tests ask.
    let feed = format!("{locked}feed.atom");
    let mut seen = Vec::new();
    for _ in 0..6 {
        let answer = ask(&console, &feed, &[("authorization", &basic("wrong"))]).await;
        seen.push(answer.status.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 401, 401, 429]);
    let right = give(&console, &locked, "right", 8).await;
    assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "who guessed waits, also with the right one");
    assert!(!right.header("retry-after").is_empty());
    assert_eq!(give(&console, &locked, "right", 10).await.status, StatusCode::SEE_OTHER);
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_page_is_there_for_who_is_signed_in_and_a_public_one_for_all() {
    let console = TestConsole::start().await;
    page(&console, "own", PageAccess::Link).await;
    page(&console, "all", PageAccess::Public).await;
    assert_eq!(console.get(VIEWER, "/status/own/").await.status, StatusCode::OK);
    let shown = ask(&console, "/status/all/", &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert_eq!(shown.header("cache-control"), "public, max-age=5, stale-while-revalidate=60");
    assert_eq!(shown.header("vary"), "accept-encoding, accept-language");
    let policy = shown.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(ask(&console, "/status/all", &[]).await.header("location"), "/status/all/");

    let etag = shown.header("etag").to_owned();
    let again = ask(&console, "/status/all/", &[("if-none-match", &etag)]).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    for (coding, accepted) in
        [("br", "gzip, br"), ("gzip", "gzip"), ("", "identity"), ("gzip", "br;q=0, gzip")]
    {
        let answer = ask(&console, "/status/all/", &[("accept-encoding", accepted)]).await;
        assert_eq!((answer.header("content-encoding"), answer.header("etag")), (coding, etag.as_str()));
    }
    let chinese = ask(&console, "/status/all/", &[("accept-language", "zh-CN,zh;q=0.9")]).await;
    assert!(chinese.text.contains("lang=\"zh-CN\""));
    assert!(
        ask(&console, "/status/all/?lang=en", &[("accept-language", "zh")])
            .await
            .text
            .contains("lang=\"en\"")
    );
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_visit_loads_little_and_only_what_is_its_own() {
    let console = TestConsole::start().await;
    page(&console, "all", PageAccess::Public).await;
    let shown = ask(&console, "/status/all/", &[]).await;
    let wanted = |attribute: &str| {
        let begins = format!("{attribute}=\"");
        let of = shown.text.split(&begins).skip(1);
        of.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut bytes = 0;
    let files: BTreeSet<String> = wanted("src").into_iter().chain(wanted("href")).collect();
    for path in files.iter().filter(|path| path.starts_with('/')).chain([&"/status/all/".to_owned()]) {
        let request = console.request(Who::Nobody, Method::GET, path).header(header::ACCEPT_ENCODING, "br");
        let response = console.stream(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        bytes += axum::body::to_bytes(response.into_body(), 16 << 20).await.unwrap().len();
    }
    assert!(bytes <= 40 * 1024, "{bytes}");
    let assets: Vec<_> = files.iter().filter(|path| path.starts_with("/status/-/")).collect();
    assert_eq!(assets.len(), 2);
    for path in assets {
        assert!(ask(&console, path, &[]).await.header("cache-control").contains("immutable"));
    }
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_widget_may_be_framed() {
    let console = TestConsole::start().await;
    page(&console, "all", PageAccess::Public).await;
    for piece in PIECES {
        let answer = ask(&console, &format!("/status/all/{piece}"), &[]).await;
        let framed = answer.header("content-security-policy").contains("frame-ancestors *");
        assert_eq!(framed, piece == "widget", "{piece}");
        assert_eq!(answer.header("x-frame-options"), if framed { "" } else { "DENY" }, "{piece}");
    }
    let widget = ask(&console, "/status/all/widget", &[]).await;
    assert!(!widget.text.contains("<script"), "{widget:?}");
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_link_ends_open_pages_at_once() {
    let console = TestConsole::start().await;
    let own = page(&console, "own", PageAccess::Link).await;
    let (kept, _) = link(&console, &own.id, None).await;
    let (path, made) = link(&console, &own.id, None).await;
    let open = async |path: &str| {
        let request = console.request(Who::Nobody, Method::GET, &format!("{path}live"));
        console.stream(request.body(Body::empty()).unwrap()).await.into_body().into_data_stream()
    };
    let (mut ends, mut goes_on) = (open(&path).await, open(&kept).await);
    let next = async |stream: &mut axum::body::BodyDataStream| {
        let bytes = tokio::time::timeout(PATIENCE, stream.next()).await.expect("silence")?.unwrap();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    assert_eq!(next(&mut ends).await.as_deref(), Some("retry: 2000\n\n"));
    assert!(next(&mut ends).await.unwrap().starts_with("event: seen\n"));
    let pages = &console.open.services.pages;
    pages.revoke_link(console.person(Role::Administrator), &own.id, &made.id).await.unwrap();
    assert!(next(&mut ends).await.unwrap().starts_with("event: ended\n"));
    assert_eq!(next(&mut ends).await, None);
    assert_eq!(next(&mut goes_on).await.as_deref(), Some("retry: 2000\n\n"));
    assert!(next(&mut goes_on).await.unwrap().starts_with("event: seen\n"));

    // Who looked is counted.
    ask(&console, &kept, &[]).await;
    ask(&console, &kept, &[]).await;
    ask(&console, &kept, &[("x-again", "1")]).await;
    let links = pages.links(&own.id).await.unwrap();
    assert_eq!(links.iter().map(|link| link.views).collect::<Vec<_>>(), [2]);
    assert!(links[0].seen_ms.is_some());
    console.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_made_changed_and_taken_away() {
    let console = TestConsole::start().await;
    let (pages, person) = (&console.open.services.pages, console.person(Role::Administrator));
    let made = page(&console, "own", PageAccess::Public).await;
    let taken = pages.make(person, &settings("own", PageAccess::Public)).await.unwrap_err();
    assert_eq!((taken.code.as_str(), taken.field.as_deref()), ("page.slug_taken", Some("page-slug")));
    let viewer = console.person(Role::Viewer);
    assert_eq!(
        pages.make(viewer, &settings("x", PageAccess::Link)).await.unwrap_err().code,
        "access.forbidden"
    );
    let wrong = PageSettings { zone: "Mars/Olympus".into(), ..settings("x", PageAccess::Link) };
    assert_eq!(pages.make(person, &wrong).await.unwrap_err().code, "page.zone");

    let moved = settings("elsewhere", PageAccess::Public);
    let saved = pages.save(person, &made.id, made.version, &moved).await.unwrap();
    assert_eq!(pages.save(person, &made.id, made.version, &moved).await.unwrap_err().code, "store.conflict");
    assert_eq!(ask(&console, "/status/own/", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ask(&console, "/status/elsewhere/", &[]).await.status, StatusCode::OK);
    let preview = pages.preview(&moved, Locale::En).await.unwrap();
    assert!(preview.contains("Title of elsewhere") && !preview.contains("<script"));
    pages.remove(person, &saved.id).await.unwrap();
    assert_eq!(ask(&console, "/status/elsewhere/", &[]).await.status, StatusCode::NOT_FOUND);
    eventually("it is written down", async || {
        let activity = console.open.store.activity().list(&Default::default(), 20).await.unwrap();
        ["page.created", "page.changed", "page.removed"].iter().all(|c| activity.iter().any(|a| a.code == *c))
    })
    .await;
    console.close().await;
}

//! `serve` and `healthcheck`.

use std::time::Instant;

use crate::program::{Served, at, data, eventually, home, mode, program, run};

#[tokio::test]
async fn set_up_code_is_printed_kept_private_and_gone_after_claiming() {
    let home = home();
    let console = Served::start(&home).await;
    let file = data(&home).join("setup-code");
    let code = console.code.clone().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), code);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&data(&home)), 0o700);
    assert_eq!(mode(&data(&home).join("keys.json")), 0o600);
    assert_eq!(mode(&data(&home).join("breakwater.db")), 0o600);
    // A restart before claiming makes a new code; the old one is worth nothing.
    assert_eq!(console.stop().await, Some(0));
    let console = Served::start(&home).await;
    assert_ne!(console.code.as_ref().unwrap(), &code);
    let typed = [("name", "Me"), ("password", "a hill of beans"), ("locale", "en"), ("public_address", "")];
    let (status, error) = console.form("claim", &[&typed[..], &[("code", code.as_str())]].concat()).await;
    assert_eq!((status, error["code"].as_str()), (401, Some("access.setup_code")));
    console.claim().await;
    assert!(!file.exists());
    let (status, error) =
        console.form("claim", &[&typed[..], &[("code", console.code.as_ref().unwrap())]].concat()).await;
    assert_eq!((status, error["code"].as_str()), (409, Some("access.claimed")));
    assert_eq!(console.stop().await, Some(0));
    let console = Served::start(&home).await;
    assert_eq!(console.code, None);
    assert_eq!(console.stop().await, Some(0));
}

#[tokio::test]
async fn healthcheck_tells_ready_from_not_ready_and_from_nothing() {
    let home = home();
    let console = Served::start(&home).await;
    let check = async |url: &str| run(program().args(["healthcheck", "--server", url])).await;
    assert_eq!(check(console.url()).await.well(), "ready\n");
    // Another process holds the database: it can be read, but keeps nothing.
    let ring = store::KeyRing::open(&data(&home)).unwrap();
    let other = store::Store::open(&store::DatabaseUrl::Embedded, &data(&home), ring).await.unwrap();
    let held = store::testing::hold_writes(&other).await.unwrap().unwrap();
    // An answer stands for a second.
    eventually("not ready", async || {
        let said = check(console.url()).await;
        said.code == Some(1) && said.err.contains("503")
    })
    .await;
    drop(held);
    eventually("ready again", async || check(console.url()).await.code == Some(0)).await;
    other.close().await;
    let url = console.url.clone();
    assert_eq!(console.stop().await, Some(0));
    check(&url).await.badly();
}

#[tokio::test]
async fn serve_stops_in_order_with_a_stream_open() {
    let home = home();
    let console = Served::start(&home).await;
    console.claim().await;
    let token = crate::program::token(&home, "viewer").await;
    let request = reqwest::Client::new().get(format!("{}/api/v1/events", console.url)).bearer_auth(&token);
    let mut stream = request.send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    let began = Instant::now();
    assert_eq!(console.stop().await, Some(0));
    // The stream is ended, not waited for: the grace for open requests is ten seconds.
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    while let Some(chunk) = stream.chunk().await.unwrap() {
        drop(chunk);
    }
}

#[tokio::test]
async fn serve_says_why_it_cannot_start() {
    let home = home();
    let serve = |words: &[&str]| {
        let mut command = at(&home, &["serve"]);
        command.args(words);
        command
    };
    let site = home.path().join("site").display().to_string();
    let said = run(&mut serve(&["--listen", "127.0.0.1:0", "--site", "nowhere"])).await.badly();
    assert!(said.contains("the site folder nowhere is not there; `make run` builds it"), "{said}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = run(&mut serve(&["--listen", &address, "--site", &site])).await.badly();
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");

    let gone = "postgres://bw:hunter2@127.0.0.1:1/bw";
    let said =
        run(&mut serve(&["--listen", "127.0.0.1:0", "--site", &site, "--database-url", gone])).await.badly();
    assert!(said.contains("postgres://bw@127.0.0.1:1/bw"), "{said}");
    assert!(said.contains("the database cannot be reached") && !said.contains("hunter2"), "{said}");

    std::fs::set_permissions(
        data(&home).join("keys.json"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    let said = run(&mut serve(&["--listen", "127.0.0.1:0", "--site", &site])).await.badly();
    assert!(said.contains("keys.json"), "{said}");
}

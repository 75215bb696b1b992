//! Locked, full, read-only, gone and back.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use store::{
    DatabaseUrl, StoreError,
    testing::{for_each_db, open_impatient, open_small},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

#[tokio::test]
async fn write_says_locked_while_another_process_holds_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_impatient(&DatabaseUrl::Embedded, dir.path()).await.unwrap();
    let path = dir.path().join(store::url::EMBEDDED_FILE);
    let raw = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    let holder = raw.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let refused = store.settings().set("k", &1).await.unwrap_err();
    assert_eq!(refused.code(), "store.locked");
    assert!(refused.is_transient());
    assert_eq!(store.events().append(None, "x", &1).await.unwrap_err().code(), "store.locked");
    assert_eq!(store.settings().get::<i64>("k").await.unwrap(), None, "readers go on");
    holder.rollback().await.unwrap();
    store.settings().set("k", &1).await.unwrap();
    store.close().await;
    raw.close().await;
}

#[tokio::test]
async fn write_says_full_and_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path(), 120).await.unwrap();
    let page = "x".repeat(20_000);
    let mut kept = 0;
    let refused = loop {
        match store.settings().set(&format!("k{kept}"), &page).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
        assert!(kept < 1000, "never full");
    };
    assert!(matches!(refused, StoreError::DiskFull(_)), "{refused:?}");
    assert!(kept > 0 && !refused.is_transient());
    for i in 0..kept {
        assert_eq!(
            store.settings().get::<String>(&format!("k{i}")).await.unwrap().as_deref(),
            Some(page.as_str())
        );
    }
    store.settings().remove("k0").await.unwrap();
    store.settings().set("again", &page).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn transaction_that_met_a_full_disk_leaves_no_connection_behind_that_refuses_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_small(dir.path(), 160).await.unwrap();
    // Each connection meets it in a transaction of its own.
    let page = "x".repeat(20_000);
    while store.events().append(None, "x", &page).await.is_ok() {}
    let full = (0..16).map(|_| async { store.events().append(None, "x", &page).await });
    for refused in futures::future::join_all(full).await {
        assert_eq!(refused.unwrap_err().code(), "store.disk_full");
    }
    let tries = (0..16).map(|_| async { store.events().append(None, "x", &page).await });
    for refused in futures::future::join_all(tries).await {
        assert_eq!(refused.unwrap_err().code(), "store.disk_full");
    }
    store.close().await;
}

#[tokio::test]
async fn open_says_read_only_and_denied_apart() {
    for_each_db(async |db| {
        let DatabaseUrl::Postgres(secret) = &db.url else { return };
        let url = secrecy::ExposeSecret::expose_secret(secret);
        let code = async |url: String| {
            let url: DatabaseUrl = url.parse().unwrap();
            open_impatient(&url, db.dir.path()).await.unwrap_err().code()
        };
        let standby = format!("{url}&options=-c%20default_transaction_read_only%3Don");
        assert_eq!(code(standby).await, "store.read_only");
        let mut stranger = url::Url::parse(url).unwrap();
        stranger.set_username("nobody_here").unwrap();
        assert_eq!(code(stranger.to_string()).await, "store.denied");
        let mut elsewhere = url::Url::parse(url).unwrap();
        elsewhere.set_port(Some(1)).unwrap();
        assert_eq!(code(elsewhere.to_string()).await, "store.unavailable");
    })
    .await;
}

/// What stands between the store and PostgreSQL.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Up,
    /// Connections break, new ones are closed at once.
    Cut,
    /// Packets vanish.
    Frozen,
}

struct Proxy {
    address: SocketAddr,
    line: Arc<watch::Sender<Line>>,
}

impl Proxy {
    async fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::new(watch::Sender::new(Line::Up));
        let state = Arc::clone(&line);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Self::carry(client, target.clone(), state.subscribe()));
            }
        });
        Self { address, line }
    }

    async fn carry(client: TcpStream, target: String, mut line: watch::Receiver<Line>) {
        if *line.borrow() == Line::Cut {
            return;
        }
        let Ok(server) = TcpStream::connect(&target).await else { return };
        let (mut client_in, mut client_out) = client.into_split();
        let (mut server_in, mut server_out) = server.into_split();
        loop {
            let state = *line.borrow_and_update();
            if state == Line::Cut {
                return;
            }
            let mut bytes = [0; 4096];
            let mut back = [0; 4096];
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            tokio::select! {
                changed = line.changed() => if changed.is_err() { return },
                n = client_in.read(&mut bytes), if state == Line::Up => match n {
                    Ok(n) if n > 0 => if server_out.write_all(&bytes[..n]).await.is_err() { return },
                    _ => return,
                },
                n = server_in.read(&mut back), if state == Line::Up => match n {
                    Ok(n) if n > 0 => if client_out.write_all(&back[..n]).await.is_err() { return },
                    _ => return,
                },
            }
        }
    }
}

#[tokio::test]
async fn postgres_gone_and_back_heals_by_itself() {
    for_each_db(async |db| {
        let DatabaseUrl::Postgres(secret) = &db.url else { return };
        let mut url = url::Url::parse(secrecy::ExposeSecret::expose_secret(secret)).unwrap();
        let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let proxy = Proxy::before(target).await;
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(proxy.address.port())).unwrap();
        let url: DatabaseUrl = url.as_str().parse().unwrap();
        let store = open_impatient(&url, db.dir.path()).await.unwrap();
        store.settings().set("k", &1).await.unwrap();
        let mut newest = store.events().newest();

        for trouble in [Line::Cut, Line::Frozen] {
            proxy.line.send_replace(trouble);
            let began = Instant::now();
            let error = store.settings().set("k", &2).await.unwrap_err();
            assert_eq!(error.code(), "store.unavailable", "{error:?}");
            assert!(error.is_transient() && began.elapsed() < Duration::from_secs(25));
            proxy.line.send_replace(Line::Up);
            let deadline = Instant::now() + Duration::from_secs(60);
            while let Err(error) = store.settings().set("k", &3).await {
                assert!(error.is_transient() && Instant::now() < deadline, "{error:?}");
            }
            assert_eq!(store.settings().get::<i64>("k").await.unwrap(), Some(3));
            // The listener finds its way back too.
            let id = db.store.events().append(None, "x", &0).await.unwrap();
            let heard = newest.wait_for(|n| *n >= id);
            tokio::time::timeout(Duration::from_secs(60), heard).await.unwrap().unwrap();
        }
        store.close().await;
    })
    .await;
}

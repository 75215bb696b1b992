//! What stands between the console and its PostgreSQL, and can be cut.

use std::net::SocketAddr;

use secrecy::ExposeSecret;
use store::DatabaseUrl;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub(crate) struct Proxy {
    address: SocketAddr,
    up: watch::Sender<bool>,
}

impl Proxy {
    /// In front of that database, and the address to reach it through the proxy; `None` for SQLite.
    pub(crate) async fn before(url: &DatabaseUrl) -> Option<(Self, DatabaseUrl)> {
        let DatabaseUrl::Postgres(secret) = url else { return None };
        let mut url = url::Url::parse(secret.expose_secret()).unwrap();
        let target = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self { address: listener.local_addr().unwrap(), up: watch::Sender::new(true) };
        let up = proxy.up.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target.clone(), up.clone()));
            }
        });
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(proxy.address.port())).unwrap();
        Some((proxy, url.as_str().parse().unwrap()))
    }

    /// Breaks every connection, and closes new ones at once.
    pub(crate) fn cut(&self) {
        self.up.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.up.send_replace(true);
    }
}

async fn carry(mut client: TcpStream, target: String, mut up: watch::Receiver<bool>) {
    if !*up.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(&target).await else { return };
    tokio::select! {
        _ = up.wait_for(|up| !up) => {}
        _ = copy_bidirectional(&mut client, &mut server) => {}
    }
}

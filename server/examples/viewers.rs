//! How long an event takes to reach every viewer: opens so many event streams of a running console, says `ready`,
//! and waits until each of them was told that a node went. `make bench` runs it.
//!
//! ```text
//! viewers 127.0.0.1:8210 TOKEN 10000
//! ```
//!
//! With the path of a status page it opens that page's streams instead, and one of the console, which hears first that the
//! node is away; then it waits until all of them have ended, which is when their link is revoked.
//!
//! ```text
//! viewers 127.0.0.1:8210 TOKEN 10000 /share/SECRET/live
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{
    error::Error,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};

/// The code of the event that is waited for.
const NEEDLE: &str = r#""code":"node.unreachable""#;
/// What the board and a status page say of it, in the language of who asks for none.
const SHOWN: &str = "is away";
/// What ends a page's events; the connection may stay.
const ENDED: &str = "event: ended";
/// Longest wait for it, once all are connected.
const PATIENCE: Duration = Duration::from_secs(120);
/// Connections that are opened side by side; more would overflow the listener's queue.
const AT_ONCE: usize = 100;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (address, token, count) =
        (next("the address")?, next("the token")?, next("the number")?.parse::<usize>()?);
    let page = arguments.next();
    let path = page.clone().unwrap_or_else(|| "/live".to_owned());
    let console = open(address.clone(), token.clone(), "/live".to_owned()).await?;
    let mut streams = Vec::with_capacity(count);
    while streams.len() < count {
        let one = |_| open(address.clone(), token.clone(), path.clone());
        let batch = (streams.len()..count).take(AT_ONCE).map(one);
        for stream in batch.collect::<JoinSet<_>>().join_all().await {
            streams.push(stream?);
        }
    }
    println!("ready {count}");
    let mut waits: Vec<i64> = Vec::with_capacity(count);
    if page.is_none() {
        let told = streams.into_iter().map(|stream| timeout(PATIENCE, told(stream))).collect::<JoinSet<_>>();
        for wait in told.join_all().await {
            let (found_ms, heard_ms) = wait??;
            waits.push(heard_ms - found_ms);
        }
    } else {
        let first = tokio::spawn(timeout(PATIENCE, says(console, SHOWN)));
        let shown =
            streams.into_iter().map(|stream| timeout(PATIENCE, says(stream, SHOWN))).collect::<JoinSet<_>>();
        let mut open = Vec::with_capacity(count);
        for shown in shown.join_all().await {
            let (stream, heard_ms) = shown??;
            open.push(stream);
            waits.push(heard_ms);
        }
        let (_, found_ms) = first.await???;
        waits.iter_mut().for_each(|heard_ms| *heard_ms -= found_ms);
        tokio::spawn(async move {
            let ended =
                open.into_iter().map(|stream| timeout(PATIENCE, says(stream, ENDED))).collect::<JoinSet<_>>();
            let all = ended.join_all().await.into_iter().filter(|end| matches!(end, Ok(Ok(_)))).count();
            println!("ended {all}");
            std::process::exit(0);
        });
    }
    waits.sort_unstable();
    let at = |share: f64| waits.get(((waits.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    println!("told {count} viewers: median {} ms, 99 % {} ms, last {} ms", at(0.5), at(0.99), at(1.0));
    if page.is_some() {
        tokio::time::sleep(PATIENCE).await;
    }
    Ok(())
}

/// A stream that has begun.
async fn open(address: String, token: String, path: String) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(&address).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; 15];
    stream.read_exact(&mut head).await?;
    if !head.starts_with(b"HTTP/1.1 200") {
        return Err(std::io::Error::other(String::from_utf8_lossy(&head).into_owned()));
    }
    Ok(stream)
}

/// The moment at which an open status page says that, and its stream.
async fn says(mut stream: TcpStream, what: &'static str) -> std::io::Result<(TcpStream, i64)> {
    let mut heard = String::new();
    let mut buffer = [0; 16_384];
    while !heard.contains(what) {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    Ok((stream, now_ms()))
}

/// The moments at which the console found the node gone and at which this viewer heard it, milliseconds.
async fn told(mut stream: TcpStream) -> std::io::Result<(i64, i64)> {
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let now = now_ms();
        heard.push_str(&String::from_utf8_lossy(&buffer[..length]));
        if let Some(found) = heard.find(NEEDLE).and_then(|at| found_at(&heard, at)) {
            return Ok((found, now));
        }
        // What was told before ends with its frame.
        if let Some(end) = heard.rfind("\n\n") {
            heard.drain(..end);
        }
    }
}

/// `at_ms` of the frame around a place in the text; `None` while the frame is not whole.
fn found_at(heard: &str, place: usize) -> Option<i64> {
    let from = heard[..place].rfind("\n\n").map_or(0, |end| end + 2);
    let frame = &heard[from..place + heard[place..].find("\n\n")?];
    let (_, rest) = frame.split_once(r#""at_ms":"#)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

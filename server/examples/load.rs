//! How many requests per second a running console answers: asks for one path over and over on kept connections, and
//! prints what came of it. `make bench` runs it beside the console, on the same cores.
//!
//! ```text
//! load 127.0.0.1:8210 /status/team/ 10 64
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Requests that are under way on one connection: what a proxy in front would send.
const AT_ONCE: usize = 16;
/// What tells the length of an answer, as the console writes it.
const LENGTH: &[u8] = b"\r\ncontent-length: ";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (address, path) = (next("the address")?, next("the path")?);
    let (seconds, connections) =
        (next("the seconds")?.parse::<u64>()?, next("the number of connections")?.parse::<usize>()?);
    let end = Instant::now() + Duration::from_secs(seconds);
    let one = |_| ask(address.clone(), path.clone(), end);
    let asked = (0..connections).map(one).collect::<JoinSet<_>>().join_all().await;
    let mut all = 0;
    for answered in asked {
        all += answered?;
    }
    println!("answered {} requests/s", all / seconds.max(1));
    Ok(())
}

/// Asks until then; tells how many answers came.
async fn ask(address: String, path: String, end: Instant) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let one = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: br\r\n\r\n");
    let batch = one.repeat(AT_ONCE);
    let (mut answered, mut heard) = (0, BytesMut::with_capacity(262_144));
    while Instant::now() < end {
        stream.write_all(batch.as_bytes()).await?;
        let mut left = AT_ONCE;
        while left > 0 {
            match whole(&heard)? {
                Some(length) => {
                    heard.advance(length);
                    left -= 1;
                    answered += 1;
                }
                None => {
                    if stream.read_buf(&mut heard).await? == 0 {
                        return Err(std::io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
    }
    Ok(answered)
}

/// The length of the first answer, once it is whole.
fn whole(heard: &[u8]) -> std::io::Result<Option<usize>> {
    let find = |what: &[u8]| heard.windows(what.len()).position(|part| part == what);
    let Some(end) = find(b"\r\n\r\n") else { return Ok(None) };
    if !heard.starts_with(b"HTTP/1.1 200") {
        return Err(std::io::Error::other(String::from_utf8_lossy(&heard[..end]).into_owned()));
    }
    let length = find(LENGTH).map_or(0, |at| {
        let digits = heard[at + LENGTH.len()..end].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
    });
    let whole = end + 4 + length;
    Ok((heard.len() >= whole).then_some(whole))
}

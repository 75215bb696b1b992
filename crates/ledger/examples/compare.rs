//! What a comparison of two Harbors costs: requests, time against a client that makes the same requests and throws
//! the answers away, memory, what the base takes on the disk, and requests after few changes. The two addresses stand on
//! standard input (one a line, any surrounding words are skipped, which is how `harbor-sim` lists its nodes); both hold
//! the same. With `memory` only the first comparison is made, and its memory told. `make bench` runs it.
//!
//! ```text
//! harbor-sim --nodes 2 | compare [memory]
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{
    collections::HashSet,
    error::Error,
    io::BufRead,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use harbor::{Credential, Harbor, NodeAddress, Outside, TlsChoice};
use ledger::{Depth, Pair, PairSide, PairState, compare_pair};
use model::{
    Topology,
    drift::Direction,
    names::{ClusterName, NodeName, project_of},
};
use store::{DatabaseUrl, KeyRing, Store, nodes::NodeFields};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The version that both pretend to be.
const VERSION: &str = "2.15.2";
/// Connections of the bare client to each node, as many as a comparison has requests under way.
const AT_ONCE: usize = 4;
const TURNS: usize = 5;
/// So many repositories change before it is looked again.
const CHANGES: [usize; 3] = [1, 10, 100];
/// What changed just before a look is looked at once more: longer ago than that.
const APART: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<()> {
    let addresses: Vec<SocketAddr> = std::io::stdin()
        .lock()
        .lines()
        .map_while(std::result::Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.split_whitespace().find_map(|word| word.strip_prefix("http://")?.parse().ok())
        })
        .collect();
    let addresses: [SocketAddr; 2] = addresses.try_into().map_err(|_| "two addresses are wanted")?;
    let dir = tempfile::tempdir()?;
    let mut pair = pair(&open(dir.path()).await?, addresses).await?;
    let empty = size(dir.path())?;

    let store = open(dir.path()).await?;
    let idle = memory_kb("VmRSS")?;
    let began = Instant::now();
    let state = compare_pair(&store, &pair, Depth::Whole, &|_| {}).await?;
    println!("first {:.1} s", began.elapsed().as_secs_f64());
    println!("memory {} MB above {} MB idle", (memory_kb("VmHWM")? - idle) / 1024, idle / 1024);
    store.close().await;
    if std::env::args().nth(1).as_deref() == Some("memory") {
        return Ok(());
    }
    println!("base {:.1} bytes", (size(dir.path())? - empty) as f64 / state.equal as f64);

    let store = open(dir.path()).await?;
    let requests = recorded(&store, &mut pair, addresses, Depth::Whole).await?;
    println!(
        "requests {} and {} for {} artifacts each",
        requests[0].len(),
        requests[1].len(),
        state.compared
    );
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut our_processor, mut bare_processor) = (0.0, 0.0);
    for _ in 0..TURNS {
        let (began, before) = (Instant::now(), processor()?);
        replay(addresses, &requests).await?;
        bare.push(began.elapsed().as_secs_f64());
        bare_processor += processor()? - before;
        let (began, before) = (Instant::now(), processor()?);
        let again = compare_pair(&store, &pair, Depth::Whole, &|_| {}).await?;
        ours.push(began.elapsed().as_secs_f64());
        our_processor += processor()? - before;
        assert_eq!((again.compared, again.equal), (state.compared, state.compared), "both hold the same");
    }
    let [ours, bare] = [ours, bare].map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[TURNS / 2]
    });
    println!("time {ours:.2} s against {bare:.2} s, {:.2} times", ours / bare);
    let turns = TURNS as f64;
    println!("processor {:.2} s against {:.2} s", our_processor / turns, bare_processor / turns);
    for changes in CHANGES {
        tokio::time::sleep(APART).await;
        let goal = change(&store, &pair, changes).await?;
        tokio::time::sleep(APART).await;
        let requests = recorded(&store, &mut pair, addresses, Depth::Changed).await?;
        println!("again after {changes}: {} and {} of {goal}", requests[0].len(), requests[1].len());
    }
    store.close().await;
    Ok(())
}

/// Gives so many repositories a new tag, the same on both sides, and tells what looking again may cost: 2 requests, one
/// for each project, and one for each thousand artifacts.
async fn change(store: &Store, pair: &Pair, changes: usize) -> Result<u64> {
    let mut all = store.ledger().repositories(&pair.id, "", u32::MAX).await?;
    let every = (all.len() / changes).max(1);
    all = all.into_iter().step_by(every).take(changes).collect();
    let tag = format!("again-{changes}");
    let both = all.iter().flat_map(|(name, _)| pair.sides.iter().map(move |side| (name, &side.projects)));
    stream::iter(both)
        .map(async |(name, harbor)| {
            let (project, repository) = name.split_once('/').unwrap_or_default();
            let artifact = harbor.artifact(project, repository, "v0").await?;
            harbor.create_tag(project, repository, &artifact.digest, &tag).await
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let projects: HashSet<&str> = all.iter().map(|(name, _)| project_of(name)).collect();
    let rows: i64 = all.iter().map(|(_, [a, b])| a.max(b)).sum();
    Ok(2 + projects.len() as u64 + u64::try_from(rows)?.div_ceil(1000))
}

async fn open(dir: &Path) -> Result<Store> {
    Ok(Store::open(&DatabaseUrl::Embedded, dir, KeyRing::open(dir)?).await?)
}

/// Bytes of the database in a folder, once it is closed.
fn size(dir: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(dir)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

/// The pair, with its rows in the database; the store is closed.
async fn pair(store: &Store, addresses: [SocketAddr; 2]) -> Result<Pair> {
    let name = ClusterName::parse("bench")?;
    let nothing = serde_json::json!({});
    let cluster = store.clusters().insert(&name, Topology::DualMaster, &nothing).await?;
    let mut sides = Vec::new();
    for (position, word) in [(0, "a"), (1, "b")] {
        let name = NodeName::parse(word)?;
        let fields =
            NodeFields { position, name: &name, address: "", tls: nothing.clone(), role: "", tier: 0 };
        let node = store.nodes().insert(&cluster.id, fields).await?.id;
        let harbor = harbor(addresses[sides.len()])?;
        sides.push(PairSide {
            node,
            name,
            projects: harbor.clone(),
            system: harbor,
            version: VERSION.parse()?,
            clock_offset_ms: 0,
            link_account: None,
            console_robot: None,
        });
    }
    let state = PairState::default();
    let row = store.ledger().pair_of(&cluster.id, &sides[0].node, &sides[1].node, &state).await?;
    store.close().await;
    let sides = sides.try_into().map_err(|_| "two sides")?;
    Ok(Pair {
        id: row.id,
        direction: Direction::Both,
        scope: Default::default(),
        whole_every_ms: None,
        sides,
    })
}

fn harbor(address: SocketAddr) -> Result<Harbor> {
    let outside = Outside::new(None, &[])?;
    let address = NodeAddress::parse(&format!("http://{address}"))?;
    let admin = Credential::basic("admin", "Harbor12345".to_owned());
    Ok(Harbor::new(&outside, address, &TlsChoice::System, admin)?)
}

/// The heads of all requests that a comparison makes of each side: it is made once more, through a forwarder.
async fn recorded(
    store: &Store,
    pair: &mut Pair,
    addresses: [SocketAddr; 2],
    depth: Depth,
) -> Result<[Vec<String>; 2]> {
    let heard: [Arc<Mutex<Vec<Vec<u8>>>>; 2] = Default::default();
    let mut forwarders = JoinSet::new();
    let straight = pair.sides.clone();
    for (side, (to, heard)) in pair.sides.iter_mut().zip(addresses.into_iter().zip(&heard)) {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        side.projects = harbor(listener.local_addr()?)?;
        side.system = side.projects.clone();
        forwarders.spawn(forward(listener, to, Arc::clone(heard)));
    }
    compare_pair(store, pair, depth, &|_| {}).await?;
    forwarders.shutdown().await;
    pair.sides = straight;
    Ok(heard.map(|connections| {
        let connections = connections.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        let all: Vec<String> = connections.iter().map(text).collect();
        // None of them has a body.
        all.iter().flat_map(|text| text.split_inclusive("\r\n\r\n")).map(str::to_owned).collect()
    }))
}

/// Passes everything on, and keeps what the client says on each connection.
async fn forward(listener: TcpListener, to: SocketAddr, heard: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(to).await else { return };
        let at = {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(Vec::new());
            heard.len() - 1
        };
        let heard = Arc::clone(&heard);
        let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        connections.spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await.map(drop) });
        connections.spawn(async move {
            let mut buffer = [0; 16_384];
            loop {
                let n = from_client.read(&mut buffer).await?;
                if n == 0 {
                    return Ok(());
                }
                heard.lock().unwrap_or_else(PoisonError::into_inner)[at].extend_from_slice(&buffer[..n]);
                to_server.write_all(&buffer[..n]).await?;
            }
        });
    }
}

/// Makes the same requests of both sides, and reads no answer.
async fn replay(addresses: [SocketAddr; 2], requests: &[Vec<String>; 2]) -> Result<()> {
    let mut workers = JoinSet::new();
    for (address, requests) in addresses.into_iter().zip(requests) {
        let (requests, next) = (Arc::new(requests.clone()), Arc::new(AtomicUsize::new(0)));
        for _ in 0..AT_ONCE {
            workers.spawn(ask(address, Arc::clone(&requests), Arc::clone(&next)));
        }
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(())
}

/// One connection, with the next request as soon as the last one is answered.
async fn ask(address: SocketAddr, requests: Arc<Vec<String>>, next: Arc<AtomicUsize>) -> Result<()> {
    let mut stream = BufReader::with_capacity(65_536, TcpStream::connect(address).await?);
    stream.get_ref().set_nodelay(true)?;
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        stream.get_mut().write_all(request.as_bytes()).await?;
        let mut length = None;
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 2 {
            let lower = line.to_ascii_lowercase();
            length = lower.strip_prefix("content-length:").map(|n| n.trim().parse()).transpose()?.or(length);
            line.clear();
        }
        let length: u64 = length.ok_or("an answer without a length")?;
        tokio::io::copy(&mut (&mut stream).take(length), &mut tokio::io::sink()).await?;
    }
    Ok(())
}

/// Seconds of processor time of this process so far.
fn processor() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold blanks; user and system time are the 12th and 13th field after it, in ticks.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / 100.0)
}

/// `VmRSS`, what is resident; `VmHWM`, the most that ever was. In KiB.
fn memory_kb(what: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix(what)).unwrap_or_default();
    Ok(line.trim_start_matches(':').split_whitespace().next().unwrap_or_default().parse()?)
}

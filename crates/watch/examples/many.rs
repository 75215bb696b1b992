//! How much it costs to watch many nodes: polls the addresses that stand on standard input (one a line, any
//! surrounding words are skipped, which is how `harbor-sim` lists its nodes) with the defaults of the console for
//! some seconds, and prints processor time, memory and what the nodes were. `make bench` runs it.
//!
//! ```text
//! harbor-sim --nodes 1000 | many 30
//! ```
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{error::Error, io::BufRead, time::Duration};

use harbor::{Credential, NodeAddress, Outside, TlsChoice};
use model::{
    Topology,
    health::HealthState,
    ids::{ClusterId, NodeId},
    names::{ClusterName, NodeName},
};
use store::{DatabaseUrl, KeyRing, Store};
use watch::{Watch, WatchConfig, WatchedCluster, WatchedNode};

/// Nodes of one cluster: the most that a cluster may have.
const PER_CLUSTER: usize = 50;
/// The first polls, with all their connections, are not measured.
const WARM_UP: Duration = Duration::from_secs(12);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds: u64 = std::env::args().nth(1).unwrap_or_default().parse().unwrap_or(30);
    let addresses: Vec<NodeAddress> = std::io::stdin()
        .lock()
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().find(|word| word.contains("://"))?.parse().ok())
        .collect();
    let dir = tempfile::tempdir()?;
    let store = Store::open(&DatabaseUrl::Embedded, dir.path(), KeyRing::open(dir.path())?).await?;
    let watch = Watch::start(WatchConfig::new(Outside::new(None, &[])?), store.clone());
    for (c, chunk) in addresses.chunks(PER_CLUSTER).enumerate() {
        let node = |(n, address): (usize, &NodeAddress)| {
            Some(WatchedNode {
                id: NodeId::parse(&uuid::Uuid::now_v7().to_string())?,
                name: NodeName::parse(&format!("node-{n}")).ok()?,
                address: address.clone(),
                tls: TlsChoice::System,
                credential: Credential::Anonymous,
                upstream: None,
            })
        };
        watch.set_cluster(WatchedCluster {
            id: ClusterId::parse(&uuid::Uuid::now_v7().to_string()).ok_or("no id")?,
            name: ClusterName::parse(&format!("cluster-{c}"))?,
            topology: Topology::SharedStorage,
            nodes: chunk.iter().enumerate().filter_map(node).collect(),
            entry: None,
        });
    }
    tokio::time::sleep(WARM_UP).await;
    let before = processor()?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let used = processor()? - before;
    let board = watch.board();
    let nodes = || board.clusters.iter().flat_map(|c| &c.nodes);
    println!("nodes {} up {}", nodes().count(), nodes().filter(|n| n.state == HealthState::Up).count());
    println!("processor {:.1} % of a core", used * 100.0 / seconds as f64);
    println!("memory {} MB", memory_kb()? / 1024);
    watch.shutdown().await;
    Ok(())
}

/// Seconds of processor time of this process so far.
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold blanks; user and system time are the 12th and 13th field after it, in ticks.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(11) + ticks(12)) / 100.0)
}

/// Resident memory.
fn memory_kb() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or_default();
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

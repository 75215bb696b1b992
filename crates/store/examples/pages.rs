//! How long a page of differences takes: fills a database with a million of them, then reads pages of 100 with each
//! filter a person can set, the first one and those from anywhere on. `make bench` runs it, on SQLite; with
//! `BREAKWATER_TEST_POSTGRES` set it fills that one.
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{error::Error, time::Instant};

use model::{
    Digest, Topology,
    drift::{Action, Certainty, Difference, Kind, Side},
    ids::PairId,
    names::{ClusterName, NodeName},
};
use serde_json::{Value, json};
use store::{
    DatabaseUrl, KeyRing, Store,
    ledger::{Compared, DriftFilter, NewDrift, Place, Reading},
    nodes::NodeFields,
};

const REPOSITORIES: u32 = 20_000;
const EACH: u32 = 50;
/// Repositories of one transaction.
const AT_ONCE: u32 = 500;
const PAGE: u32 = 100;
const TURNS: u32 = 200;
/// The kind of one difference in a hundred.
const RARE: Kind = Kind::Conflict;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let url: DatabaseUrl = std::env::var(store::testing::POSTGRES).unwrap_or_default().parse()?;
    let store = Store::open(&url, dir.path(), KeyRing::open(dir.path())?).await?;
    let pair = pair(&store).await?;
    let began = Instant::now();
    for first in (0..REPOSITORIES).step_by(AT_ONCE as usize) {
        fill(&store, &pair, first).await?;
    }
    println!("filled {} rows in {:.0} s", REPOSITORIES * EACH, began.elapsed().as_secs_f64());
    let any = DriftFilter::default;
    let text = |text: &str| DriftFilter { text: text.to_owned(), ..any() };
    let filters = [
        ("any", any()),
        ("a kind", DriftFilter { kind: Some(Kind::New), ..any() }),
        ("a rare kind", DriftFilter { kind: Some(RARE), ..any() }),
        ("an absent kind", DriftFilter { kind: Some(Kind::Retired), ..any() }),
        ("a text in all", text("app")),
        ("a text in 50", text("app-07777")),
        ("a text in one", text("app-17777:v1.0.33")),
        ("a text in none", text("nowhere")),
        ("a tag in all", text(":v")),
        ("a tag in one of 50", text("v1.0.33")),
        ("a text in all and a rare kind", DriftFilter { kind: Some(RARE), ..text("app") }),
        ("a text in all and an absent kind", DriftFilter { kind: Some(Kind::Retired), ..text("app") }),
        ("a text in 50 and a rare kind", DriftFilter { kind: Some(RARE), ..text("app-07777") }),
        ("a tag in all and a rare kind", DriftFilter { kind: Some(RARE), ..text(":v") }),
        ("a tag in all and an absent kind", DriftFilter { kind: Some(Kind::Retired), ..text("v") }),
        ("a tag in one of 50 and a rare kind", DriftFilter { kind: Some(RARE), ..text("v1.0.33") }),
        ("a text in all and a tag in none", text("app:nowhere")),
    ];
    for (name, filter) in &filters {
        let mut times = Vec::new();
        for turn in 0..TURNS {
            // Every second page is the first one; the others lie anywhere.
            let at = if turn % 2 == 0 { None } else { Some(turn * 7_919 % REPOSITORIES) };
            let after =
                at.map_or_else(Place::default, |n| Place { repository: repository(n), thing: tag(n % EACH) });
            let began = Instant::now();
            store.ledger().drifts(&pair, filter, &after, PAGE + 1).await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            // So slow a filter is known soon enough.
            if turn >= 9 && times.iter().sum::<f64>() > 5_000.0 {
                break;
            }
        }
        print(name, times);
    }
    let mut times = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        store.ledger().drift_totals(&pair).await?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    println!("totals median {:.1} ms", times[times.len() / 2]);
    store.close().await;
    Ok(())
}

fn print(name: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    println!("page {name}: median {:.1} ms, 99 % {:.1} ms", at(0.5), at(0.99));
}

async fn pair(store: &Store) -> Result<PairId, Box<dyn Error>> {
    let name = ClusterName::parse("bench")?;
    let cluster = store.clusters().insert(&name, Topology::DualMaster, &json!({})).await?;
    let mut nodes = Vec::new();
    for (position, name) in [(0, "a"), (1, "b")] {
        let name = NodeName::parse(name)?;
        let fields = NodeFields { position, name: &name, address: "", tls: json!({}), role: "", tier: 0 };
        nodes.push(store.nodes().insert(&cluster.id, fields).await?.id);
    }
    Ok(store.ledger().pair_of(&cluster.id, &nodes[0], &nodes[1], &json!({})).await?.id)
}

async fn fill(store: &Store, pair: &PairId, first: u32) -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = (first..first + AT_ONCE).map(repository).collect();
    let found: Vec<Compared<'_>> = (first..)
        .zip(&names)
        .map(|(at, name)| Compared {
            repository: name,
            reading: Some(Reading { compared: i64::from(EACH), ..Reading::default() }),
            drifts: Some((0..EACH).map(|n| drift(at, n)).collect()),
            ..Compared::default()
        })
        .collect();
    store.ledger().keep(pair, &found).await?;
    Ok(())
}

fn repository(n: u32) -> String {
    format!("project-{:02}/team/app-{n:05}", n % 20)
}

fn tag(n: u32) -> String {
    format!("v1.0.{n:02}")
}

/// One that looks like those of a comparison.
fn drift(repository: u32, n: u32) -> NewDrift {
    let (kind, heals) = match (repository + n) % 100 {
        0 => (RARE, false),
        1..10 => (Kind::NoHistory, false),
        10..40 => (Kind::Moved, true),
        _ => (Kind::New, true),
    };
    let held = |side: u8| {
        let mut bytes = [side; 32];
        bytes[..4].copy_from_slice(&repository.to_be_bytes());
        bytes[4..8].copy_from_slice(&n.to_be_bytes());
        Some(Digest::from_bytes(bytes))
    };
    let difference = Difference {
        tag: Some(tag(n)),
        kind,
        on: Some(Side::A),
        held: [held(1), held(2)],
        base: held(3),
        wanted: None,
        certainty: Certainty::Likely,
        evidence: Vec::new(),
        action: Action::Move { to: Side::B },
    };
    let body: Value = json!({
        "difference": difference, "bytes": [50_000_000, 50_000_000],
        "pushed_ms": [1_800_000_000_000_i64, 1_800_000_000_000_i64], "by": ["robot$ci", null],
    });
    NewDrift { thing: tag(n), kind, heals, bytes: 50_000_000, body }
}

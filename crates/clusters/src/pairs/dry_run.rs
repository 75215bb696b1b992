//! What a run of a link's rule would do, told from what the ledger found.

use ledger::{Drift, PairState};
use model::{
    AppError, Link,
    drift::{Kind, Side},
    rule::DryRun,
};
use store::{
    Store,
    ledger::{DriftFilter, Place},
};

use super::Known;

/// Rows read at once.
const PAGE: u32 = 1000;
/// Most rows looked at: beyond it nobody reads the figure to the last digit.
const MOST: u64 = 100_000;
/// Examples shown.
const SHOWN: usize = 10;

/// What a run over `link` would do.
///
/// # Errors
/// Those of the database.
pub(crate) async fn dry_run(
    store: &Store,
    known: &Known,
    link: &Link,
    overrides: bool,
) -> Result<DryRun, AppError> {
    let state: PairState = known.row.state_as()?;
    let from = if known.names[0] == link.source { Side::A } else { Side::B };
    let mut dry = DryRun {
        link: link.clone(),
        read_ms: state.read_ms,
        copies: 0,
        bytes: 0,
        brings_back: 0,
        overwrites: 0,
        skips: 0,
        same: state.equal,
        examples: Vec::new(),
    };
    // A rule asks nobody what was accepted.
    let all = DriftFilter { accepted: true, ..DriftFilter::default() };
    let (mut after, mut seen) = (Place::default(), 0);
    loop {
        let rows = store.ledger().drifts(&known.row.id, &all, &after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = Place { repository: last.repository.clone(), thing: last.thing.clone() };
        seen += rows.len() as u64;
        let full = rows.len() == PAGE as usize;
        for row in &rows {
            let drift: Drift = row.body_as()?;
            if take(&mut dry, &drift, from, overrides) && dry.examples.len() < SHOWN {
                dry.examples.push(name(&row.repository, &row.thing));
            }
        }
        if !full || seen >= MOST {
            break;
        }
    }
    Ok(dry)
}

fn name(repository: &str, thing: &str) -> String {
    if thing.starts_with('@') { format!("{repository}{thing}") } else { format!("{repository}:{thing}") }
}

/// Counts a difference; true where the run would write something.
fn take(dry: &mut DryRun, drift: &Drift, from: Side, overrides: bool) -> bool {
    let held = [from, from.other()].map(|side| drift.difference.held[side.at()]);
    match held {
        [Some(_), None] => {
            dry.copies += 1;
            dry.bytes += drift.bytes[from.at()];
            // It was there, and somebody deleted it.
            if matches!(drift.difference.kind, Kind::Deleted | Kind::Retired | Kind::Vanished) {
                dry.brings_back += 1;
            }
            true
        }
        [Some(here), Some(there)] if here != there && overrides => {
            dry.overwrites += 1;
            true
        }
        [Some(here), Some(there)] if here != there => {
            dry.skips += 1;
            false
        }
        _ => false,
    }
}

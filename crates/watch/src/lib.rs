//! Live health: who asks the nodes, what the answers mean, what is kept of it, and how every open page hears of it.
//!
//! A [`Watch`] polls each node of each cluster without any credential (`/ping`, `/health` by its body, `/v2/`, each
//! with its own deadline), and looks more slowly with the node's credential. Polls go into pure rules (`state`),
//! which say what changed; one task writes history and activity (`recorder`), another tells viewers (`teller`,
//! `live`). History is intervals, written when something changes, beside one row that says that somebody looked.
//!
//! It knows no web framework: a viewer is a [`LiveStream`] of ready SSE frames. It changes nothing at a Harbor.

mod canary;
mod config;
mod happenings;
mod history;
mod inner;
mod latency;
mod live;
mod looking;
mod poll;
mod poller;
mod reason;
mod recorder;
mod replicas;
mod slow;
mod state;
mod subject;
mod teller;
mod tracker;
mod warning;
mod watch;

pub use config::{Loader, POLL_LIMITS, WatchConfig, WatchedCluster, WatchedEntry, WatchedNode, Words};
pub use happenings::HappeningFilter;
pub use live::LiveStream;
pub use state::{LinkNote, News};
pub use subject::Subject;
pub use watch::Watch;

fn millis(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

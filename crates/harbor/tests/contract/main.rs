//! The contract with real Harbors: what was recorded on them is asked again of the simulator, call by call, and
//! every recorded answer is read by the client's own types.
//!
//! Only calls of the client's inventory count; the rest are sent where they change something that later calls
//! see, and are reported as unused. Names and ids are changed before the replay (the seed is printed), so that
//! nothing can be answered by looking a recorded name up.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test's report and helpers")]

mod compare;
mod exceptions;
mod mapping;
mod read;
mod recording;
mod relay;
mod replay;
mod report;
mod stage;

use recording::{Folder, TOPICS, VERSIONS};
use report::Report;

/// Versions that the client knows beyond the recorded ones.
const UNRECORDED: [&str; 3] = ["2.10.3", "2.13.5", "2.16-dev"];

/// `CONTRACT_ONLY=v2.15.2/04-policies` replays one topic; for whoever closes a gap.
fn wanted(version: &str, topic: &str) -> bool {
    std::env::var("CONTRACT_ONLY").map_or(true, |only| format!("{version}/{topic}").starts_with(&only))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simulator_answers_as_real_harbors_did() {
    let Some(folder) = Folder::find() else { return };
    let seed = mapping::seed();
    println!("seed {seed} (CONTRACT_SEED={seed} repeats this run)");
    let mut report = Report::default();
    // Each version on its own: most of the time is spent waiting for runs.
    let mut replays = tokio::task::JoinSet::new();
    for version in VERSIONS {
        let mut recordings = Vec::new();
        for topic in TOPICS.into_iter().filter(|t| wanted(version, t)) {
            match folder.read(version, topic) {
                Some(recording) => recordings.push(recording),
                None => report.unrecorded(version, topic),
            }
        }
        replays.spawn(async move {
            let mut report = Report::default();
            for recording in recordings {
                replay::run(&recording, seed, &mut report).await;
            }
            report
        });
    }
    while let Some(done) = replays.join_next().await {
        report.add(done.unwrap());
    }
    for version in UNRECORDED {
        report.unrecorded(version, "any topic");
    }
    println!("{report}");
    report.judge();
}

#[test]
fn client_reads_every_recorded_body() {
    let Some(folder) = Folder::find() else { return };
    let mut bodies = 0;
    let mut faults = Vec::new();
    for version in VERSIONS {
        for topic in TOPICS {
            let Some(recording) = folder.read(version, topic) else { continue };
            for exchange in &recording.exchanges {
                match read::by_client(exchange) {
                    read::Outcome::Read => bodies += 1,
                    read::Outcome::NotRead(why) => {
                        faults.push(format!("{version} {topic} {}: {why}", exchange.id))
                    }
                    read::Outcome::Nothing => {}
                }
            }
        }
    }
    println!("{bodies} recorded bodies read by the client's types");
    assert!(bodies > 1000, "only {bodies} bodies: the recordings were not found as expected");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

//! Differences that are accepted, each with its reason. Never the status of a write.

pub(crate) struct Exception {
    topic: &'static str,
    id: &'static str,
    /// Versions it holds for; empty is all.
    versions: &'static [&'static str],
    /// Why the simulator may answer otherwise.
    #[expect(dead_code, reason = "read by people")]
    reason: &'static str,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        topic: "05-executions",
        id: "tasks-single-skipped",
        versions: &["v2.8.6"],
        reason: "2.8 runs both throttled runs at once; whether the second task had a worker yet is a matter of seconds",
    },
    Exception {
        topic: "06-projects-artifacts",
        id: "labels-project",
        versions: &[],
        reason: "the label is made by a body that names its project by the recorded id, which the replay does not translate",
    },
    Exception {
        topic: "09-robots",
        id: "everything/queues",
        versions: &["v2.14.4"],
        reason: "jobs of other experiments waited in the queue at that moment",
    },
];

pub(crate) fn find(version: &str, topic: &str, id: &str) -> Option<&'static Exception> {
    let holds = |e: &&Exception| {
        e.topic == topic && e.id == id && (e.versions.is_empty() || e.versions.contains(&version))
    };
    EXCEPTIONS.iter().find(holds)
}

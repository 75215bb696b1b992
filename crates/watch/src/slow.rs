//! The slower look, with the node's credential: version, clock, queues, schedules, quotas, certificate, and a pull.
//!
//! A refused credential is the client's business: it sends nothing more with it until another one is set
//! (`harbor-facts` A.2: every wrong try locks the account for 1.5 s).

use harbor::{Harbor, HarborError};
use model::{HarborVersion, address::Scheme, health::QueueHealth};

use crate::canary::{Canary, Pulled};

/// The queue that replication waits in.
const REPLICATION: &str = "REPLICATION";
/// Projects fuller than this are told.
const NEARLY_FULL: f64 = 0.9;

/// What the slower looks found. A part that may not be read, or did not answer, stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slow {
    pub(crate) version: Option<HarborVersion>,
    /// Its clock minus ours.
    pub(crate) clock_offset_ms: Option<i64>,
    pub(crate) read_only: bool,
    pub(crate) queue: Option<QueueHealth>,
    pub(crate) schedules: Option<u32>,
    /// Projects whose quota is nearly used up, with the share used in percent, fullest first.
    pub(crate) full: Vec<(String, u32)>,
    pub(crate) cert_not_after_ms: Option<i64>,
    pub(crate) credential_refused: bool,
    pub(crate) pulled: Option<Pulled>,
    /// Looks in a row in which the pull failed.
    pub(crate) pull_failures: u32,
}

/// The certificate changes rarely, and reading it takes a handshake of its own: every so many looks.
const CERTIFICATE_EVERY: u32 = 10;

/// One look. `round` counts the looks at this node.
pub(crate) async fn look(
    harbor: &Harbor,
    canary: &mut Canary,
    before: &Slow,
    round: u32,
    now_ms: impl Fn() -> i64,
) -> Slow {
    let mut slow = before.clone();
    if harbor.address().scheme() == Scheme::Https
        && (round.is_multiple_of(CERTIFICATE_EVERY) || slow.cert_not_after_ms.is_none())
    {
        slow.cert_not_after_ms = certificate_end(harbor).await.or(slow.cert_not_after_ms);
    }
    let asked = now_ms();
    match harbor.systeminfo().await {
        Ok(info) => {
            slow.credential_refused = false;
            // The answer was made about halfway between question and answer.
            let halfway = asked + (now_ms() - asked) / 2;
            slow.clock_offset_ms = info.current_time.map(|theirs| theirs - halfway);
            slow.read_only = info.read_only;
            slow.version = info.harbor_version.or(slow.version);
        }
        Err(error) => {
            slow.credential_refused = harbor.credential_refused();
            tracing::debug!(code = error.code(), node = %harbor.address(), "no system information");
        }
    }
    if !harbor.signed_in() || slow.credential_refused {
        // Old knowledge would look like new.
        slow = Slow {
            version: slow.version,
            cert_not_after_ms: slow.cert_not_after_ms,
            credential_refused: slow.credential_refused,
            ..Slow::default()
        };
        return slow;
    }
    let (queues, schedules, quotas) = tokio::join!(harbor.queues(), harbor.schedules(), harbor.quotas());
    if let Some(queues) = allowed(queues, &mut slow.queue) {
        let replication = queues.into_iter().find(|q| q.job_type == REPLICATION);
        slow.queue = replication.map(|q| QueueHealth { pending: q.count, paused: q.paused });
    }
    if let Some(rows) = allowed(schedules, &mut slow.schedules) {
        let rows = rows.iter().filter(|s| s.vendor_type == REPLICATION).count();
        slow.schedules = Some(u32::try_from(rows).unwrap_or(u32::MAX));
    }
    let mut quotas_seen = Some(());
    if let Some(quotas) = allowed(quotas, &mut quotas_seen) {
        slow.full = nearly_full(quotas.into_iter().map(|q| (q.project.name, q.used.storage, q.hard.storage)));
    } else if quotas_seen.is_none() {
        slow.full.clear();
    }
    match canary.pull(harbor).await {
        Ok(pulled) => {
            slow.pulled = pulled;
            slow.pull_failures = 0;
        }
        Err(failed) => {
            slow.pull_failures = slow.pull_failures.saturating_add(1);
            slow.pulled = Some(failed);
        }
    }
    slow
}

/// The answer; a right that is missing empties what was known, any other failure leaves it.
fn allowed<T, K>(result: Result<T, HarborError>, known: &mut Option<K>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(HarborError::Forbidden(_) | HarborError::NotFound(_)) => {
            *known = None;
            None
        }
        Err(_) => None,
    }
}

fn nearly_full(quotas: impl Iterator<Item = (String, i64, i64)>) -> Vec<(String, u32)> {
    let mut full: Vec<(String, u32)> = quotas
        .filter(|(_, used, hard)| *hard > 0 && *used as f64 >= *hard as f64 * NEARLY_FULL)
        .map(|(project, used, hard)| (project, (used as f64 * 100.0 / hard as f64) as u32))
        .collect();
    full.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    full
}

/// End of the certificate that is shown, also where it would be refused.
pub(crate) async fn certificate_end(harbor: &Harbor) -> Option<i64> {
    harbor.certificate().await.ok().map(|leaf| leaf.not_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_full_names_the_fullest_first_and_no_unlimited_one() {
        let quotas = [("a", 95, 100), ("b", 50, 100), ("c", 1000, -1), ("d", 100, 100)];
        let full = nearly_full(quotas.into_iter().map(|(p, used, hard)| (p.to_owned(), used, hard)));
        assert_eq!(full, [("d".to_owned(), 100), ("a".to_owned(), 95)]);
    }
}

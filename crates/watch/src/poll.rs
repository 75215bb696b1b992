//! One poll: is it there, is it well, can one pull? Nothing here carries a credential.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use harbor::{Harbor, HarborError};
use model::health::{Component, PollAnswer};
use tokio::{sync::Notify, time::Instant};

use crate::reason::Reason;

/// A question waits this long for the one before it, so that a healthy node is asked over one connection and a
/// hanging one is asked everything at once.
const STAGGER: Duration = Duration::from_millis(300);

/// What a poll gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Poll {
    pub(crate) answer: PollAnswer,
    pub(crate) reason: Option<Reason>,
    /// Answer time; none without a good answer.
    pub(crate) latency_ms: Option<u32>,
}

impl Poll {
    /// What could not even be asked.
    pub(crate) fn nothing(error: &HarborError) -> Self {
        let (answer, reason) = nothing(error);
        Self { answer, reason, latency_ms: None }
    }
}

/// Asks a node `/health` and `/v2/`, and `/ping` where its health is not told at once: that needs no database, and
/// tells a node that is gone from one whose database hangs. Each has its own deadline.
pub(crate) async fn node(harbor: &Harbor, deadline: Duration) -> Poll {
    let harbor = harbor.within(deadline);
    let (ended, told, well) = (Notify::new(), Notify::new(), AtomicBool::new(false));
    let health = async {
        let started = Instant::now();
        let result = harbor.health().await;
        well.store(result.is_ok(), Ordering::Relaxed);
        ended.notify_one();
        told.notify_one();
        (result, millis(started.elapsed()))
    };
    let ping = async {
        after(&ended).await;
        if well.load(Ordering::Relaxed) { Ok(()) } else { harbor.ping().await }
    };
    let base = async {
        after(&told).await;
        base(&harbor).await
    };
    let ((health, latency_ms), ping, base) = tokio::join!(health, ping, base);
    let health = health.and_then(|health| {
        let parts: Vec<Component> = health.components.into_iter().map(part).collect();
        // A page of JSON that is no health report has neither.
        if parts.is_empty() && health.status != "healthy" {
            return Err(HarborError::NotHarbor("it does not tell its health".to_owned()));
        }
        Ok(parts)
    });
    let (answer, reason) = judge(health, ping, base);
    let latency_ms = matches!(answer, PollAnswer::Health { .. }).then_some(latency_ms);
    Poll { answer, reason, latency_ms }
}

/// Asks an entry `/v2/` and `/ping`. Which node it leads to is chance, so that node's parts say nothing of it.
pub(crate) async fn entry(harbor: &Harbor, deadline: Duration) -> Poll {
    let harbor = harbor.within(deadline);
    let pinged = Notify::new();
    let ping = async {
        let result = harbor.ping().await;
        pinged.notify_one();
        result
    };
    let base = async {
        after(&pinged).await;
        let started = Instant::now();
        (base(&harbor).await, millis(started.elapsed()))
    };
    let (ping, (base, latency_ms)) = tokio::join!(ping, base);
    let (answer, reason) = judge(ping.clone().map(|()| Vec::new()), ping, base);
    let latency_ms = matches!(answer, PollAnswer::Health { .. }).then_some(latency_ms);
    Poll { answer, reason, latency_ms }
}

async fn after(earlier: &Notify) {
    // Elapsed or notified: either way it is time.
    let _ = tokio::time::timeout(STAGGER, earlier.notified()).await;
}

/// `/v2/` answers nobody with a challenge, which shows that the way to the registry is open.
async fn base(harbor: &Harbor) -> Result<(), HarborError> {
    harbor.challenge().await.map(drop)
}

fn part(told: harbor::api::discovery::Component) -> Component {
    let healthy = told.status == "healthy";
    Component { name: told.name, healthy, error: (!told.error.is_empty()).then_some(told.error) }
}

fn millis(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX).max(1)
}

/// What three answers say together.
fn judge(
    health: Result<Vec<Component>, HarborError>,
    ping: Result<(), HarborError>,
    base: Result<(), HarborError>,
) -> (PollAnswer, Option<Reason>) {
    match (health, ping) {
        (Ok(components), ping) => {
            let known = Reason::component(&components);
            match base.and(ping) {
                // A sick part explains what fails with it.
                Err(error) if known.is_none() => {
                    let reason = Reason::registry_path(&error);
                    (PollAnswer::NoPull { components, reason_code: reason.code.to_owned() }, Some(reason))
                }
                _ => (PollAnswer::Health { components }, known),
            }
        }
        (Err(error), Ok(())) => no_health(Reason::no_health(&error)),
        (Err(error), Err(ping)) => {
            let status = [&error, &ping].into_iter().find_map(|e| match e {
                HarborError::Server { status, .. } => Some(*status),
                HarborError::TooManyRequests => Some(429),
                _ => None,
            });
            match status {
                Some(status) => no_health(Reason::server(status)),
                // Silence is the least telling of two errors.
                None if matches!(error, HarborError::Timeout(_)) => nothing(&ping),
                None => nothing(&error),
            }
        }
    }
}

fn no_health(reason: Reason) -> (PollAnswer, Option<Reason>) {
    (PollAnswer::NoHealth { reason_code: reason.code.to_owned() }, Some(reason))
}

fn nothing(error: &HarborError) -> (PollAnswer, Option<Reason>) {
    let reason = Reason::nothing(error);
    (PollAnswer::Nothing { reason_code: reason.code.to_owned() }, Some(reason))
}

#[cfg(test)]
mod tests {
    use model::health::{HealthState, judge_poll};

    use super::*;

    const SILENCE: HarborError = HarborError::Timeout(4000);

    fn parts(sick: &[&str]) -> Vec<Component> {
        ["core", "database", "jobservice", "redis", "registry"]
            .into_iter()
            .map(|name| Component { name: name.to_owned(), healthy: !sick.contains(&name), error: None })
            .collect()
    }

    fn verdict(
        health: Result<Vec<Component>, HarborError>,
        ping: Result<(), HarborError>,
        base: Result<(), HarborError>,
    ) -> (HealthState, Option<&'static str>) {
        let (answer, reason) = judge(health, ping, base);
        assert_eq!(answer.reason_code(), reason.as_ref().map(|r| r.code));
        (judge_poll(&answer), reason.map(|r| r.code))
    }

    #[test]
    fn judge_names_a_hanging_database_when_core_answers() {
        assert_eq!(verdict(Err(SILENCE), Ok(()), Err(SILENCE)), (HealthState::Down, Some("health_hangs")));
        assert_eq!(
            verdict(Err(SILENCE), Err(SILENCE), Err(SILENCE)),
            (HealthState::Unreachable, Some("timeout"))
        );
    }

    #[test]
    fn judge_tells_a_dead_core_from_a_dead_host() {
        let bad = || HarborError::Server { status: 502, message: String::new() };
        assert_eq!(verdict(Err(bad()), Err(bad()), Err(bad())), (HealthState::Down, Some("gateway")));
        let gone = || HarborError::Refused;
        assert_eq!(
            verdict(Err(gone()), Err(gone()), Err(gone())),
            (HealthState::Unreachable, Some("refused"))
        );
    }

    #[test]
    fn judge_prefers_the_sick_part_to_what_fails_with_it() {
        let broken = || HarborError::Server { status: 500, message: String::new() };
        assert_eq!(
            verdict(Ok(parts(&["registry"])), Ok(()), Err(broken())),
            (HealthState::Down, Some("component"))
        );
        assert_eq!(
            verdict(Ok(parts(&[])), Ok(()), Err(broken())),
            (HealthState::Down, Some("registry_path"))
        );
        assert_eq!(
            verdict(Ok(parts(&["jobservice"])), Ok(()), Ok(())),
            (HealthState::Degraded, Some("component"))
        );
        assert_eq!(verdict(Ok(parts(&[])), Ok(()), Ok(())), (HealthState::Up, None));
    }

    #[test]
    fn judge_takes_the_more_telling_error() {
        let dns = HarborError::Dns("a.test".to_owned());
        assert_eq!(verdict(Err(SILENCE), Err(dns), Err(SILENCE)).1, Some("dns"));
        assert_eq!(verdict(Err(HarborError::LoginProxy), Err(SILENCE), Ok(())).1, Some("not_harbor"));
    }
}

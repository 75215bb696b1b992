//! Live health: what a node answered last, what that makes of the cluster, and history as intervals.

use serde::{Deserialize, Serialize};

use crate::{
    Link, Say, Topology,
    ids::{ClusterId, NodeId},
    names::{ClusterName, NodeName},
};

/// How a node, a link or an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HealthState {
    /// Everything that was asked answered well.
    Up,
    /// Answers, but a part of it is sick; the reason names it.
    Degraded,
    /// Answers that it cannot work.
    Down,
    /// Does not answer; the reason says why.
    Unreachable,
    /// Nobody has looked yet, or not lately.
    #[default]
    Unknown,
}

impl HealthState {
    /// Worst first when several are summed up.
    pub fn rank(self) -> u8 {
        match self {
            Self::Down | Self::Unreachable => 0,
            Self::Degraded => 1,
            Self::Unknown => 2,
            Self::Up => 3,
        }
    }

    /// Whether users of that node can work with it.
    pub fn is_serving(self) -> bool {
        matches!(self, Self::Up | Self::Degraded)
    }

    /// Whether it was looked for and does not serve: what others send does not reach it.
    pub fn is_away(self) -> bool {
        matches!(self, Self::Down | Self::Unreachable)
    }

    /// The stable word in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the stable word; anything else is unknown.
    pub fn parse(word: &str) -> Self {
        [Self::Up, Self::Degraded, Self::Down, Self::Unreachable]
            .into_iter()
            .find(|s| s.as_str() == word)
            .unwrap_or(Self::Unknown)
    }
}

/// One part of a Harbor as its `/health` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Component {
    /// Harbor's word: core, database, jobservice, portal, redis, registry, registryctl, trivy …
    pub name: String,
    /// Whether Harbor says healthy.
    pub healthy: bool,
    /// Harbor's own error text, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What is known of one node, newest answers first in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeHealth {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: NodeName,
    /// Its address, as shown.
    pub address: String,
    /// How it is.
    pub state: HealthState,
    /// Since when, UTC milliseconds.
    pub since_ms: i64,
    /// When it was last asked and the answer (or its absence) was known, UTC milliseconds; 0 for never.
    pub seen_ms: i64,
    /// One poll says otherwise; the next one decides.
    #[serde(default)]
    pub checking: bool,
    /// Why it is not up, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Say>,
    /// The stable code of the reason. Unreachable: `dns`, `refused`, `no_route`, `timeout`, `tls`, `cut`,
    /// `not_harbor`, `setup`; down: `gateway`, `health_hangs`, `health_failed`, `registry_path`; degraded: `pull`;
    /// down or degraded: `component`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Say>,
    /// What deserves a look though the node works; most urgent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Parts in Harbor's order; empty while unreachable.
    pub components: Vec<Component>,
    /// Answer time of the last good poll, milliseconds.
    pub latency_ms: Option<u32>,
    /// Median answer time of the last hour, milliseconds.
    pub usual_ms: Option<u32>,
    /// Harbor's version without the commit.
    pub version: Option<String>,
    /// End of the certificate, UTC milliseconds; `None` for http.
    pub cert_not_after_ms: Option<i64>,
    /// Its clock minus ours.
    pub clock_offset_ms: Option<i64>,
    /// Pending jobs of the replication queue, and whether it is paused.
    pub replication_queue: Option<QueueHealth>,
    /// Scheduled rules that have a row in Harbor's own schedule list.
    pub schedules: Option<u32>,
    /// How long the last pull of the canary took, milliseconds; `None` if it failed, or was not tried yet.
    pub canary_ms: Option<u32>,
    /// The artifact that is pulled to see whether pulls work, `project/repository:tag`; `None` while none was
    /// found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
    /// Certificate verification is off; a lasting warning.
    #[serde(default)]
    pub unverified: bool,
    /// The stored credential was refused; polls go on without it.
    #[serde(default)]
    pub credential_refused: bool,
}

impl NodeHealth {
    /// Whether its last answer took far longer than usual: five times as long, and half a second more.
    pub fn is_slow(&self) -> bool {
        match (self.latency_ms, self.usual_ms) {
            (Some(last), Some(usual)) => last > usual.saturating_mul(5) && last > usual.saturating_add(500),
            _ => false,
        }
    }
}

/// Something about a node that works, which somebody should look at before it stops working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// Stable: `certificate`, `clock`, `queue_paused`, `quota`, `read_only`, `pull`, `credential`, `unverified`.
    pub code: String,
    /// What was seen, with its value.
    pub text: Say,
    /// What to do about it.
    pub next: Say,
}

/// A queue of the job service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueHealth {
    /// Jobs that wait.
    pub pending: u64,
    /// Whether somebody paused it.
    pub paused: bool,
}

/// How one link is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkHealth {
    /// Which link.
    #[serde(flatten)]
    pub link: Link,
    /// Up when both ends serve and the last run of its rule succeeded.
    pub state: HealthState,
    /// A few words for the drawing: "equal 05:39", "waiting for beijing".
    pub label: Option<Say>,
}

/// The address users pull from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryHealth {
    /// As shown.
    pub address: String,
    /// How it is.
    pub state: HealthState,
    /// Since when, UTC milliseconds.
    pub since_ms: i64,
    /// Last asked, UTC milliseconds.
    pub seen_ms: i64,
    /// Answer time.
    pub latency_ms: Option<u32>,
    /// Why it is not up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Say>,
    /// The stable code of the reason, as of a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Say>,
    /// One poll says otherwise; the next one decides.
    #[serde(default)]
    pub checking: bool,
    /// End of its certificate, UTC milliseconds; `None` for http, or before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cert_not_after_ms: Option<i64>,
}

/// Everything the board shows of one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterHealth {
    /// Its id.
    pub id: ClusterId,
    /// Its name.
    pub name: ClusterName,
    /// Its topology.
    pub topology: Topology,
    /// The worst that matters to its users.
    pub state: HealthState,
    /// What it can and cannot do now, as a sentence.
    pub sentence: Say,
    /// In the order of the cluster.
    pub nodes: Vec<NodeHealth>,
    /// Links with direction.
    pub links: Vec<LinkHealth>,
    /// The entry, where there is one.
    pub entry: Option<EntryHealth>,
}

/// Everything the board shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Board {
    /// By name.
    pub clusters: Vec<ClusterHealth>,
    /// Every node of every cluster went at once: the console may itself be cut off.
    pub cut_off: bool,
    /// When it was put together, UTC milliseconds.
    pub at_ms: i64,
}

impl Board {
    /// The headline: how many clusters need somebody.
    pub fn headline(&self) -> Say {
        let all = self.clusters.len();
        let sick = self.clusters.iter().filter(|c| c.state != HealthState::Up).count();
        if self.cut_off {
            return crate::say!(
                "Breakwater cannot reach any node: is it cut off itself?",
                "Breakwater 无法连接任何节点：是不是它自己断网了？"
            );
        }
        match (sick, all) {
            (_, 0) => crate::say!("No clusters yet", "还没有集群"),
            (0, 1) => crate::say!("The cluster is well", "集群一切正常"),
            (0, _) => crate::say!("All {all} clusters are well", "{all} 个集群一切正常"),
            (1, 1) => crate::say!("The cluster needs you", "集群需要您处理"),
            _ => crate::say!("{sick} of {all} clusters need you", "{all} 个集群中有 {sick} 个需要您处理"),
        }
    }
}

/// What one poll of one node gave, before two of them make a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub enum PollAnswer {
    /// `/health` and `/v2/` answered within their deadlines.
    Health {
        /// Its parts.
        components: Vec<Component>,
    },
    /// `/health` answered, but `/v2/`, the way of every pull and push, did not.
    NoPull {
        /// Its parts.
        components: Vec<Component>,
        /// `registry_path`.
        reason_code: String,
    },
    /// Something of Harbor answered, but `/health` did not, or with an error.
    NoHealth {
        /// `health_hangs` (`/ping` answers: its database hangs, behaviour `frozen-parts`), `health_failed`,
        /// `gateway` (only the proxy before core answers).
        reason_code: String,
    },
    /// Nothing of Harbor answered.
    Nothing {
        /// `dns`, `refused`, `no_route`, `timeout`, `tls`, `cut`, `not_harbor`, `setup`.
        reason_code: String,
    },
}

impl PollAnswer {
    /// The parts, where `/health` named them.
    pub fn components(&self) -> &[Component] {
        match self {
            Self::Health { components } | Self::NoPull { components, .. } => components,
            Self::NoHealth { .. } | Self::Nothing { .. } => &[],
        }
    }

    /// Why it is not up; `None` when everything is well.
    pub fn reason_code(&self) -> Option<&str> {
        match self {
            Self::Health { components } => components.iter().any(|c| !c.healthy).then_some("component"),
            Self::NoPull { reason_code, .. }
            | Self::NoHealth { reason_code }
            | Self::Nothing { reason_code } => Some(reason_code),
        }
    }
}

/// What one poll says of the node. A Harbor whose core, database or Redis is sick serves nobody: down. Without
/// its registry it serves the portal only: down too. Anything else sick leaves pulls working: degraded.
pub fn judge_poll(answer: &PollAnswer) -> HealthState {
    match answer {
        PollAnswer::Nothing { .. } => HealthState::Unreachable,
        PollAnswer::NoHealth { .. } | PollAnswer::NoPull { .. } => HealthState::Down,
        PollAnswer::Health { components } => {
            let sick = |name: &str| components.iter().any(|c| c.name == name && !c.healthy);
            if ["core", "database", "redis", "registry"].into_iter().any(sick) {
                HealthState::Down
            } else if components.iter().any(|c| !c.healthy) {
                HealthState::Degraded
            } else {
                HealthState::Up
            }
        }
    }
}

/// What the states of its nodes and entry make of a cluster, and the sentence that says so.
pub fn judge_cluster(
    topology: Topology,
    nodes: &[(NodeName, HealthState)],
    entry: Option<HealthState>,
) -> (HealthState, Say) {
    use crate::say;
    let all = nodes.len();
    let serving = nodes.iter().filter(|(_, s)| s.is_serving()).count();
    let unknown = nodes.iter().filter(|(_, s)| *s == HealthState::Unknown).count();
    let names = |wanted: fn(HealthState) -> bool| {
        let hit: Vec<&str> = nodes.iter().filter(|(_, s)| wanted(*s)).map(|(n, _)| n.as_str()).collect();
        (hit.join(", "), hit.join("、"))
    };
    let (gone_en, gone_zh) = names(HealthState::is_away);
    if unknown == all {
        return (HealthState::Unknown, say!("Nobody has looked yet.", "还没有检查过。"));
    }
    if serving == 0 && unknown == 0 {
        return (
            HealthState::Down,
            match topology {
                Topology::SharedStorage => say!(
                    "No node serves: nobody can pull or push. Look at what they share first: database, Redis, storage.",
                    "没有节点可用：无法拉取也无法推送。请先检查共用的数据库、Redis 和存储。"
                ),
                _ => say!("No node serves: nobody can pull or push.", "没有节点可用：无法拉取也无法推送。"),
            },
        );
    }
    if entry.is_some_and(HealthState::is_away) {
        return (
            HealthState::Down,
            say!(
                "The entry does not answer, so users cannot pull or push, though {serving} of {all} nodes serve.",
                "入口地址没有应答，用户无法拉取或推送；{all} 个节点中有 {serving} 个可用。"
            ),
        );
    }
    if serving + unknown < all {
        let first_gone = nodes.first().is_some_and(|(_, s)| !s.is_serving() && *s != HealthState::Unknown);
        let sentence = match topology {
            Topology::DualMaster => {
                let up =
                    nodes.iter().find(|(_, s)| s.is_serving()).map(|(n, _)| n.as_str()).unwrap_or_default();
                say!(
                    "{gone_en} is away: pushes to {up} are not reaching it. Everyone can pull from {up}.",
                    "{gone_zh} 不可用：推送到 {up} 的镜像暂时到不了它。所有人仍可从 {up} 拉取。"
                )
            }
            Topology::SharedStorage => say!(
                "{serving} of {all} nodes serve; without {gone_en}. Pulls and pushes go on.",
                "{all} 个节点中有 {serving} 个可用，{gone_zh} 不可用。拉取和推送不受影响。"
            ),
            Topology::OneToMany | Topology::Tiered if first_gone => say!(
                "{gone_en} is away: nobody can push. The copies still serve what they hold.",
                "{gone_zh} 不可用：暂时无法推送。各副本仍可提供已有的镜像。"
            ),
            Topology::OneToMany => say!(
                "{gone_en} is away and gets no new images; the others do.",
                "{gone_zh} 不可用，收不到新镜像；其他节点正常。"
            ),
            Topology::Tiered => say!(
                "{gone_en} is away: it and everything below it get no new images.",
                "{gone_zh} 不可用：它和它的下级收不到新镜像。"
            ),
        };
        // Shared storage goes on as if nothing happened; elsewhere somebody misses images.
        return (HealthState::Degraded, sentence);
    }
    let (sick_en, sick_zh) = names(|s| s == HealthState::Degraded);
    if !sick_en.is_empty() {
        return (
            HealthState::Degraded,
            say!(
                "A part of {sick_en} is sick; pulls and pushes go on.",
                "{sick_zh} 有部件异常；拉取和推送不受影响。"
            ),
        );
    }
    if unknown > 0 {
        return (
            HealthState::Unknown,
            say!(
                "{serving} of {all} nodes serve; the others have not been asked yet.",
                "{all} 个节点中有 {serving} 个可用，其余尚未检查。"
            ),
        );
    }
    (
        HealthState::Up,
        match topology {
            Topology::DualMaster => {
                say!("Both masters serve; each copies to the other.", "两个主节点都正常，互相复制。")
            }
            Topology::SharedStorage => say!(
                "{all} nodes serve one store. Every push is seen on all of them.",
                "{all} 个节点共用一套存储，推送后各节点立即可见。"
            ),
            Topology::OneToMany => {
                say!("The source and all {} copies serve.", "源节点和全部 {} 个副本都正常。", all - 1)
            }
            Topology::Tiered => {
                say!("Headquarters and all {} branches serve.", "总部和全部 {} 个分支都正常。", all - 1)
            }
        },
    )
}

/// A stretch of time in which something was in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Interval {
    /// UTC milliseconds.
    pub from_ms: i64,
    /// UTC milliseconds; exclusive.
    pub to_ms: i64,
    /// The state; unknown means nobody was looking.
    pub state: HealthState,
}

/// One bar of a history: shares of its time, each 0 to 1; what is missing to 1 is "nobody was looking".
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bucket {
    /// UTC milliseconds of its start.
    pub from_ms: i64,
    /// Share of time up.
    pub up: f32,
    /// Share of time degraded.
    pub degraded: f32,
    /// Share of time down or unreachable.
    pub down: f32,
}

/// Cuts intervals into `count` bars of equal length from `from_ms` to `to_ms`.
pub fn buckets(intervals: &[Interval], from_ms: i64, to_ms: i64, count: usize) -> Vec<Bucket> {
    let length = (to_ms - from_ms).max(1) as f64 / count.max(1) as f64;
    (0..count)
        .map(|i| {
            let start = from_ms + (i as f64 * length) as i64;
            let end = from_ms + ((i + 1) as f64 * length) as i64;
            let mut bucket = Bucket { from_ms: start, ..Bucket::default() };
            for interval in intervals {
                let shared = interval.to_ms.min(end) - interval.from_ms.max(start);
                if shared > 0 {
                    let share = shared as f32 / (end - start).max(1) as f32;
                    match interval.state {
                        HealthState::Up => bucket.up += share,
                        HealthState::Degraded => bucket.degraded += share,
                        HealthState::Down | HealthState::Unreachable => bucket.down += share,
                        HealthState::Unknown => {}
                    }
                }
            }
            bucket
        })
        .collect()
}

/// Share of the looked-at time in which it served, 0 to 1; `None` where nobody ever looked.
pub fn reachable(buckets: &[Bucket]) -> Option<f32> {
    let (good, bad) = buckets.iter().fold((0.0, 0.0), |(g, b), x| (g + x.up + x.degraded, b + x.down));
    (good + bad > 0.0).then(|| good / (good + bad))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, healthy: bool) -> Component {
        Component { name: name.into(), healthy, error: None }
    }

    fn node(name: &str, state: HealthState) -> (NodeName, HealthState) {
        (NodeName::parse(name).unwrap(), state)
    }

    #[test]
    fn judge_poll_tells_a_sick_jobservice_from_a_sick_database() {
        let health = |parts: Vec<Component>| judge_poll(&PollAnswer::Health { components: parts });
        assert_eq!(health(vec![part("core", true)]), HealthState::Up);
        assert_eq!(health(vec![part("core", true), part("jobservice", false)]), HealthState::Degraded);
        assert_eq!(health(vec![part("core", true), part("database", false)]), HealthState::Down);
    }

    #[test]
    fn judge_cluster_says_what_does_not_cross() {
        let nodes = [node("shanghai", HealthState::Unreachable), node("beijing", HealthState::Up)];
        let (state, sentence) = judge_cluster(Topology::DualMaster, &nodes, Some(HealthState::Up));
        assert_eq!(state, HealthState::Degraded);
        assert_eq!(
            sentence.en,
            "shanghai is away: pushes to beijing are not reaching it. Everyone can pull from beijing."
        );
    }

    #[test]
    fn judge_cluster_puts_a_dead_entry_before_living_nodes() {
        let nodes = [node("a", HealthState::Up), node("b", HealthState::Up)];
        assert_eq!(
            judge_cluster(Topology::SharedStorage, &nodes, Some(HealthState::Unreachable)).0,
            HealthState::Down
        );
        assert_eq!(judge_cluster(Topology::SharedStorage, &nodes, None).0, HealthState::Up);
    }

    #[test]
    fn judge_cluster_is_unknown_before_the_first_poll() {
        let nodes = [node("a", HealthState::Unknown), node("b", HealthState::Unknown)];
        assert_eq!(judge_cluster(Topology::Tiered, &nodes, None).0, HealthState::Unknown);
    }

    #[test]
    fn buckets_fill_by_share() {
        let intervals = [
            Interval { from_ms: 0, to_ms: 150, state: HealthState::Up },
            Interval { from_ms: 150, to_ms: 200, state: HealthState::Down },
        ];
        let bars = buckets(&intervals, 0, 300, 3);
        assert_eq!(bars.len(), 3);
        assert_eq!((bars[0].up, bars[1].up, bars[1].down), (1.0, 0.5, 0.5));
        assert_eq!((bars[2].up, bars[2].down), (0.0, 0.0));
        assert_eq!(reachable(&bars), Some(0.75));
        assert_eq!(reachable(&bars[2..]), None);
    }
}

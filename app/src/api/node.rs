//! One node: how it is, its history, its answer times.

use leptos::prelude::*;
use model::{
    HistorySpan,
    health::{Bucket, ClusterHealth},
    ids::{ClusterId, NodeId},
};
#[cfg(feature = "ssr")]
use {
    super::{ApiError, answer, visitor},
    model::people::Role,
};

use super::{Answer, body::Body};

/// The cluster of a node, which must be one of its nodes.
#[server(prefix = "/fn", endpoint = "node", input = Body, output = Body)]
pub async fn read_node(cluster: ClusterId, node: NodeId) -> Answer<ClusterHealth> {
    let (services, _) = visitor(Role::Viewer)?;
    let found = services.watch.cluster(&cluster).filter(|c| c.nodes.iter().any(|n| n.id == node));
    answer(found.ok_or_else(|| ApiError::not_found().0))
}

/// The history of a node.
#[server(prefix = "/fn", endpoint = "node-history", input = Body, output = Body)]
pub async fn node_history(node: NodeId, range: HistorySpan) -> Answer<Vec<Bucket>> {
    let (services, _) = visitor(Role::Viewer)?;
    let now = crate::clock::system_ms();
    let subject = watch::Subject::Node(node);
    answer(services.watch.history(&subject, now - range.ms(), now, super::types::bars(range)).await)
}

/// The answer times of a node over the last hour, from old to new.
#[server(prefix = "/fn", endpoint = "node-latency", input = Body, output = Body)]
pub async fn node_latency(node: NodeId) -> Answer<Vec<Option<u32>>> {
    let (services, _) = visitor(Role::Viewer)?;
    Ok(line(&services.watch.latency(&node), crate::clock::system_ms()))
}

/// Points of the line over one hour.
#[cfg(feature = "ssr")]
const POINTS: usize = 120;

/// The answer times of the hour before `now_ms` as [`POINTS`] points of half a minute: the slowest answer of each. A
/// half minute without an answer is a gap, unless nodes are asked so seldom that it says nothing: then the answer
/// before it stands.
#[cfg(feature = "ssr")]
pub(crate) fn line(samples: &[(i64, u32)], now_ms: i64) -> Vec<Option<u32>> {
    const HOUR_MS: i64 = 3_600_000;
    let length = HOUR_MS / POINTS as i64;
    let mut points = vec![None; POINTS];
    let from = now_ms - HOUR_MS;
    let place = |at: i64| usize::try_from((at - from).div_euclid(length)).ok().filter(|i| *i < POINTS);
    for (at, ms) in samples {
        if let Some(point) = place(*at).and_then(|i| points.get_mut(i)) {
            *point = (*point).max(Some(*ms));
        }
    }
    let mut pauses: Vec<i64> = samples.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    pauses.sort_unstable();
    let usual = pauses.get(pauses.len() / 2).copied().unwrap_or_default();
    for pair in samples.windows(2) {
        if pair[1].0 - pair[0].0 <= usual * 3 / 2
            && let (Some(first), Some(next)) = (place(pair[0].0), place(pair[1].0))
        {
            for point in points.iter_mut().take(next).skip(first + 1) {
                *point = Some(pair[0].1);
            }
        }
    }
    points
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_478_400_000;

    #[test]
    fn line_keeps_the_slowest_answer_and_leaves_outages_open() {
        // Asked every 5 s, with ten minutes of silence in the middle and one slow answer.
        let asked = (0..720).map(|i| (NOW - 3_600_000 + i * 5000, if i == 7 { 900 } else { 40 }));
        let samples: Vec<_> =
            asked.filter(|(at, _)| !(NOW - 1_800_000..NOW - 1_200_000).contains(at)).collect();
        let points = line(&samples, NOW);
        assert_eq!(points.len(), POINTS);
        assert_eq!((points[0], points[1], points[2]), (Some(40), Some(900), Some(40)));
        assert_eq!(points.iter().filter(|p| p.is_none()).count(), 20);
    }

    #[test]
    fn line_has_no_gaps_where_nodes_are_asked_seldom() {
        let samples: Vec<_> = (0..12).map(|i| (NOW - 3_600_000 + i * 300_000, 40)).collect();
        let points = line(&samples, NOW);
        // Only what comes after the last answer is open.
        assert_eq!(points.iter().filter(|p| p.is_none()).count(), 9);
    }

    #[test]
    fn line_is_open_before_the_first_answer() {
        assert!(line(&[], NOW).iter().all(Option::is_none));
    }
}

//! Whether images can be pulled and pushed, from the states of nodes and entry.

use crate::{
    Topology,
    health::{HealthState, Interval},
};

/// What users of a cluster can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Whether they can pull. Degraded: at some places only.
    pub pull: HealthState,
    /// Whether they can push.
    pub push: HealthState,
}

/// What users can do, as `nodes` (in the cluster's order) and the entry are. Users of an entry do not notice that a
/// node behind it is away; without one, whoever uses that node does. Where images go one way, only the first node
/// takes pushes.
pub fn serving(topology: Topology, nodes: &[HealthState], entry: Option<HealthState>) -> Serving {
    if entry.is_some_and(HealthState::is_away) {
        return Serving { pull: HealthState::Down, push: HealthState::Down };
    }
    let behind_entry = entry.is_some_and(HealthState::is_serving);
    let pull = any_of(nodes, behind_entry);
    let push = if topology.one_writer() {
        nodes.first().map_or(HealthState::Unknown, |first| plain(*first))
    } else {
        pull
    };
    Serving { pull, push }
}

/// How it is where any of the nodes will do.
fn any_of(nodes: &[HealthState], behind_entry: bool) -> HealthState {
    let states = || nodes.iter().map(|state| plain(*state));
    let some = |state| states().any(|s| s == state);
    if !states().any(HealthState::is_serving) {
        return if some(HealthState::Unknown) || nodes.is_empty() {
            HealthState::Unknown
        } else {
            HealthState::Down
        };
    }
    match (some(HealthState::Down), behind_entry) {
        (true, false) => HealthState::Degraded,
        // A sick part that leaves pulls working is nobody's business here.
        _ => HealthState::Up,
    }
}

/// A node that answers with a sick part still takes pulls and pushes; whether it is down or unreachable is the same to
/// its users.
fn plain(state: HealthState) -> HealthState {
    match state {
        HealthState::Degraded => HealthState::Up,
        HealthState::Unreachable => HealthState::Down,
        other => other,
    }
}

/// Joins several histories into one: at each moment `judge` is told the state of each of them (unknown where nobody
/// looked). Stretches of one state are joined; those in which it is unknown are left out.
pub fn over_time(
    histories: &[Vec<Interval>],
    judge: impl Fn(&[HealthState]) -> HealthState,
) -> Vec<Interval> {
    let mut turns: Vec<i64> = histories.iter().flatten().flat_map(|i| [i.from_ms, i.to_ms]).collect();
    turns.sort_unstable();
    turns.dedup();
    let mut out: Vec<Interval> = Vec::new();
    let mut next = vec![0_usize; histories.len()];
    let mut states = vec![HealthState::Unknown; histories.len()];
    for span in turns.windows(2) {
        let &[from_ms, to_ms] = span else { continue };
        for ((history, at), state) in histories.iter().zip(&mut next).zip(&mut states) {
            while history.get(*at).is_some_and(|i| i.to_ms <= from_ms) {
                *at += 1;
            }
            let now = history.get(*at).filter(|i| i.from_ms <= from_ms);
            *state = now.map_or(HealthState::Unknown, |i| i.state);
        }
        let state = judge(&states);
        match out.last_mut() {
            Some(last) if last.state == state && last.to_ms == from_ms => last.to_ms = to_ms,
            _ => out.push(Interval { from_ms, to_ms, state }),
        }
    }
    out.retain(|i| i.state != HealthState::Unknown);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    use HealthState::{Degraded, Down, Unknown, Unreachable, Up};

    fn of(
        topology: Topology,
        nodes: &[HealthState],
        entry: Option<HealthState>,
    ) -> (HealthState, HealthState) {
        let Serving { pull, push } = serving(topology, nodes, entry);
        (pull, push)
    }

    #[test]
    fn serving_tells_what_users_notice() {
        let two = Topology::DualMaster;
        for (nodes, entry, expected) in [
            (&[Up, Up][..], None, (Up, Up)),
            (&[Up, Degraded], None, (Up, Up)),
            (&[Unreachable, Up], None, (Degraded, Degraded)),
            (&[Unreachable, Up], Some(Up), (Up, Up)),
            (&[Up, Up], Some(Unreachable), (Down, Down)),
            (&[Down, Unreachable], Some(Up), (Down, Down)),
            (&[Unknown, Down], None, (Unknown, Unknown)),
            (&[Unknown, Up], None, (Up, Up)),
            (&[], None, (Unknown, Unknown)),
        ] {
            assert_eq!(of(two, nodes, entry), expected, "{nodes:?} {entry:?}");
        }
    }

    #[test]
    fn serving_takes_pushes_at_the_source_only_where_images_go_one_way() {
        for topology in [Topology::OneToMany, Topology::Tiered] {
            assert_eq!(of(topology, &[Down, Up], None), (Degraded, Down));
            assert_eq!(of(topology, &[Up, Down], None), (Degraded, Up));
        }
        assert_eq!(of(Topology::SharedStorage, &[Down, Up], Some(Up)), (Up, Up));
    }

    #[test]
    fn over_time_judges_each_moment_and_joins_what_is_alike() {
        let span = |from_ms, to_ms, state| Interval { from_ms, to_ms, state };
        let a = vec![span(0, 50, Up), span(50, 80, Down), span(80, 100, Up)];
        let b = vec![span(10, 60, Up), span(60, 70, Down), span(90, 100, Up)];
        let any = |states: &[HealthState]| any_of(states, true);
        let joined = over_time(&[a, b], any);
        // From 70 to 80 nobody looked at b, so nobody can say that all were down.
        assert_eq!(joined, [span(0, 60, Up), span(60, 70, Down), span(80, 100, Up)]);
        assert!(over_time(&[], any).is_empty());
    }
}

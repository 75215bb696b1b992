//! What keeps a heal from beginning by itself.

use ledger::PairState;
use model::{Say, drift::Side, heal::HealPlan, names::NodeName, say, say::count};

/// Deletions that need no person, whatever the size of the registry.
const FEW: u64 = 20;
/// Beyond that, this share of what is held: one in so many.
const SHARE: u64 = 50;
/// A side with fewer tags than this may lose half of them without a word.
const SMALL: u64 = 20;

/// Why a plan must be carried out by a person; `None` where it may go by itself.
pub(crate) fn guard(state: &PairState, plan: &HealPlan, names: [&NodeName; 2]) -> Option<Say> {
    for side in Side::BOTH {
        let name = names[side.at()];
        if state.restored_ms[side.at()].is_some() {
            return Some(say!(
                "The database of {name} was set back to an earlier time. What it lost, and what comes back with it, a person must look at: heal by hand until both hold the same.",
                "{name} 的数据库被恢复到了更早的时间。它丢失的内容和随之回来的内容需由人确认：请手动修复，直到两端内容相同。"
            ));
        }
    }
    for side in Side::BOTH {
        let (name, other) = (names[side.at()], names[side.other().at()]);
        let (now, before) = (state.held[side.at()], state.held_before[side.at()]);
        if now == 0 && state.held[side.other().at()] > 0 && before > 0 {
            return Some(say!(
                "{name} holds nothing at all, and {other} does: that is no work of people. Look what happened to {name} first.",
                "{name} 上什么都没有，而 {other} 上有：这不像是人为操作。请先查明 {name} 发生了什么。"
            ));
        }
        if before >= SMALL && now < before / 2 {
            let (now, before) = (count(now), count(before));
            return Some(say!(
                "{name} holds {now} tags and held {before} a moment ago. Look what happened there first.",
                "{name} 现有 {now} 个标签，而刚才还有 {before} 个。请先查明那里发生了什么。"
            ));
        }
    }
    let limit = FEW.max(state.compared / SHARE);
    if plan.deletes > limit {
        let (deletes, limit) = (count(plan.deletes), count(limit));
        return Some(say!(
            "{deletes} deletions are more than the {limit} that go by themselves. Look at them, then heal.",
            "{deletes} 处删除超过了可自动执行的 {limit} 处。请查看后再修复。"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guard_stops_before_a_side_that_lost_much_and_before_many_deletions() {
        let names = ["a", "b"].map(|n| NodeName::parse(n).unwrap());
        let guarded = |state: &PairState, deletes| {
            let plan = HealPlan {
                id: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
                pair: "00000000-0000-7000-8000-000000000002".parse().unwrap(),
                changes: 1,
                copies: 1,
                moves: 0,
                deletes,
                bytes: 0,
                refused: 0,
                steps: Vec::new(),
                notes: Vec::new(),
                made_ms: 0,
            };
            guard(state, &plan, [&names[0], &names[1]]).map(|say| say.en)
        };
        let judged = |held, held_before, deletes| {
            guarded(&PairState { held, held_before, compared: 1000, ..PairState::default() }, deletes)
        };
        assert_eq!(judged([100, 98], [100, 100], 2), None);
        assert_eq!(judged([5, 5], [0, 0], 0), None, "the first comparison has nothing before it");
        let restored = PairState { restored_ms: [None, Some(1)], compared: 1000, ..PairState::default() };
        assert!(guarded(&restored, 0).unwrap().starts_with("The database of b"));
        assert!(judged([0, 100], [100, 100], 0).unwrap().starts_with("a holds nothing"));
        assert!(judged([100, 40], [100, 100], 0).unwrap().starts_with("b holds 40 tags"));
        assert!(judged([100, 100], [100, 100], 21).unwrap().starts_with("21 deletions"));
    }
}

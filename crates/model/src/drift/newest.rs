//! Which of two pushes came later.

use super::{Author, Deed, Difference, Kind, Side};

impl Difference {
    /// The side whose people pushed last, where both pushed something else under one tag and the two times are further
    /// apart than `clock_error_ms`; `None` where that cannot be told, or where it is about something else. A deletion
    /// against a push always asks, and so does what replication wrote on either side since.
    pub fn newest(&self, clock_error_ms: i64) -> Option<Side> {
        let both_changed = self.held[0] != self.held[1] && !self.held.contains(&self.base);
        if self.kind != Kind::Conflict || !both_changed {
            return None;
        }
        let [a, b] = [self.pushed_ms(Side::A)?, self.pushed_ms(Side::B)?];
        if a.abs_diff(b) <= clock_error_ms.unsigned_abs() {
            return None;
        }
        Some(if a > b { Side::A } else { Side::B })
    }

    /// When a person pushed what a side holds, where that is all that is told of it.
    fn pushed_ms(&self, side: Side) -> Option<i64> {
        let held = self.held[side.at()]?;
        let mut acts = self.evidence.iter().filter(|e| e.side == side).map(|e| &e.act);
        let act = acts.next()?;
        let pushed = act.author == Author::Person
            && act.deed == Deed::Push
            && act.digest.is_none_or(|digest| digest == held);
        (pushed && acts.next().is_none()).then_some(act.at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Digest,
        drift::{Act, Action, Certainty, Evidence},
    };

    fn digest(n: u8) -> Option<Digest> {
        (n > 0).then(|| Digest::from_bytes([n; 32]))
    }

    fn act(side: Side, at_s: i64, author: Author, deed: Deed, n: u8) -> Evidence {
        let (tag, by) = (Some("v".to_owned()), format!("{author:?}"));
        let act = Act { row: at_s, at_ms: at_s * 1000, by, author, deed, tag, digest: digest(n) };
        Evidence { side, act }
    }

    fn newest(kind: Kind, base: u8, held: [u8; 2], evidence: &[Evidence]) -> Option<Side> {
        let found = Difference {
            tag: Some("v".into()),
            kind,
            on: None,
            held: held.map(digest),
            base: digest(base),
            wanted: None,
            certainty: Certainty::Open,
            evidence: evidence.to_vec(),
            action: Action::Ask,
        };
        found.newest(3_000)
    }

    use Author::{Console, Link, Person};
    use Deed::{DeleteTag, Push};
    use Side::{A, B};

    #[test]
    fn newest_is_the_later_of_two_pushes_whose_order_is_known() {
        let pushes = |a_s, b_s| [act(A, a_s, Person, Push, 1), act(B, b_s, Person, Push, 2)];
        for base in [0, 9] {
            assert_eq!(newest(Kind::Conflict, base, [1, 2], &pushes(10, 20)), Some(B));
            assert_eq!(newest(Kind::Conflict, base, [1, 2], &pushes(20, 10)), Some(A));
            assert_eq!(newest(Kind::Conflict, base, [1, 2], &pushes(20, 23)), None, "within the clock error");
        }
        // A log that tells no digest (to 2.12) tells that nothing came after.
        assert_eq!(
            newest(Kind::Conflict, 0, [1, 2], &[act(A, 10, Person, Push, 0), act(B, 20, Person, Push, 0)]),
            Some(B)
        );
    }

    #[test]
    fn everything_else_asks() {
        let both = [act(A, 10, Person, Push, 1), act(B, 20, Person, Push, 2)];
        assert_eq!(newest(Kind::Moved, 0, [1, 2], &both), None, "no conflict");
        assert_eq!(newest(Kind::Conflict, 1, [1, 2], &both), None, "the old one was pushed again");
        let deleted = [act(A, 10, Person, Push, 1), act(B, 20, Person, DeleteTag, 0)];
        assert_eq!(newest(Kind::Conflict, 9, [1, 0], &deleted), None, "deleted there");
        assert_eq!(newest(Kind::Conflict, 0, [1, 2], &both[..1]), None, "who pushed there nobody knows");
        for author in [Link, Console] {
            let one = [both[0].clone(), act(B, 20, author, Push, 2)];
            assert_eq!(newest(Kind::Conflict, 0, [1, 2], &one), None, "{author:?}");
            let since = [both[0].clone(), both[1].clone(), act(B, 30, author, Push, 2)];
            assert_eq!(newest(Kind::Conflict, 0, [1, 2], &since), None, "{author:?} wrote since");
        }
        let other = [act(A, 10, Person, Push, 7), both[1].clone()];
        assert_eq!(newest(Kind::Conflict, 0, [1, 2], &other), None, "what was pushed is not what is held");
    }
}

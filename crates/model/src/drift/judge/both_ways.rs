//! Two masters: each may change, and each shall hold what the other's people did.

use std::cmp::Ordering;

use super::{
    super::{Act, Author, Deed},
    Action, Certainty, Difference, Kind, Question, Side, Thing, Told,
};
use crate::Digest;

pub(super) fn judge(question: &Question<'_>, thing: &Thing<'_>) -> Option<Difference> {
    let [a, b] = thing.held;
    if a == b {
        return alike(question, thing);
    }
    let changed = Side::BOTH.map(|side| thing.held[side.at()] != thing.base);
    Some(match (thing.base, changed) {
        (Some(_), [true, false]) => one_changed(question, thing, Side::A),
        (Some(_), [false, true]) => one_changed(question, thing, Side::B),
        (None, [true, false]) => one_has_it(question, thing, Side::A),
        (None, [false, true]) => one_has_it(question, thing, Side::B),
        _ => both_changed(question, thing),
    })
}

/// Each side holds something else than both were known to hold. That is no conflict where one of them only got what
/// the other's people had pushed before: they have moved on since.
fn both_changed(question: &Question<'_>, thing: &Thing<'_>) -> Difference {
    let moved_on = |on: &Side| {
        let (told, follower) = (&thing.told[on.at()], &thing.told[on.other().at()]);
        let held = thing.held[on.at()];
        let newest = told.will.filter(|will| last_will(question, thing).is_some_and(|last| last == *will));
        let is_theirs =
            |will: &Act| will.deed == Deed::Push && (will.digest.is_none() || will.digest == held);
        held.is_some()
            && thing.held[on.other().at()].is_some()
            && newest.is_some_and(is_theirs)
            && follower.last_is(Author::Link)
    };
    match Side::BOTH.into_iter().find(moved_on) {
        Some(on) => {
            thing.difference(Kind::Moved, Some(on), Certainty::Certain, Action::Move { to: on.other() })
        }
        None => thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask),
    }
}

/// Both hold the same. It is still wrong where a person had moved or deleted it and replication undid that.
fn alike(question: &Question<'_>, thing: &Thing<'_>) -> Option<Difference> {
    let held = thing.held[0]?;
    let Some(will) = last_will(question, thing) else {
        // Nobody can say which of two acts came last, and replication went on meanwhile: a deletion was undone, or a
        // push written over.
        let [one, other] = thing.told.map(|told| told.will);
        let (one, other) = (one?, other?);
        let kind = if one.deed.deletes() != other.deed.deletes() {
            Kind::Resurrected
        } else if overwritten(thing, held, None) {
            Kind::PutBack
        } else {
            return None;
        };
        return Some(thing.difference(kind, None, Certainty::Open, Action::Ask));
    };
    let by_link =
        thing.told.iter().any(|t| t.last_is(Author::Link) && t.last.is_some_and(|l| later(l, will)));
    // Without an act of replication somebody else undid it, or the log tells of it only at the next look.
    let certainty = if by_link { Certainty::Certain } else { Certainty::Open };
    if will.deed.deletes() {
        let action = if by_link { Action::DeleteBoth } else { Action::Ask };
        return Some(thing.difference(Kind::Resurrected, None, certainty, action));
    }
    if let Some(wanted) = will.digest.filter(|wanted| *wanted != held) {
        let found = thing.difference(Kind::PutBack, None, certainty, Action::Ask);
        return Some(Difference { wanted: Some(wanted), ..found });
    }
    overwritten(thing, held, Some(will))
        .then(|| thing.difference(Kind::PutBack, None, Certainty::Open, Action::Ask))
}

/// Whether replication wrote over what a person had pushed on the same side. It would not have written the same image
/// again, so that this can be told where the log tells no digest (to 2.12). `only` says which push it must have been.
fn overwritten(thing: &Thing<'_>, held: Digest, only: Option<&Act>) -> bool {
    thing.told.iter().any(|told| {
        let pushed = told.will.filter(|will| {
            will.deed == Deed::Push
                && will.digest.is_none_or(|digest| digest != held)
                && only.is_none_or(|only| only == *will)
        });
        told.last_is(Author::Link) && pushed.zip(told.last).is_some_and(|(will, last)| later(last, will))
    })
}

/// Both held the same; one side holds something else or nothing now.
fn one_changed(question: &Question<'_>, thing: &Thing<'_>, on: Side) -> Difference {
    let (told, other) = (&thing.told[on.at()], &thing.told[on.other().at()]);
    if thing.held[on.at()].is_some() {
        // The peer's late echo wrote an old image over the new one; where it wrote something else, what came after it is
        // told at the next look.
        let held = thing.held[on.at()];
        let wrote_it = told.last.is_some_and(|last| {
            last.author == Author::Link && (last.digest.is_none() || last.digest == held)
        });
        if wrote_it && (told.will.is_some() || other.will.is_some()) {
            return thing.difference(Kind::PutBack, Some(on), Certainty::Certain, Action::Move { to: on });
        }
        // The old image was pushed again to the other side meanwhile.
        if other.pushed() && order(question, other, told) != Ordering::Less {
            return thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask);
        }
        let sure = if told.pushed() { Certainty::Certain } else { Certainty::Likely };
        return thing.difference(Kind::Moved, Some(on), sure, Action::Move { to: on.other() });
    }
    let Some(last) = told.last.filter(|act| act.deed.deletes()) else {
        return thing.difference(Kind::Vanished, Some(on), Certainty::Open, Action::Ask);
    };
    match last.author {
        Author::Person => match other.will.map(|_| order(question, other, told)) {
            // Deleted here and pushed again there, later.
            Some(Ordering::Greater) if other.pushed() => {
                thing.difference(Kind::New, Some(on.other()), Certainty::Certain, Action::Copy { to: on })
            }
            Some(Ordering::Equal) if other.pushed() => {
                thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask)
            }
            _ => thing.difference(
                Kind::Deleted,
                Some(on),
                Certainty::Certain,
                Action::Delete { on: on.other() },
            ),
        },
        Author::Retention => thing.difference(Kind::Retired, Some(on), Certainty::Certain, Action::Leave),
        // A person deleted it there, and a run that was under way brought it back while we deleted it here.
        Author::Link | Author::Console
            if other.last_is(Author::Link)
                && last_will(question, thing).is_some_and(|will| will.deed.deletes()) =>
        {
            let (there, action) = (on.other(), Action::Delete { on: on.other() });
            thing.difference(Kind::Resurrected, Some(there), Certainty::Certain, action)
        }
        Author::Link | Author::Console => {
            thing.difference(Kind::Vanished, Some(on), Certainty::Open, Action::Ask)
        }
    }
}

/// Nothing is known of it but that one side holds it.
fn one_has_it(question: &Question<'_>, thing: &Thing<'_>, on: Side) -> Difference {
    let (told, other) = (&thing.told[on.at()], &thing.told[on.other().at()]);
    let deleted = last_will(question, thing).filter(|will| will.deed.deletes());
    if deleted.is_some() && told.last_is(Author::Link) {
        return thing.difference(Kind::Resurrected, Some(on), Certainty::Certain, Action::Delete { on });
    }
    if other.will.is_some_and(|act| act.deed.deletes())
        && (told.will.is_none() || order(question, told, other) != Ordering::Greater)
    {
        return thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask);
    }
    let action = Action::Copy { to: on.other() };
    if !question.history {
        return thing.difference(Kind::NoHistory, Some(on), Certainty::Likely, action);
    }
    let sure = if told.pushed() { Certainty::Certain } else { Certainty::Likely };
    thing.difference(Kind::New, Some(on), sure, action)
}

/// The last act of a person on either side; `None` where nobody did anything, or the order of two is unknown.
fn last_will<'a>(question: &Question<'_>, thing: &Thing<'a>) -> Option<&'a Act> {
    let [told, other] = &thing.told;
    match (told.will, other.will) {
        (Some(a), Some(b)) => match order(question, told, other) {
            Ordering::Less => Some(b),
            Ordering::Greater => Some(a),
            // Both wanted the same: it does not matter who was first. Of pushes without digests nobody knows.
            Ordering::Equal => {
                let gone = a.deed.deletes() && b.deed.deletes();
                let same = (a.deed, a.digest) == (b.deed, b.digest) && a.digest.is_some();
                (gone || same).then_some(a)
            }
        },
        (a, b) => a.or(b),
    }
}

/// Which of two sides' last acts of people came later; `Equal` where nothing tells.
fn order(question: &Question<'_>, one: &Told<'_>, other: &Told<'_>) -> Ordering {
    match (one.saw(other), other.saw(one)) {
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    match (one.will, other.will) {
        (Some(one), Some(other)) if (one.at_ms - other.at_ms).abs() > question.clock_error_ms => {
            one.at_ms.cmp(&other.at_ms)
        }
        _ => Ordering::Equal,
    }
}

/// Whether an act of replication came after a person's. It is a reaction: where times are equal it was later.
fn later(by_link: &Act, will: &Act) -> bool {
    by_link.deed == Deed::Push && by_link.at_ms >= will.at_ms
}

//! Two masters: each may change, and each shall hold what the other's people did.

use std::cmp::Ordering;

use super::{
    super::{Act, Author, Deed},
    Action, Certainty, Difference, Kind, Question, Side, Thing,
};

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
        _ => thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask),
    })
}

/// Both hold the same. It is still wrong where a person had moved or deleted it and replication undid that.
fn alike(question: &Question<'_>, thing: &Thing<'_>) -> Option<Difference> {
    let will = last_will(question, thing)?;
    let held = thing.held[0]?;
    let by_link =
        thing.told.iter().any(|t| t.last_is(Author::Link) && t.last.is_some_and(|l| later(l, will)));
    let unchanged = thing.base == Some(held);
    if !by_link && !unchanged {
        return None;
    }
    let certainty = if by_link { Certainty::Certain } else { Certainty::Open };
    if will.deed.deletes() {
        let action = if by_link { Action::DeleteBoth } else { Action::Ask };
        return Some(thing.difference(Kind::Resurrected, None, certainty, action));
    }
    let wanted = will.digest.filter(|wanted| *wanted != held)?;
    let found = thing.difference(Kind::PutBack, None, certainty, Action::Ask);
    Some(Difference { wanted: Some(wanted), ..found })
}

/// Both held the same; one side holds something else or nothing now.
fn one_changed(question: &Question<'_>, thing: &Thing<'_>, on: Side) -> Difference {
    let (told, other) = (&thing.told[on.at()], &thing.told[on.other().at()]);
    if thing.held[on.at()].is_some() {
        // The peer's late echo wrote an old image over the new one.
        if told.last_is(Author::Link) && (told.will.is_some() || other.will.is_some()) {
            return thing.difference(Kind::PutBack, Some(on), Certainty::Certain, Action::Move { to: on });
        }
        // The old image was pushed again to the other side meanwhile.
        if other.pushed() {
            return thing.difference(Kind::Conflict, None, Certainty::Open, Action::Ask);
        }
        let sure = if told.pushed() { Certainty::Certain } else { Certainty::Likely };
        return thing.difference(Kind::Moved, Some(on), sure, Action::Move { to: on.other() });
    }
    let Some(last) = told.last.filter(|act| act.deed.deletes()) else {
        return thing.difference(Kind::Vanished, Some(on), Certainty::Open, Action::Ask);
    };
    match last.author {
        Author::Person => match other.will.map(|theirs| order(question, theirs, last)) {
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
    if let Some(theirs) = other.will.filter(|act| act.deed.deletes())
        && told.will.is_none_or(|ours| order(question, ours, theirs) != Ordering::Greater)
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
    match (thing.told[0].will, thing.told[1].will) {
        (Some(a), Some(b)) => match order(question, a, b) {
            Ordering::Less => Some(b),
            Ordering::Greater => Some(a),
            // Both wanted the same: it does not matter who was first.
            Ordering::Equal => ((a.deed, a.digest) == (b.deed, b.digest)).then_some(a),
        },
        (a, b) => a.or(b),
    }
}

/// Which of two acts came later; `Equal` where the clocks cannot tell.
fn order(question: &Question<'_>, one: &Act, other: &Act) -> Ordering {
    if (one.at_ms - other.at_ms).abs() <= question.clock_error_ms {
        return Ordering::Equal;
    }
    one.at_ms.cmp(&other.at_ms)
}

/// Whether an act of replication came after a person's. It is a reaction: where times are equal it was later.
fn later(by_link: &Act, will: &Act) -> bool {
    by_link.deed == Deed::Push && by_link.at_ms >= will.at_ms
}

//! One writer: the destination shall hold what the source holds.

use super::{super::Author, Action, Certainty, Difference, Kind, Question, Side, Thing};

pub(super) fn judge(question: &Question<'_>, thing: &Thing<'_>) -> Option<Difference> {
    let [source, destination] = thing.held;
    let told = &thing.told[Side::A.at()];
    let copy = Action::Copy { to: Side::B };
    let sure = if told.pushed() { Certainty::Certain } else { Certainty::Likely };
    let found = match (source, destination, thing.base) {
        (a, b, _) if a == b => return None,
        (Some(_), None, None) if question.history => thing.difference(Kind::New, Some(Side::A), sure, copy),
        (Some(_), None, None) => thing.difference(Kind::NoHistory, Some(Side::A), sure, copy),
        // The source still has it: whoever took it away at the destination, it belongs there.
        (Some(_), None, Some(_)) => thing.difference(Kind::Vanished, Some(Side::B), Certainty::Certain, copy),
        (Some(_), Some(_), Some(base)) if source == Some(base) => {
            let back = Action::Move { to: Side::B };
            thing.difference(Kind::Moved, Some(Side::B), Certainty::Likely, back)
        }
        (Some(_), Some(_), _) => {
            thing.difference(Kind::Moved, Some(Side::A), sure, Action::Move { to: Side::B })
        }
        (None, _, None) => thing.difference(Kind::Extra, Some(Side::B), Certainty::Likely, Action::Leave),
        (None, _, Some(_)) => gone_at_source(thing),
    };
    Some(found)
}

fn gone_at_source(thing: &Thing<'_>) -> Difference {
    match thing.told[Side::A.at()].last.filter(|act| act.deed.deletes()).map(|act| act.author) {
        Some(Author::Retention) => {
            thing.difference(Kind::Retired, Some(Side::A), Certainty::Certain, Action::Leave)
        }
        // In the middle of a chain a deletion comes from upstream: by a rule's robot, or carried by Breakwater.
        Some(Author::Person | Author::Link | Author::Console) => {
            thing.difference(Kind::Deleted, Some(Side::A), Certainty::Certain, Action::Delete { on: Side::B })
        }
        None => thing.difference(Kind::Vanished, Some(Side::A), Certainty::Open, Action::Ask),
    }
}

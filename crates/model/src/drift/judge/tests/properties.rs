//! What holds of every judgement, whatever is asked.

use proptest::{collection::vec, prelude::*};

use super::*;

fn some_tags() -> impl Strategy<Value = Vec<(String, u8)>> {
    vec(("[a-d]", 1u8..5), 0..6)
}

fn some_acts() -> impl Strategy<Value = Vec<Act>> {
    let author = prop_oneof![Just(Person), Just(Link), Just(Retention), Just(Author::Console)];
    let deed = prop_oneof![Just(Push), Just(DeleteTag), Just(DeleteArtifact), Just(Deed::DeleteRepository)];
    vec(("[a-d]", 1u8..5, 2i64..60, author, deed), 0..6).prop_map(|rows| {
        let mut acts: Vec<Act> = rows
            .into_iter()
            .map(|(tag, n, at_s, author, deed)| {
                let act = act(at_s, author, deed, n);
                Act { tag: act.tag.map(|_| tag), ..act }
            })
            .collect();
        acts.sort_by_key(|a| a.at_ms);
        (1..).zip(acts).map(|(row, act)| Act { row, ..act }).collect()
    })
}

fn read(tags: &[(String, u8)]) -> Holding {
    holding(&tags.iter().map(|(t, n)| (t.as_str(), *n)).collect::<Vec<_>>())
}

fn swapped(side: Side) -> Side {
    side.other()
}

fn mirrored(mut found: Difference) -> Difference {
    found.held.swap(0, 1);
    found.on = found.on.map(swapped);
    found.evidence.iter_mut().for_each(|e| e.side = swapped(e.side));
    found.evidence.sort_by_key(|e| (e.act.at_ms, e.side));
    found.action = match found.action {
        Action::Copy { to } => Action::Copy { to: swapped(to) },
        Action::Move { to } => Action::Move { to: swapped(to) },
        Action::Delete { on } => Action::Delete { on: swapped(on) },
        other => other,
    };
    found
}

fn in_order(mut found: Vec<Difference>) -> Vec<Difference> {
    found.sort_by(|a, b| (&a.tag, a.held).cmp(&(&b.tag, b.held)));
    found
}

proptest! {
    #[test]
    fn judging_does_not_depend_on_which_side_is_called_first(
        a in some_tags(), b in some_tags(), was in some_tags(), acts_a in some_acts(), acts_b in some_acts(),
        history: bool,
    ) {
        let (a, b) = (read(&a), read(&b));
        let was: Vec<_> = read(&was).tags().to_vec();
        let was = Base {
            tags: was.into_iter().map(|t| BaseTag { name: t.name, digest: t.digest, since_s: 1 }).collect(),
            untagged: Vec::new(),
        };
        let question = Question {
            direction: Direction::Both, history, base: &was, sides: [&a, &b],
            acts: [&acts_a, &acts_b], clock_error_ms: ERROR_MS, heard_ms: READ_MS, began_ms: [READ_MS; 2],
        };
        let turned = Question { sides: [&b, &a], acts: [&acts_b, &acts_a], ..question };
        let (one, other) = (judge(&question), judge(&turned));
        prop_assert_eq!(&one.base, &other.base);
        let other: Vec<_> = other.differences.into_iter().map(mirrored).collect();
        // Neither side lacks a part here, so that no kind names the first of two.
        prop_assert_eq!(in_order(one.differences), in_order(other));
    }

    #[test]
    fn every_tag_that_differs_is_named_once_and_no_other_without_an_act(
        a in some_tags(), b in some_tags(), was in some_tags(), one_way: bool,
    ) {
        let (a, b) = (read(&a), read(&b));
        let was: Vec<_> = read(&was).tags().iter().map(|t| (t.name.to_string(), t.digest)).collect();
        let was = Base {
            tags: was.iter().map(|(n, d)| BaseTag { name: n.as_str().into(), digest: *d, since_s: 1 }).collect(),
            untagged: Vec::new(),
        };
        let direction = if one_way { Direction::AToB } else { Direction::Both };
        let question = Question {
            direction, history: true, base: &was, sides: [&a, &b],
            acts: [&[], &[]], clock_error_ms: ERROR_MS, heard_ms: READ_MS, began_ms: [READ_MS; 2],
        };
        let verdict = judge(&question);
        let mut differing: Vec<&str> = a.tags().iter().chain(b.tags()).map(|t| &*t.name).filter(|name| {
            a.tag(name).map(|t| t.digest) != b.tag(name).map(|t| t.digest)
        }).collect();
        differing.sort_unstable();
        differing.dedup();
        let named: Vec<&str> = verdict.differences.iter().filter_map(|d| d.tag.as_deref()).collect();
        prop_assert_eq!(named, differing);
        for tag in &verdict.base.tags {
            let alike = a.tag(&tag.name).map(|t| t.digest) == Some(tag.digest)
                && b.tag(&tag.name).map(|t| t.digest) == Some(tag.digest);
            prop_assert!(alike || was.tags.contains(tag));
        }
    }

    #[test]
    fn nothing_is_deleted_without_an_act_of_somebody(
        a in some_tags(), b in some_tags(), was in some_tags(), acts_a in some_acts(), acts_b in some_acts(),
    ) {
        let (a, b) = (read(&a), read(&b));
        let was = Base {
            tags: read(&was).tags().iter()
                .map(|t| BaseTag { name: t.name.clone(), digest: t.digest, since_s: 1 }).collect(),
            untagged: Vec::new(),
        };
        let question = Question {
            direction: Direction::Both, history: true, base: &was, sides: [&a, &b],
            acts: [&acts_a, &acts_b], clock_error_ms: ERROR_MS, heard_ms: READ_MS, began_ms: [READ_MS; 2],
        };
        for found in judge(&question).differences {
            if matches!(found.action, Action::Delete { .. } | Action::DeleteBoth) {
                prop_assert!(found.evidence.iter().any(|e| {
                    e.act.author == Person && e.act.deed.deletes()
                }), "{found:?}");
            }
            if found.kind == Kind::Deleted {
                prop_assert!(found.base.is_some(), "{found:?}");
            }
        }
    }
}

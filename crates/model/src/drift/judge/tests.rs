mod properties;

use super::{super::Deed, *};
use crate::drift::{Author, Tag};

const ERROR_MS: i64 = 2_000;
const READ_MS: i64 = 10_000_000;

fn digest(n: u8) -> Digest {
    Digest::from_bytes([n; 32])
}

fn holding(tags: &[(&str, u8)]) -> Holding {
    let of = |n: u8| super::super::Artifact {
        digest: digest(n),
        size: 1,
        pushed_ms: 0,
        part: false,
        lacks: 0,
        accessories: Vec::new(),
    };
    let artifacts = tags.iter().map(|(_, n)| of(*n)).collect();
    let tag = |(name, n): &(&str, u8)| Tag { name: (*name).into(), digest: digest(*n), pushed_ms: 0 };
    Holding::new(tags.iter().map(tag).collect(), artifacts)
}

fn base(tags: &[(&str, u8)]) -> Base {
    let tag = |(name, n): &(&str, u8)| BaseTag { name: (*name).into(), digest: digest(*n), since_s: 1 };
    Base { tags: tags.iter().map(tag).collect(), untagged: Vec::new() }
}

fn act(at_s: i64, author: Author, deed: Deed, n: u8) -> Act {
    let tag = matches!(deed, Deed::Push | Deed::DeleteTag).then(|| "v".to_owned());
    let digest = matches!(deed, Deed::Push | Deed::DeleteArtifact).then(|| digest(n));
    Act { row: at_s, at_ms: at_s * 1000, by: format!("{author:?}"), author, deed, tag, digest }
}

/// The one difference of the tag `v`; 0 is "nothing".
fn judged(was: u8, now: [u8; 2], acts: [&[Act]; 2]) -> Option<(Kind, Option<Side>, Certainty, Action)> {
    let some = |n: u8| if n == 0 { Vec::new() } else { vec![("v", n)] };
    let [a, b] = now.map(|n| holding(&some(n)));
    let base = base(&some(was));
    let question = Question {
        direction: Direction::Both,
        history: true,
        base: &base,
        sides: [&a, &b],
        acts,
        clock_error_ms: ERROR_MS,
        heard_ms: READ_MS,
        began_ms: [READ_MS; 2],
    };
    let mut found = judge(&question).differences;
    found.retain(|d| d.tag.is_some());
    assert!(found.len() <= 1);
    found.pop().map(|d| (d.kind, d.on, d.certainty, d.action))
}

use Author::{Link, Person, Retention};
use Deed::{DeleteArtifact, DeleteTag, Push};

#[test]
fn what_is_alike_and_wanted_is_no_difference() {
    assert_eq!(judged(1, [1, 1], [&[], &[]]), None);
    assert_eq!(judged(1, [2, 2], [&[act(5, Person, Push, 2)], &[act(6, Link, Push, 2)]]), None);
    assert_eq!(judged(1, [0, 0], [&[act(5, Person, DeleteTag, 0)], &[]]), None);
    // The same image pushed again is noise.
    assert_eq!(judged(1, [1, 1], [&[act(5, Person, Push, 1)], &[]]), None);
}

#[test]
fn what_was_pushed_while_it_was_looked_at_waits_for_the_next_look() {
    let pushed = |ms: i64| {
        let mut tags = holding(&[("v", 1)]).tags().to_vec();
        tags[0].pushed_ms = ms;
        Holding::new(tags, holding(&[("v", 1)]).artifacts().to_vec())
    };
    let judged = |a: &Holding, b: &Holding| {
        let base = base(&[("v", 2)]);
        let question = Question {
            direction: Direction::Both,
            history: true,
            base: &base,
            sides: [a, b],
            acts: [&[], &[]],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            // The other side's clock is ahead.
            began_ms: [READ_MS, READ_MS + 60_000],
        };
        let verdict = judge(&question);
        assert_eq!(verdict.base.tags, base.tags, "what differs keeps its base");
        verdict.differences.into_iter().find(|d| d.tag.is_some()).map(|d| (d.kind, d.on, d.action))
    };
    let (late, old) = (READ_MS + ERROR_MS + 1, holding(&[("v", 2)]));
    let unstable = |on| Some((Kind::Unstable, on, Action::Leave));
    assert_eq!(judged(&pushed(late), &old), unstable(Some(Side::A)));
    assert_eq!(judged(&old, &pushed(late + 60_000)), unstable(Some(Side::B)));
    let moved = Some((Kind::Moved, Some(Side::A), Action::Move { to: Side::B }));
    assert_eq!(judged(&pushed(late - 1), &old), moved, "within the error of the clocks nothing is sure");
    let other = Holding::new(
        vec![Tag { name: "v".into(), digest: digest(3), pushed_ms: late + 60_000 }],
        holding(&[("x", 3)]).artifacts().to_vec(),
    );
    assert_eq!(judged(&pushed(late), &other), unstable(None));
}

#[test]
fn a_push_on_one_side_is_copied() {
    let pushed = [act(5, Person, Push, 1)];
    let copy = Action::Copy { to: Side::B };
    assert_eq!(judged(0, [1, 0], [&pushed, &[]]), Some((Kind::New, Some(Side::A), Certainty::Certain, copy)));
    assert_eq!(judged(0, [1, 0], [&[], &[]]), Some((Kind::New, Some(Side::A), Certainty::Likely, copy)));
}

#[test]
fn who_had_the_others_push_before_them_acted_later_whatever_the_clocks_say() {
    let pushed = [act(20, Person, Push, 1)];
    // Replication brought it, somebody deleted it, and replication brought it again, all in one second.
    let brought = [act(19, Link, Push, 1), act(20, Person, DeleteTag, 0), act(21, Link, Push, 1)];
    let again = Some((Kind::Resurrected, None, Certainty::Certain, Action::DeleteBoth));
    assert_eq!(judged(0, [1, 1], [&brought, &pushed]), again);
    // Without that nobody can say: it asks, and loses no deletion in silence.
    let unknown = [act(20, Person, DeleteTag, 0), act(21, Link, Push, 1)];
    let asks = Some((Kind::Resurrected, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [1, 1], [&unknown, &pushed]), asks);
}

#[test]
fn what_replication_wrote_over_asks_also_where_no_log_tells_a_digest() {
    let without = |at_s, author| Act { digest: None, ..act(at_s, author, Push, 1) };
    let over = [without(20, Person), without(21, Link)];
    let put_back = Some((Kind::PutBack, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [1, 1], [&over, &[without(19, Person)]]), put_back);
    // What came later from the other side's people was meant.
    assert_eq!(judged(0, [1, 1], [&[without(5, Person), without(21, Link)], &[without(20, Person)]]), None);
}

#[test]
fn what_replication_wrote_over_at_about_the_time_of_the_others_push_asks() {
    let here = [act(20, Person, Push, 1)];
    let there = [act(21, Person, Push, 2), act(22, Link, Push, 1)];
    let put_back = Some((Kind::PutBack, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [1, 1], [&here, &there]), put_back);
    // Where the clocks tell that the other's came later, it is as it should be.
    assert_eq!(judged(0, [1, 1], [&[act(40, Person, Push, 1)], &there]), None);
}

#[test]
fn what_made_the_base_is_before_it_by_clocks_that_are_apart() {
    // The base is of the first second, and both acts seem to come a moment later.
    let soon = |author, deed, n| Act { at_ms: 1_500, ..act(2, author, deed, n) };
    let moved = Some((Kind::Moved, Some(Side::B), Certainty::Certain, Action::Move { to: Side::A }));
    let twice = [soon(Person, Push, 9), soon(Person, Push, 1)];
    assert_eq!(judged(1, [1, 2], [&twice, &[act(20, Person, Push, 2)]]), moved);
    assert_eq!(judged(1, [1, 2], [&[soon(Link, Push, 1)], &[act(20, Person, Push, 2)]]), moved);
    // But what replication brings back after a deletion came later, in the same log.
    let back = [soon(Person, DeleteTag, 0), soon(Link, Push, 1)];
    let again = Some((Kind::Resurrected, None, Certainty::Certain, Action::DeleteBoth));
    assert_eq!(judged(1, [1, 1], [&back, &[]]), again);
}

#[test]
fn a_push_that_replication_wrote_over_while_it_was_looked_at_is_not_what_both_held() {
    // What replication brought from b was the base a moment later, and the logs tell no digest.
    let soon = |ms: i64, author| Act { at_ms: 1_500 + ms, digest: None, ..act(2, author, Push, 1) };
    let (here, there) = ([soon(0, Person), soon(20, Link)], [soon(10, Person)]);
    let put_back = Some((Kind::PutBack, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(1, [1, 1], [&here, &there]), put_back);
    // What replication brings long after was pushed there later.
    let later = [soon(0, Person), soon(9_000, Link)];
    assert_eq!(judged(1, [2, 2], [&later, &[soon(8_900, Person)]]), None);
}

#[test]
fn what_is_back_before_the_log_tells_how_is_not_what_both_held() {
    let (here, gone) = ([act(20, Person, Push, 1)], [act(18, Link, Push, 1), act(30, Person, DeleteTag, 0)]);
    let again = Some((Kind::Resurrected, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [1, 1], [&here, &gone]), again);
    let moved = [act(18, Link, Push, 1), act(30, Person, Push, 2)];
    let put_back = Some((Kind::PutBack, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [1, 1], [&here, &moved]), put_back);
}

#[test]
fn what_both_deleted_each_in_their_way_is_gone_whatever_replication_brought() {
    // On one side another image had taken the tag before it was deleted with it.
    let here = [act(20, Person, DeleteArtifact, 1), act(21, Link, Push, 1)];
    let there = [act(19, Person, Push, 2), act(20, Person, DeleteArtifact, 2), act(20, Link, Push, 1)];
    let again = Some((Kind::Resurrected, None, Certainty::Certain, Action::DeleteBoth));
    assert_eq!(judged(1, [1, 1], [&here, &there]), again);
}

#[test]
fn who_got_only_what_the_other_had_pushed_before_follows() {
    let pushed_twice = [act(5, Person, Push, 1), act(20, Person, Push, 2)];
    let moved = Some((Kind::Moved, Some(Side::A), Certainty::Certain, Action::Move { to: Side::B }));
    // Nobody compared between the two pushes.
    assert_eq!(judged(0, [2, 1], [&pushed_twice, &[act(6, Link, Push, 1)]]), moved);
    assert_eq!(judged(9, [2, 1], [&pushed_twice, &[act(6, Link, Push, 1)]]), moved);
    // What people did there is long past.
    let before = [act(2, Person, Push, 9), act(3, Person, DeleteTag, 0), act(6, Link, Push, 1)];
    assert_eq!(judged(0, [2, 1], [&pushed_twice, &before]), moved);
    // Or is not.
    let after = [act(6, Link, Push, 1), act(30, Person, Push, 3)];
    let conflict = Some((Kind::Conflict, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(0, [2, 3], [&pushed_twice, &after]), conflict);
}

#[test]
fn a_moved_tag_is_moved_and_a_late_echo_is_put_right() {
    let moved = [act(5, Person, Push, 2)];
    let to_b = Action::Move { to: Side::B };
    assert_eq!(
        judged(1, [2, 1], [&moved, &[]]),
        Some((Kind::Moved, Some(Side::A), Certainty::Certain, to_b))
    );
    // 2 was settled on both; B's echo wrote the old 1 over A's.
    let echo = [act(5, Person, Push, 2), act(9, Link, Push, 1)];
    let to_a = Action::Move { to: Side::A };
    assert_eq!(
        judged(2, [1, 2], [&echo, &[]]),
        Some((Kind::PutBack, Some(Side::A), Certainty::Certain, to_a))
    );
    // It did so before both were read alike: both hold the old one now.
    let found = judged(1, [1, 1], [&echo, &[]]);
    assert_eq!(found, Some((Kind::PutBack, None, Certainty::Certain, Action::Ask)));
}

#[test]
fn who_moved_on_from_what_was_pushed_again_before_is_followed() {
    let (again, later) = ([act(5, Person, Push, 1)], [act(20, Person, Push, 2)]);
    let moved = Some((Kind::Moved, Some(Side::B), Certainty::Certain, Action::Move { to: Side::A }));
    assert_eq!(judged(1, [1, 2], [&again, &later]), moved);
    let conflict = Some((Kind::Conflict, None, Certainty::Open, Action::Ask));
    assert_eq!(judged(1, [1, 2], [&[act(30, Person, Push, 1)], &later]), conflict);
    // What replication brought before is not what is there.
    let brought = [act(9, Link, Push, 1)];
    assert_eq!(judged(1, [1, 2], [&again, &brought]).unwrap().0, Kind::Conflict);
}

#[test]
fn a_deletion_needs_an_act_of_a_person() {
    let on_b = Some((Kind::Deleted, Some(Side::A), Certainty::Certain, Action::Delete { on: Side::B }));
    assert_eq!(judged(1, [0, 1], [&[act(5, Person, DeleteTag, 0)], &[]]), on_b);
    // The deletion of an artifact does not name its tags.
    assert_eq!(judged(1, [0, 1], [&[act(5, Person, DeleteArtifact, 1)], &[]]), on_b);
    let open = Some((Kind::Vanished, Some(Side::A), Certainty::Open, Action::Ask));
    assert_eq!(judged(1, [0, 1], [&[], &[]]), open);
    assert_eq!(judged(1, [0, 1], [&[act(5, Person, DeleteArtifact, 7)], &[]]), open);
    let retired = Some((Kind::Retired, Some(Side::A), Certainty::Certain, Action::Leave));
    assert_eq!(judged(1, [0, 1], [&[act(5, Retention, DeleteArtifact, 1)], &[]]), retired);
}

#[test]
fn a_deletion_that_replication_undid_is_done_again() {
    let acts = [act(5, Person, DeleteTag, 0), act(9, Link, Push, 1)];
    assert_eq!(
        judged(1, [1, 1], [&acts, &[]]),
        Some((Kind::Resurrected, None, Certainty::Certain, Action::DeleteBoth))
    );
    let again = Some((Kind::Resurrected, Some(Side::A), Certainty::Certain, Action::Delete { on: Side::A }));
    assert_eq!(judged(0, [1, 0], [&acts, &[]]), again);
    // A run was under way while a heal carried the deletion.
    assert_eq!(judged(1, [1, 0], [&acts, &[act(10, Author::Console, DeleteTag, 0)]]), again);
}

#[test]
fn both_sides_changed_is_a_conflict_that_asks() {
    let conflict = Some((Kind::Conflict, None, Certainty::Open, Action::Ask));
    let (two, three) = ([act(5, Person, Push, 2)], [act(90, Person, Push, 3)]);
    assert_eq!(judged(0, [2, 3], [&two, &three]), conflict, "added on both");
    assert_eq!(judged(1, [2, 3], [&two, &three]), conflict, "moved on both");
    assert_eq!(judged(1, [2, 0], [&two, &[act(9, Person, DeleteTag, 0)]]), conflict, "moved and deleted");
}

#[test]
fn a_deletion_and_a_push_again_go_by_their_order_where_it_is_known() {
    let deleted = [act(50, Person, DeleteTag, 0)];
    let kind = |pushed_s: i64| judged(1, [0, 1], [&deleted, &[act(pushed_s, Person, Push, 1)]]).unwrap().0;
    assert_eq!((kind(40), kind(51), kind(60)), (Kind::Deleted, Kind::Conflict, Kind::New));
    // The same where no common state was ever read.
    let kind = |pushed_s: i64| judged(0, [0, 1], [&deleted, &[act(pushed_s, Person, Push, 1)]]).unwrap().0;
    assert_eq!((kind(40), kind(51), kind(60)), (Kind::Conflict, Kind::Conflict, Kind::New));
}

#[test]
fn first_contact_deletes_nothing() {
    let (a, b, none) = (holding(&[("v", 1), ("x", 2)]), holding(&[("x", 3)]), Base::default());
    for direction in [Direction::Both, Direction::AToB] {
        let question = Question {
            direction,
            history: false,
            base: &none,
            sides: [&a, &b],
            acts: [&[], &[]],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            began_ms: [READ_MS; 2],
        };
        let found = judge(&question).differences;
        assert_eq!(found[0].kind, Kind::NoHistory);
        assert!(found.iter().all(|d| !matches!(d.action, Action::Delete { .. } | Action::DeleteBoth)));
    }
}

#[test]
fn one_way_the_destination_follows() {
    let judged = |was: u8, now: [u8; 2], acts: &[Act]| {
        let some = |n: u8| if n == 0 { Vec::new() } else { vec![("v", n)] };
        let ([a, b], base) = (now.map(|n| holding(&some(n))), base(&some(was)));
        let question = Question {
            direction: Direction::AToB,
            history: true,
            base: &base,
            sides: [&a, &b],
            acts: [acts, &[]],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            began_ms: [READ_MS; 2],
        };
        judge(&question).differences.into_iter().find(|d| d.tag.is_some()).map(|d| (d.kind, d.on, d.action))
    };
    let (copy, over) = (Action::Copy { to: Side::B }, Action::Move { to: Side::B });
    assert_eq!(judged(0, [1, 0], &[]), Some((Kind::New, Some(Side::A), copy)));
    assert_eq!(judged(1, [1, 0], &[]), Some((Kind::Vanished, Some(Side::B), copy)));
    assert_eq!(judged(1, [2, 1], &[]), Some((Kind::Moved, Some(Side::A), over)));
    assert_eq!(judged(1, [1, 2], &[]), Some((Kind::Moved, Some(Side::B), over)));
    assert_eq!(judged(0, [0, 1], &[]), Some((Kind::Extra, Some(Side::B), Action::Leave)));
    assert_eq!(judged(1, [0, 1], &[]), Some((Kind::Vanished, Some(Side::A), Action::Ask)));
    let carried = [act(5, Author::Console, DeleteTag, 0)];
    let delete = Action::Delete { on: Side::B };
    assert_eq!(judged(1, [0, 1], &carried), Some((Kind::Deleted, Some(Side::A), delete)));
}

#[test]
fn a_missing_part_is_incomplete_and_not_equal() {
    let of = |lacks, accessories: &[u8]| {
        let artifact = super::super::Artifact {
            digest: digest(1),
            size: 1,
            pushed_ms: 0,
            part: false,
            lacks,
            accessories: accessories.iter().map(|n| digest(*n)).collect(),
        };
        Holding::new(vec![Tag { name: "v".into(), digest: digest(1), pushed_ms: 0 }], vec![artifact])
    };
    let was = base(&[("v", 1)]);
    let found = |a: Holding, b: Holding| {
        let question = Question {
            direction: Direction::Both,
            history: true,
            base: &was,
            sides: [&a, &b],
            acts: [&[], &[]],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            began_ms: [READ_MS; 2],
        };
        judge(&question).differences.first().map(|d| (d.kind, d.on, d.action))
    };
    let incomplete = |on| Some((Kind::Incomplete, Some(on), Action::Ask));
    assert_eq!(found(of(0, &[5]), of(0, &[5])), None);
    assert_eq!(found(of(0, &[]), of(1, &[])), incomplete(Side::B));
    assert_eq!(found(of(0, &[]), of(0, &[5])), incomplete(Side::A));
    assert_eq!(found(of(1, &[]), of(1, &[])), incomplete(Side::A));
}

#[test]
fn what_is_still_to_be_deleted_is_known_also_after_its_tag_is_gone_from_both() {
    let left = super::super::Artifact {
        digest: digest(1),
        size: 1,
        pushed_ms: 0,
        part: false,
        lacks: 0,
        accessories: Vec::new(),
    };
    // One side deleted the image, the other only its tag.
    let (a, b) = (Holding::default(), Holding::new(Vec::new(), vec![left]));
    let (here, there) = ([act(5, Person, DeleteArtifact, 1)], [act(6, Person, DeleteTag, 0)]);
    let ask = |base: &Base| {
        judge(&Question {
            direction: Direction::Both,
            history: true,
            base,
            sides: [&a, &b],
            acts: [&here, &there],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            began_ms: [READ_MS; 2],
        })
    };
    let first = ask(&base(&[("v", 1)]));
    assert_eq!(first.differences[0].action, Action::Delete { on: Side::B });
    let again = ask(&first.base);
    assert_eq!((&again.differences, again.base_changed), (&first.differences, false));
}

#[test]
fn untagged_artifacts_matter_where_a_person_pushed_or_deleted_them_by_digest() {
    let of = |n| super::super::Artifact {
        digest: digest(n),
        size: 1,
        pushed_ms: 0,
        part: false,
        lacks: 0,
        accessories: Vec::new(),
    };
    let (a, b) = (Holding::new(Vec::new(), vec![of(1), of(2), of(3)]), Holding::new(Vec::new(), vec![of(3)]));
    let was = Base { tags: Vec::new(), untagged: vec![digest(1)] };
    let pushed = [Act { tag: None, ..act(4, Person, Push, 2) }];
    let ask = |acts: &[Act]| {
        let question = Question {
            direction: Direction::Both,
            history: true,
            base: &was,
            sides: [&a, &b],
            acts: [&pushed, acts],
            clock_error_ms: ERROR_MS,
            heard_ms: READ_MS,
            began_ms: [READ_MS; 2],
        };
        judge(&question)
    };
    let collected = ask(&[]);
    assert_eq!(
        collected.differences.iter().map(|d| (d.kind, d.held[0])).collect::<Vec<_>>(),
        [(Kind::New, Some(digest(2)))]
    );
    assert_eq!(collected.base.untagged, [digest(3)]);
    let deleted = ask(&[act(5, Person, DeleteArtifact, 1)]);
    assert_eq!(deleted.differences[0].kind, Kind::Deleted);
    assert_eq!(deleted.differences[0].action, Action::Delete { on: Side::A });
}

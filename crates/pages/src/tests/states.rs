//! What is said of which state.

use model::{
    Say,
    health::HealthState::{Degraded, Down, Unknown, Unreachable, Up},
};

use crate::{
    facts::Facts,
    sample::{HOUR, NOW, behind, facts, settings, view, with_outage},
    view::{Equal, Held, Outage},
    words,
};

fn headline(facts: &Facts) -> Say {
    words::headline(&view(&settings(), facts), NOW)
}

#[test]
fn the_headline_speaks_of_pulling_and_pushing() {
    let mut all_well = facts();
    assert_eq!(headline(&all_well).en, "You can pull and push.");
    assert_eq!(headline(&all_well).zh, "可以拉取和推送。");
    behind(&mut all_well, 41, NOW - 4 * 60_000);
    assert_eq!(headline(&all_well).en, "You can pull and push. Copies to Beijing are 4 minutes behind.");
    assert_eq!(headline(&all_well).zh, "可以拉取和推送。Beijing 的副本晚 4 分钟。");

    let mut facts = facts();
    facts.board.clusters[0].nodes[0].state = Unreachable;
    assert_eq!(headline(&facts).en, "You can pull and push.", "behind an entry nobody notices");
    let shown = view(&settings(), &facts);
    let sentence = shown.clusters[0].sentence.as_ref().unwrap();
    assert_eq!(
        sentence.en,
        "Shanghai is away: pushes to Beijing are not reaching it. Everyone can pull from Beijing."
    );
    facts.board.clusters[0].entry = None;
    assert_eq!(headline(&facts).en, "You can pull and push, but not at every place.");
    facts.board.clusters[0].nodes[1].state = Down;
    assert_eq!(headline(&facts).en, "You can neither pull nor push.");
}

#[test]
fn where_images_go_one_way_pushes_depend_on_the_source() {
    let mut facts = facts();
    facts.board.clusters[0].topology = model::Topology::OneToMany;
    facts.board.clusters[0].nodes[0].state = Down;
    assert_eq!(headline(&facts).en, "You can pull, but not push.");
}

#[test]
fn old_and_missing_data_is_never_green() {
    let mut facts = facts();
    for node in &mut facts.board.clusters[0].nodes {
        (node.state, node.seen_ms) = (Unknown, NOW - 3 * HOUR);
    }
    facts.board.clusters[0].entry = None;
    let shown = view(&settings(), &facts);
    assert_eq!(shown.state, Unknown);
    assert_eq!(headline(&facts).en, "Nothing is known since 3 hours ago.");
    let row = &shown.clusters[0].rows[0];
    assert_eq!((row.state, words::beside(row, NOW).en.as_str()), (Unknown, "last seen 3 hours ago"));

    for node in &mut facts.board.clusters[0].nodes {
        node.seen_ms = 0;
    }
    assert_eq!(headline(&facts).en, "Nobody has looked yet.");
    assert_eq!(words::beside(&view(&settings(), &facts).clusters[0].rows[0], NOW).en, "not looked at yet");
}

#[test]
fn a_console_that_is_cut_off_says_so() {
    let mut facts = facts();
    facts.board.cut_off = true;
    let shown = view(&settings(), &facts);
    assert_eq!(shown.state, Unknown);
    assert!(headline(&facts).en.starts_with("Nothing is known now"));
}

#[test]
fn the_worst_of_what_is_shown_is_the_state_of_the_page() {
    let state = |change: fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        view(&settings(), &facts).state
    };
    assert_eq!(state(|_| ()), Up);
    assert_eq!(state(|f| behind(f, 1, NOW - 30 * 60_000)), Degraded);
    assert_eq!(state(|f| f.board.clusters[0].state = Degraded), Degraded);
    assert_eq!(state(|f| f.board.clusters[0].entry.as_mut().unwrap().state = Unreachable), Down);
}

fn lately_behind(facts: &mut Facts) {
    behind(facts, 2, NOW - 20_000);
    facts.pairs[0].read_ms = Some(NOW - 5_000);
}

#[test]
fn copies_say_what_their_end_holds() {
    let held = |change: fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        let shown = view(&settings(), &facts);
        let copies = &shown.clusters[0].copies[0];
        (copies.state, copies.held, words::freshness(copies, &shown.zone, NOW).en)
    };
    let compared_ms = NOW - 3 * 60_000;
    assert_eq!(held(|_| ()), (Up, Held::All { compared_ms }, "equal, compared 3 minutes ago".into()));
    let ms = NOW - 4 * 60_000;
    let late = held(|f| behind(f, 2, NOW - 4 * 60_000));
    assert_eq!(late, (Degraded, Held::UpTo { ms, waits: false }, "4 minutes behind".into()));
    let just_now = held(lately_behind);
    assert_eq!((just_now.0, just_now.2.as_str()), (Degraded, "1 minute behind"));
    let on_its_way = held(|f| {
        lately_behind(f);
        f.board.clusters[0].links[0].state = Up;
    });
    assert_eq!((on_its_way.0, on_its_way.2.as_str()), (Up, "new images are on their way"));
    let waits = held(|f| {
        behind(f, 2, NOW - 2 * HOUR);
        f.board.clusters[0].links[0].state = Down;
    });
    assert_eq!((waits.0, waits.2.as_str()), (Degraded, "holds everything up to 10:00"));
    assert_eq!(held(|f| f.pairs[0].read_ms = None).2, "not compared yet");
    let old = held(|f| f.pairs[0].read_ms = Some(NOW - 5 * HOUR));
    assert_eq!((old.0, old.2.as_str()), (Unknown, "last compared 5 hours ago"));
    // The other way holds everything all the same.
    let mut facts = facts();
    behind(&mut facts, 2, NOW - 4 * 60_000);
    assert_eq!(view(&settings(), &facts).clusters[0].copies[1].held, Held::All { compared_ms });
}

#[test]
fn outages_are_told_in_facts() {
    let facts = with_outage(facts());
    let shown = view(&settings(), &facts);
    let [outage] = &shown.clusters[0].outages[..] else { panic!("{shown:?}") };
    assert_eq!((outage.from_ms, outage.until_ms), (NOW - 10 * HOUR, Some(NOW - 8 * HOUR)));
    assert_eq!(outage.hit, [Some("Shanghai".to_owned())]);
    assert_eq!((outage.no_pull_ms, outage.no_push_ms), (0, 0));
    assert_eq!(outage.equal, Equal::At(NOW - 7 * HOUR));
    assert_eq!(
        words::outage(outage, &shown.zone, NOW).en,
        "Shanghai was away for 2 h. Pulls and pushes went on. Copies equal again at 05:00, 1 h after it."
    );
    let unharmed = Outage { equal: Equal::At(NOW - 8 * HOUR), ..outage.clone() };
    assert_eq!(
        words::outage(&unharmed, &shown.zone, NOW).en,
        "Shanghai was away for 2 h. Pulls and pushes went on. Copies were equal afterwards."
    );
    let bars = shown.clusters[0].copies[0].bars.as_ref().unwrap();
    let well = bars.well.unwrap();
    assert!((well - 97.0 / 100.0).abs() < 1e-3, "away for two hours, behind for one: {well}");
}

#[test]
fn an_outage_that_goes_on_is_told_before_it_is_written_down() {
    let mut facts = facts();
    let node = &mut facts.board.clusters[0].nodes[1];
    (node.state, node.since_ms) = (Unreachable, NOW - 60_000);
    let shown = view(&settings(), &facts);
    let outage = &shown.clusters[0].outages[0];
    assert_eq!((outage.from_ms, outage.until_ms), (NOW - 60_000, None));
    assert_eq!(words::outage(outage, &shown.zone, NOW).en, "Beijing is away. Pulls and pushes went on.");
    let before = view(&settings(), &crate::sample::facts()).gist();
    assert_ne!(shown.gist(), before);
}

#[test]
fn gist_is_the_same_while_only_time_passes() {
    let mut later = facts();
    later.now_ms += 60_000;
    later.pairs[0].read_ms = Some(NOW);
    for node in &mut later.board.clusters[0].nodes {
        node.seen_ms = NOW + 60_000;
    }
    assert_eq!(view(&settings(), &later).gist(), view(&settings(), &facts()).gist());
}

#[test]
fn a_view_that_nobody_renewed_is_not_green_for_ever() {
    let shown = view(&settings(), &facts());
    assert_eq!(shown.at(NOW + 60_000).state, Up);
    let old = shown.at(NOW + HOUR);
    assert_eq!(old.state, Unknown);
    assert_eq!(words::headline(&old, NOW + HOUR).en, "Nothing is known since 1 hour ago.");
    assert_eq!(words::beside(&old.clusters[0].rows[0], NOW + HOUR).en, "last seen 1 hour ago");
    assert!(old.clusters[0].copies.iter().all(|copies| copies.state == Unknown));
}

//! Reading only what can have changed, held against reading everything.

use std::time::Duration;

use harbor_sim::Fill;
use ledger::{Depth, PairState, Tells};
use model::drift::Direction;
use store::{
    ledger::{DriftRow, Known},
    testing::for_each_db,
};

use crate::two::{Two, admin, robot};

/// `BREAKWATER_SEEDS=100..200` chooses others.
const SEEDS: std::ops::Range<u64> = 0..3;
const REPOSITORIES: [&str; 7] =
    ["shop/cart", "shop/deep/er", "shop-2/x", "tools/lint", "tools/fmt", "zoo/a", "zoo/b"];
const TAGS: [&str; 4] = ["latest", "v1", "v2", "v3"];

/// A small generator (split mix), the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.roll(all.len() as u64)).unwrap()]
    }
}

/// Something that people, rules or Harbor itself do.
async fn deed(two: &Two<'_>, dice: &mut Dice, silent: bool) -> String {
    let (repository, tag) = (dice.pick(&REPOSITORIES), dice.pick(&TAGS));
    let side = usize::from(dice.roll(2) == 1);
    let node = two.sim.node(side);
    let layer = dice.roll(6);
    let what = match dice.roll(16) {
        0..=5 => {
            node.push_image(repository, tag, format!("layer {layer}"));
            "push"
        }
        6..=8 => {
            two.sim.node(0).push_image(repository, tag, format!("layer {layer}"));
            two.sim.node(1).push_image(repository, tag, format!("layer {layer}"));
            "push to both"
        }
        9..=10 => {
            node.delete_tag(repository, tag);
            "delete tag"
        }
        11 => {
            node.delete_artifact(repository, tag);
            "delete artifact"
        }
        12 => {
            let (project, inner) = repository.split_once('/').unwrap();
            let _ = admin(&node).delete_repository(project, inner).await;
            "delete repository"
        }
        13 => {
            let (project, _) = repository.split_once('/').unwrap();
            let harbor = admin(&node);
            for repository in harbor.repositories(project).await.unwrap_or_default() {
                let (_, inner) = repository.name.split_once('/').unwrap();
                harbor.delete_repository(project, inner).await.unwrap();
            }
            let _ = harbor.delete_project(project).await;
            "delete project"
        }
        14 if silent => {
            node.collect_untagged(repository);
            "collect garbage"
        }
        _ => {
            let (project, _) = repository.split_once('/').unwrap();
            node.create_project(project, false);
            "make project"
        }
    };
    format!("{what} {side} {repository}:{tag} {layer}")
}

type Figures = (u64, u64, u64, [u64; 2], [Option<i64>; 2], i64);

/// Everything that a comparison keeps.
async fn kept(two: &Two<'_>, state: &PairState) -> (Vec<DriftRow>, Vec<(String, Known)>, Figures) {
    let ledger = two.store.ledger();
    let mut known = Vec::new();
    for (name, _) in ledger.repositories(&two.pair.id, "", 1000).await.unwrap() {
        let of = ledger.known(&two.pair.id, &name).await.unwrap();
        known.push((name, of));
    }
    let s = state;
    (two.rows().await, known, (s.compared, s.equal, s.repositories, s.held, s.behind_ms, s.changes))
}

async fn agrees(two: &Two<'_>, db: &store::testing::TestDb, seed: u64, version: &str) {
    let mut dice = Dice(seed);
    let tick = |dice: &mut Dice| {
        let ms = dice.roll(4) * 1_700;
        db.advance(i64::try_from(ms).unwrap());
        two.sim.clock().advance(Duration::from_millis(ms));
    };
    // A log without a line looks like one that may not be seen, and then everything is read.
    two.both("shop/cart", "v1", "layer 0");
    for _ in 0..10 {
        deed(two, &mut dice, false).await;
    }
    let mut whole = two.read(Depth::Whole).await;
    let mut story = Vec::new();
    for _ in 0..6 {
        tick(&mut dice);
        for _ in 0..=dice.roll(5) {
            story.push(deed(two, &mut dice, version == "2.15.2").await);
        }
        if dice.roll(2) == 0 {
            tick(&mut dice);
        }
        let partly = two.read(Depth::Changed).await;
        assert_eq!(partly.whole_ms, whole.whole_ms, "not everything was read");
        let told = kept(two, &partly).await;
        whole = two.read(Depth::Whole).await;
        let all = kept(two, &whole).await;
        assert_eq!(told, all, "seed {seed} on {version}: {story:#?}");
    }
}

#[tokio::test]
async fn reading_what_changed_comes_to_the_same_as_reading_everything() {
    let chosen = std::env::var("BREAKWATER_SEEDS").unwrap_or_default();
    let range = chosen.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    let seeds = range.unwrap_or(SEEDS);
    for_each_db(async |db| {
        for (n, version) in ["2.8.6", "2.12.4", "2.14.4", "2.15.2"].into_iter().enumerate() {
            for seed in seeds.clone() {
                let store = db.reopen().await;
                for cluster in store.clusters().list().await.unwrap() {
                    store.clusters().remove(&cluster.id).await.unwrap();
                }
                let direction = if seed % 3 == 2 { Direction::AToB } else { Direction::Both };
                let two = Two::start(&store, version, direction).await;
                agrees(&two, &db, seed * 10 + n as u64, version).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn reading_what_changed_takes_few_requests() {
    for_each_db(async |db| {
        for version in ["2.12.4", "2.15.2"] {
            let store = db.reopen().await;
            for cluster in store.clusters().list().await.unwrap() {
                store.clusters().remove(&cluster.id).await.unwrap();
            }
            let two = Two::start(&store, version, Direction::Both).await;
            let fill = Fill { artifacts: 2_000, repositories: 400, ..Fill::default() };
            two.a().fill(&fill);
            two.b().fill(&fill);
            // An audit log without a line looks like one that may not be seen.
            two.both("p/r", "v1", "one");
            db.advance(15_000);
            two.sim.clock().advance(Duration::from_secs(15));
            two.compare().await;
            let requests = async || {
                db.advance(15_000);
                two.sim.clock().advance(Duration::from_secs(15));
                let before = [two.a().served(), two.b().served()];
                let state = two.compare().await;
                assert_eq!(
                    (state.repositories, state.compared - state.equal),
                    (401, two.rows().await.len() as u64)
                );
                [two.a().served() - before[0], two.b().served() - before[1]]
            };
            // The log and the repositories.
            assert_eq!(requests().await, [2, 2], "{version}");
            for n in 0..7 {
                let (project, nth) = (n % 3, n / 3);
                let repository = format!("fill-{project}/app-{}", 20 * nth + project);
                two.a().push_image(&repository, "new", format!("new {n}"));
            }
            // And a project each.
            assert_eq!(requests().await, [5, 5], "{version}");
            two.a().delete_artifact("fill-7/app-7", "v0");
            assert_eq!(requests().await, [6, 6], "{version}: what differs is looked at again");
        }
    })
    .await;
}

#[tokio::test]
async fn a_side_that_tells_nothing_is_read_wholly() {
    for_each_db(async |db| {
        let mut two = Two::start(&db.store, "2.14.4", Direction::Both).await;
        two.both("p/r", "v1", "one");
        // A robot without the right to see it is shown an empty log.
        two.pair.sides[1].system = robot(&two.b()).await;
        let first = two.compare().await;
        assert_eq!(first.tells, [Some(Tells::Log), Some(Tells::Nothing)]);
        db.advance(15_000);
        two.b().push_image("p/r", "v2", "two");
        let second = two.compare().await;
        assert!(second.whole_ms > first.whole_ms, "{second:?}");
        assert_eq!(two.rows().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn reading_everything_goes_on_where_it_was_broken_off() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        let fill = Fill { artifacts: 8_000, repositories: 400, projects: 60, ..Fill::default() };
        two.a().fill(&fill);
        two.b().fill(&fill);
        two.both("p/r", "v1", "one");
        let (halfway, reached) = tokio::sync::watch::channel(0);
        let told = |now: model::drift::Comparing| {
            halfway.send_replace(now.done);
        };
        let mut reached = reached;
        tokio::select! {
            ended = ledger::compare_pair(two.store, &two.pair, Depth::Due, &told) => panic!("{ended:?}"),
            _ = reached.wait_for(|done| *done > 300) => {}
        }
        let kept: PairState = two.store.ledger().pair(&two.pair.id).await.unwrap().state_as().unwrap();
        assert!(kept.under_way.is_some_and(|way| !way.after.is_empty()) && kept.read_ms.is_none());
        // What changes meanwhile on what was read already is seen as well.
        db.advance(2_000);
        two.sim.clock().advance(Duration::from_secs(2));
        two.a().push_image("fill-0/app-0", "new", "new");
        let before = two.a().served();
        let state = two.compare().await;
        assert_eq!((state.compared, state.equal, state.repositories), (8_002, 8_001, 401));
        let requests = two.a().served() - before;
        // Reading all projects takes 60, and more than a half was read before.
        assert!(requests < 45, "{requests}");
        let rows = two.rows().await;
        assert_eq!(rows.iter().map(|r| r.thing.as_str()).collect::<Vec<_>>(), ["new"]);
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_everything_is_read_is_read_again() {
    for_each_db(async |db| {
        let two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        let fill = Fill { artifacts: 8_000, repositories: 400, ..Fill::default() };
        two.a().fill(&fill);
        two.b().fill(&fill);
        two.both("p/r", "v1", "one");
        two.compare().await;
        db.advance(60_000);
        two.sim.clock().advance(Duration::from_secs(60));
        let (a, b) = (two.a(), two.b());
        let pushed = std::sync::atomic::AtomicBool::new(false);
        let clock = &db;
        let told = move |now: model::drift::Comparing| {
            // The first projects were read, and the last were not.
            let half = now.of == 401 && now.done > 200;
            if half && !pushed.swap(true, std::sync::atomic::Ordering::Relaxed) {
                a.push_image("fill-0/app-0", "moving", "one");
                b.push_image("fill-0/app-0", "moving", "two");
                a.delete_tag("fill-9/app-9", "v0");
                // Time goes on here too: by more than it takes on a busy machine.
                clock.advance(120_000);
            }
        };
        ledger::compare_pair(two.store, &two.pair, Depth::Whole, &told).await.unwrap();
        let rows = two.rows().await;
        let seen: Vec<_> =
            rows.iter().map(|r| format!("{}:{} {}", r.repository, r.thing, r.kind.as_str())).collect();
        assert_eq!(seen, ["fill-0/app-0:moving conflict", "fill-9/app-9:v0 deleted"]);
    })
    .await;
}

#[tokio::test]
async fn everything_is_read_again_at_the_period_that_was_set() {
    const HOUR: i64 = 3_600_000;
    for_each_db(async |db| {
        let mut two = Two::start(&db.store, "2.15.2", Direction::Both).await;
        two.both("p/app", "v1", "one");
        let first = two.compare().await.whole_ms;
        let later = async |two: &Two<'_>, ms: i64| {
            db.advance(ms);
            two.sim.clock().advance(Duration::from_millis(u64::try_from(ms).unwrap()));
            two.compare().await.whole_ms
        };
        two.pair.whole_every_ms = Some(6 * HOUR);
        assert_eq!(later(&two, 6 * HOUR - 60_000).await, first, "it is not due");
        let second = later(&two, 60_000).await;
        assert!(second > first, "it is due");
        // As the load allows is sooner, and another period counts from what was read last.
        two.pair.whole_every_ms = None;
        let third = later(&two, 15 * 60_000).await;
        assert!(third > second);
        two.pair.whole_every_ms = Some(HOUR);
        assert_eq!(later(&two, 15 * 60_000).await, third);
        assert!(later(&two, 45 * 60_000).await > third);
    })
    .await;
}

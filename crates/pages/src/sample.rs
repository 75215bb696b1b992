//! A cluster in which every field that readers must not see holds a canary, and a page that shows all of it.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use model::{
    Link, Say, Topology,
    drift::{Direction, DriftHistory, HistoryStep, PairView},
    heal::{HealPolicy, HealSettings},
    health::{Board, ClusterHealth, Component, EntryHealth, HealthState, Interval, LinkHealth, NodeHealth},
    ids::{ClusterId, NodeId, PairId},
    names::{ClusterName, NodeName},
    page::{
        PageAccess, PageName, PageSettings, PageSlug, PageTheme, PageTitle, ShownCluster, ShownNode, Shows,
    },
};
use watch::Subject;

use crate::{
    facts::{Compared, Facts, Known},
    view::View,
};

pub(crate) const HOUR: i64 = 3_600_000;
/// 2026-11-26 12:00 in Shanghai.
pub(crate) const NOW: i64 = 1_795_665_600_000;

pub(crate) fn id<T: TryFrom<String>>(n: u8) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(format!("0193a1b2-0000-7000-8000-0000000000{n:02}")).expect("a sample that is right")
}

/// What stands in every field that a page must not show.
pub(crate) const CANARY: &str = "canary";

fn node(n: u8, name: &str) -> NodeHealth {
    let said = || Say { en: format!("{CANARY} reason"), zh: format!("{CANARY} 原因") };
    NodeHealth {
        id: id(n),
        name: NodeName::parse(&format!("{CANARY}-{name}")).expect("a sample that is right"),
        address: format!("https://{CANARY}-{name}.example:8443"),
        state: HealthState::Up,
        since_ms: NOW - 100 * HOUR,
        seen_ms: NOW - 2_000,
        checking: false,
        reason: Some(said()),
        reason_code: Some(CANARY.into()),
        next: Some(said()),
        warnings: vec![model::health::Warning { code: CANARY.into(), text: said(), next: said() }],
        components: ["core", "jobservice", CANARY]
            .map(|name| Component { name: name.into(), healthy: true, error: Some(CANARY.into()) })
            .into(),
        latency_ms: Some(4),
        usual_ms: Some(4),
        version: Some(format!("v2.14.0-{CANARY}")),
        cert_not_after_ms: None,
        clock_offset_ms: None,
        replication_queue: None,
        schedules: None,
        canary_ms: Some(3),
        canary: Some(format!("{CANARY}/repository:tag")),
        unverified: false,
        credential_refused: false,
    }
}

/// Two masters behind an entry, alike.
pub(crate) fn facts() -> Facts {
    let (a, b) = (node(11, "a"), node(12, "b"));
    let link = |from: &NodeHealth, to: &NodeHealth| LinkHealth {
        link: Link::new(from.name.clone(), to.name.clone()),
        state: HealthState::Up,
        label: Some(Say::same(CANARY)),
    };
    let pair = PairView {
        id: id(31),
        version: 1,
        cluster: id(1),
        cluster_name: ClusterName::parse(CANARY).expect("a sample that is right"),
        a: a.name.clone(),
        b: b.name.clone(),
        direction: Direction::Both,
        read_ms: Some(NOW - 3 * 60_000),
        whole_ms: None,
        reads: Some(Say::same(CANARY)),
        holds_ms: [Some(NOW - 3 * 60_000); 2],
        compared: 10,
        copied: 10,
        equal: 10,
        changes: 1,
        totals: Vec::new(),
        comparing: None,
        error: Some(model::AppError::new(CANARY, 500, Say::same(CANARY), Say::same(CANARY))),
        policy: HealPolicy::All,
        settings: HealSettings::default(),
        held_back: Some(Say::same(CANARY)),
        fences: Vec::new(),
        healing: None,
        verified: None,
    };
    let cluster = ClusterHealth {
        id: id(1),
        name: ClusterName::parse(CANARY).expect("a sample that is right"),
        topology: Topology::DualMaster,
        state: HealthState::Up,
        sentence: Say::same(CANARY),
        links: vec![link(&a, &b), link(&b, &a)],
        entry: Some(EntryHealth {
            address: format!("https://{CANARY}.example"),
            state: HealthState::Up,
            since_ms: NOW - 100 * HOUR,
            seen_ms: NOW - 2_000,
            latency_ms: Some(5),
            reason: Some(Say::same(CANARY)),
            reason_code: Some(CANARY.into()),
            next: Some(Say::same(CANARY)),
            checking: false,
            cert_not_after_ms: None,
        }),
        nodes: vec![a, b],
    };
    let step = |from: i64, until: i64, total| HistoryStep {
        from_ms: NOW + from * HOUR,
        until_ms: NOW + until * HOUR,
        total,
        kinds: Vec::new(),
    };
    let steps = vec![step(-100, -10, 0), step(-8, -7, 41), step(-7, 0, 0)];
    let history = DriftHistory { from_ms: NOW - 2_160 * HOUR, until_ms: NOW, steps };
    Facts {
        now_ms: NOW,
        board: Board { clusters: vec![cluster], cut_off: false, at_ms: NOW },
        drift: HashMap::from([(id::<PairId>(31), Compared { history, read_ms: pair.read_ms })]),
        pairs: vec![pair],
        histories: HashMap::new(),
    }
}

/// A node was away ten to eight hours ago.
pub(crate) fn with_outage(mut facts: Facts) -> Facts {
    let span =
        |from: i64, to: i64, state| Interval { from_ms: NOW + from * HOUR, to_ms: NOW + to * HOUR, state };
    let intervals = vec![
        span(-100, -10, HealthState::Up),
        span(-10, -8, HealthState::Unreachable),
        span(-8, 0, HealthState::Up),
    ];
    facts.histories.insert(Subject::Node(id::<NodeId>(11)).to_string(), Known { intervals, read_ms: NOW });
    facts.board.clusters[0].nodes[0].since_ms = NOW - 8 * HOUR;
    facts
}

/// Shows everything there is, under aliases.
pub(crate) fn settings() -> PageSettings {
    let node =
        |n, name| ShownNode { id: id(n), shown_as: NodeName::parse(name).expect("a sample that is right") };
    PageSettings {
        name: PageName::parse(CANARY).expect("a sample that is right"),
        slug: PageSlug::parse("team").expect("a sample that is right"),
        title: PageTitle::parse("Registry <status>").expect("a sample that is right"),
        text: "Ask the *platform team*.".into(),
        logo: None,
        clusters: vec![ShownCluster {
            id: id::<ClusterId>(1),
            shown_as: ClusterName::parse("Production").expect("a sample that is right"),
            nodes: vec![node(11, "Shanghai"), node(12, "Beijing")],
        }],
        shows: Shows {
            nodes: true,
            entry: true,
            components: true,
            freshness: true,
            history: true,
            drift: true,
        },
        locale: None,
        theme: PageTheme::Device,
        zone: "Asia/Shanghai".into(),
        access: PageAccess::Link,
    }
}

pub(crate) fn view(settings: &PageSettings, facts: &Facts) -> View {
    View::of(settings, TimeZone::get(&settings.zone).expect("a sample that is right"), facts)
}

/// The pair lacks something at its second node since then.
#[cfg(test)]
pub(crate) fn behind(facts: &mut Facts, count: u64, since_ms: i64) {
    let pair = &mut facts.pairs[0];
    pair.totals =
        vec![model::drift::KindTotal { kind: model::drift::Kind::New, count, heals: true, bytes: 1 }];
    pair.holds_ms[1] = Some(since_ms);
    facts.board.clusters[0].links[0].state = HealthState::Degraded;
}

/// A page that is put together and rendered as often as somebody wants to know how long that takes.
pub struct Sample(Facts, PageSettings);

impl Default for Sample {
    fn default() -> Self {
        Self(with_outage(facts()), settings())
    }
}

impl Sample {
    /// Puts the page together and renders it, as for a reader whom nothing that is kept can be sent.
    pub fn render(&self) -> crate::Rendered {
        let Self(facts, settings) = self;
        let reader = crate::html::For { locale: model::Locale::En, base: None };
        crate::Rendered::of(&view(settings, facts), &id(9), crate::Piece::Page, &reader, NOW)
    }
}

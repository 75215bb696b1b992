//! Nothing that a page's settings do not show reaches a reader.

use model::{Locale, health::HealthState};

use crate::{
    html::For,
    rendered::{Piece, drawn},
    sample::{CANARY, NOW, behind, facts, id, settings, view, with_outage},
};

const PIECES: [Piece; 8] = [
    Piece::Page,
    Piece::Widget,
    Piece::Atom,
    Piece::Summary,
    Piece::StateBadge,
    Piece::FreshnessBadge,
    Piece::UptimeBadge,
    Piece::Picture,
];

/// Everything that readers can be sent of facts.
fn all(facts: &crate::facts::Facts, settings: &model::page::PageSettings) -> Vec<String> {
    let view = view(settings, facts);
    let mut out = Vec::new();
    for locale in Locale::ALL {
        for base in [None, Some("https://status.example/share/x/".to_owned())] {
            let reader = For { locale, base };
            for piece in PIECES {
                out.push(String::from_utf8_lossy(&drawn(&view, &id(9), piece, &reader, NOW)).into_owned());
            }
        }
        out.push(crate::html::preview(&view, locale, NOW));
        out.push(crate::html::content(&view, locale, NOW).into_string());
    }
    out
}

#[test]
fn no_canary_sings_in_any_state() {
    let states = [
        HealthState::Up,
        HealthState::Degraded,
        HealthState::Down,
        HealthState::Unreachable,
        HealthState::Unknown,
    ];
    let mut seen = 0;
    for a in states {
        for b in [HealthState::Up, HealthState::Unreachable] {
            for entry in [HealthState::Up, HealthState::Unreachable] {
                let mut facts = with_outage(facts());
                behind(&mut facts, 41, NOW - 4 * 60_000);
                let cluster = &mut facts.board.clusters[0];
                (cluster.nodes[0].state, cluster.nodes[1].state) = (a, b);
                cluster.nodes[1].components[1].healthy = false;
                if let Some(at) = &mut cluster.entry {
                    at.state = entry;
                }
                for text in all(&facts, &settings()) {
                    seen += 1;
                    assert!(!text.contains(CANARY), "{a:?} {b:?} {entry:?}: {text}");
                }
            }
        }
    }
    assert_eq!(seen, 20 * 2 * (2 * PIECES.len() + 2));
}

#[test]
fn a_node_that_the_page_does_not_name_is_called_by_its_place() {
    let mut settings = settings();
    settings.clusters[0].nodes.remove(0);
    let mut facts = with_outage(facts());
    facts.board.clusters[0].nodes[0].state = HealthState::Unreachable;
    let texts = all(&facts, &settings);
    // But in the name of the page's time zone.
    let named = |text: &str| text.replace("Asia/Shanghai", "").contains("Shanghai");
    assert!(texts.iter().all(|text| !text.contains(CANARY) && !named(text)));
    assert!(texts[0].contains("#1 is away"), "{}", texts[0]);
    // It has no line of its own, and no way leads there.
    assert!(!texts[0].contains("<h3>#1"));
}

#[test]
fn what_the_page_does_not_show_is_not_sent() {
    let mut settings = settings();
    settings.shows = model::page::Shows {
        nodes: false,
        entry: false,
        components: false,
        freshness: false,
        history: false,
        drift: false,
    };
    let mut facts = with_outage(facts());
    behind(&mut facts, 41, NOW - 4 * 60_000);
    let page = &all(&facts, &settings)[0];
    for part in ["Job service", "Entry", "Beijing", "copies", "41 differ", "Outages", "<svg class=\"bars\""] {
        assert!(!page.contains(part), "{part}: {page}");
    }
    assert!(page.contains("Pull") && page.contains("Push"));
}

#[test]
fn what_people_typed_is_text() {
    let page = &all(&facts(), &settings())[0];
    assert!(page.contains("Registry &lt;status&gt;") && !page.contains("<status>"));
    assert!(page.contains("<em>platform team</em>"));
}

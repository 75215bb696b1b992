//! Badges for a README: a name and a word beside each other.

use maud::html;
use model::{Say, health::HealthState, say};

use crate::{
    view::{ClusterView, View},
    words,
};

/// What a badge tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Badge {
    /// Whether pulls and pushes work.
    State,
    /// Whether the copies are equal.
    Freshness,
    /// The share of 90 days in which pulls worked.
    Uptime,
}

/// The badge as SVG.
pub(crate) fn badge(view: &View, badge: Badge, locale: model::Locale) -> String {
    let (name, word, state) = match badge {
        Badge::State => {
            let serving = view.clusters.iter().flat_map(|c| [c.serving.pull, c.serving.push]);
            let worst = worst(serving);
            (say!("registry", "镜像仓库"), words::state(worst), worst)
        }
        Badge::Freshness => freshness(view),
        Badge::Uptime => uptime(view),
    };
    let (name, word) = (name.pick(locale), word.pick(locale));
    let (left, right) = (width(name) + 12, width(word) + 12);
    let colour = match state {
        HealthState::Up => "#2e7d5b",
        HealthState::Degraded => "#9a6700",
        HealthState::Down | HealthState::Unreachable => "#b3261e",
        HealthState::Unknown => "#5f6b7a",
    };
    let label = format!("{name}: {word}");
    html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(left + right) height="20" role="img" aria-label=(label) {
            title { (label) }
            clipPath id="r" { rect width=(left + right) height="20" rx="3" {} }
            g clip-path="url(#r)" {
                rect width=(left) height="20" fill="#3d4753" {}
                rect x=(left) width=(right) height="20" fill=(colour) {}
            }
            g fill="#fff" font-family="Verdana,DejaVu Sans,PingFang SC,Noto Sans CJK SC,sans-serif" font-size="11"
                text-anchor="middle"
            {
                text x=(left / 2) y="14" { (name) }
                text x=(left + right / 2) y="14" { (word) }
            }
        }
    }
    .into_string()
}

fn worst(states: impl Iterator<Item = HealthState>) -> HealthState {
    states.min_by_key(|state| state.rank()).unwrap_or_default()
}

fn freshness(view: &View) -> (Say, Say, HealthState) {
    let worst = worst(view.clusters.iter().flat_map(|c| &c.copies).map(|copies| copies.state));
    let word = match worst {
        HealthState::Up => say!("equal", "一致"),
        HealthState::Unknown => say!("not compared", "未核对"),
        _ => say!("behind", "落后"),
    };
    (say!("copies", "副本"), word, worst)
}

fn uptime(view: &View) -> (Say, Say, HealthState) {
    let pull = |cluster: &ClusterView| cluster.rows.first().and_then(|row| row.bars.as_ref()?.uptime);
    let least = view.clusters.iter().filter_map(pull).reduce(f32::min);
    let (word, state) = match least {
        None => ("–".to_owned(), HealthState::Unknown),
        Some(share) if share >= 0.999 => (words::share(share), HealthState::Up),
        Some(share) if share >= 0.99 => (words::share(share), HealthState::Degraded),
        Some(share) => (words::share(share), HealthState::Down),
    };
    (say!("uptime, 90 days", "90 天可用率"), Say::same(word), state)
}

/// About how wide a text is drawn, pixels.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 7 } else { 11 }).sum()
}

//! Ninety days as bars that fill by share, and the same in words.

use maud::{Markup, PreEscaped, html};
use model::{Locale, Say, say, say::duration};

use crate::{
    view::{Bars, Day},
    words,
};

/// Height of a bar in the picture's own units.
const HEIGHT: f32 = 26.0;
/// From one bar to the next, and how wide one is.
const STEP: f32 = 8.0;
const WIDTH: f32 = 6.4;
/// Less than this would not be seen: an outage of a minute stays an outage.
const LEAST: f32 = 2.0;

/// The bars of a line, whose `share` stands below them.
pub(super) fn history(bars: &Bars, share: Option<f32>, name: &str, id: &str, locale: Locale) -> Markup {
    let labels = words::labels(locale);
    let share = share.map_or_else(|| "–".to_owned(), words::share);
    let wide = bars.days.len() as f32 * STEP - (STEP - WIDTH);
    let bad: Vec<&Day> = bars.bad_days().collect();
    let label = format!("{name}: {share}, {} – {}", labels.ago, labels.today);
    html! {
        svg.bars viewBox={ "0 0 " (wide) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label)
            data-days=(id) data-last=[bars.days.last().map(|day| day.date)] data-marks=(marks(bars))
        {
            @for (at, day) in bars.days.iter().enumerate() { (bar(day, at as f32 * STEP)) }
        }
        .scale { span { (labels.ago) } span { (share) } span { (labels.today) } }
        p.day data-of=(id) aria-live="polite" {}
        @if !bad.is_empty() {
            details.days id=(id) {
                summary { (labels.days) " (" (bad.len()) ")" }
                table {
                    thead { tr { th scope="col" { (labels.day) } th scope="col" { (labels.was) } } }
                    tbody {
                        @for day in bad {
                            tr {
                                th scope="row" { time datetime=(day.date) { (words::day(day.date).pick(locale)) } }
                                td { (what(day).pick(locale)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// For the script, a letter for each day: `-` where nobody looked.
fn marks(bars: &Bars) -> String {
    let looked = |day: &Day| day.share.up + day.share.degraded + day.share.down > 0.0;
    bars.days.iter().map(|day| if looked(day) { 'x' } else { '-' }).collect()
}

/// One bar from below: what was looked at, of which down and less than well fill their share from the bottom.
fn bar(day: &Day, x: f32) -> Markup {
    let share = day.share;
    let looked = share.up + share.degraded + share.down;
    // What is far less than a pixel of unseen time is no gap.
    let (looked, whole) = if looked > 0.995 { (1.0, true) } else { (looked, false) };
    let least = |share: f32| if share > 0.0 { (share * HEIGHT).clamp(LEAST, HEIGHT) } else { 0.0 };
    let (down, part) = (least(share.down), least(share.degraded));
    // What is well stands behind the others, and is never hidden by them.
    let well = if share.up > 0.0 { LEAST } else { 0.0 };
    let seen = if whole { HEIGHT } else { (looked * HEIGHT).max(down + part + well).min(HEIGHT) };
    let rect = |class: &str, top: f32, height: f32| {
        PreEscaped(format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\" rx=\"1\"/>"
        ))
    };
    html! {
        @if !whole { (rect("empty", 0.0, HEIGHT)) }
        @if seen > 0.0 { (rect("up", HEIGHT - seen, seen)) }
        @if part > 0.0 { (rect("part", HEIGHT - down - part, part)) }
        @if down > 0.0 { (rect("down", HEIGHT - down, down)) }
    }
}

/// A day that was not wholly well, in words.
fn what(day: &Day) -> Say {
    let (down, part) = (duration(day.down_ms), duration(day.degraded_ms));
    match (day.down_ms, day.degraded_ms) {
        (0, _) => say!("{} less than well", "{} 不完全正常", part.en; part.zh),
        (_, 0) => say!("{} down", "{} 不可用", down.en; down.zh),
        _ => {
            say!("{} down, {} less than well", "{} 不可用，{} 不完全正常", down.en, part.en; down.zh, part.zh)
        }
    }
}

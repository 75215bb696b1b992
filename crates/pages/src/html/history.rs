//! Ninety days as bars that fill by share, and the same in words.

use std::fmt::Write;

use maud::{Markup, PreEscaped, html};
use model::{Locale, Say, say, say::duration};

use crate::{
    view::{Bars, Day},
    words,
};

/// Height of a bar in the picture's own units, tenths of a pixel.
const HEIGHT: i32 = 260;
/// From one bar to the next. How wide one is stands in the style, as the width of a line.
const STEP: i32 = 80;
/// Less than this would not be seen: an outage of a minute stays an outage.
const LEAST: i32 = 20;

/// The bars of a line, whose `share` stands below them.
pub(super) fn history(bars: &Bars, share: Option<f32>, name: &str, id: &str, locale: Locale) -> Markup {
    let labels = words::labels(locale);
    let share = share.map_or_else(|| "–".to_owned(), words::share);
    let wide = bars.days.len() as i32 * STEP;
    let bad: Vec<&Day> = bars.bad_days().collect();
    let label = format!("{name}: {share}, {} – {}", labels.ago, labels.today);
    html! {
        svg.bars viewBox={ "0 0 " (wide) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label)
            data-days=(id) data-last=[bars.days.last().map(|day| day.date)] data-marks=(marks(bars))
        {
            // Closed: what HTML leaves open in a picture holds all that follows, and is drawn without it.
            @for (class, path) in lines(&bars.days) { path class=(class) d=(PreEscaped(path)) {} }
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

/// All bars, as upright lines that share one path for each state. A bar fills from below: what was looked at, of which
/// down and less than well take their share from the bottom.
fn lines(days: &[Day]) -> impl Iterator<Item = (&'static str, String)> {
    let [mut empty, mut up, mut part, mut down] = [const { Path { text: String::new(), x: 0, y: 0 } }; 4];
    for (day, x) in days.iter().zip((STEP / 2..).step_by(STEP as usize)) {
        let share = day.share;
        let looked = share.up + share.degraded + share.down;
        // What is far less than a pixel of unseen time is no gap.
        let is_whole = looked > 0.995;
        let of = |share: f32| (share * HEIGHT as f32).round() as i32;
        let least = |share: f32| if share > 0.0 { of(share).clamp(LEAST, HEIGHT) } else { 0 };
        let (was_down, was_part) = (least(share.down), least(share.degraded));
        // What is well stands behind the others, and is never hidden by them.
        let well = if share.up > 0.0 { LEAST } else { 0 };
        let seen = if is_whole { HEIGHT } else { of(looked).max(was_down + was_part + well).min(HEIGHT) };
        empty.line(x, 0, if is_whole { 0 } else { HEIGHT });
        up.line(x, 0, seen);
        part.line(x, was_down, was_part);
        down.line(x, 0, was_down);
    }
    [("empty", empty), ("up", up), ("part", part), ("down", down)]
        .into_iter()
        .map(|(class, path)| (class, path.text))
        .filter(|(_, text)| !text.is_empty())
}

/// A path of upright lines. Each begins where the one before ended: equal bars are equal texts, which compress to nothing.
struct Path {
    text: String,
    x: i32,
    y: i32,
}

impl Path {
    fn line(&mut self, x: i32, above: i32, height: i32) {
        if height == 0 {
            return;
        }
        let bottom = HEIGHT - above;
        // Writing to a text cannot fail.
        let _ = write!(self.text, "m{} {}v-{height}", x - self.x, bottom - self.y);
        (self.x, self.y) = (x, bottom - height);
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use model::health::Bucket;

    use super::*;

    fn day(up: f32, down: f32) -> Day {
        let share = Bucket { up, down, ..Bucket::default() };
        Day { date: date(2026, 11, 26), share, down_ms: 0, degraded_ms: 0 }
    }

    #[test]
    fn history_draws_each_state_beside_the_others() {
        let bars = Bars { days: vec![day(0.5, 0.25)], uptime: None, well: None };
        let drawn = history(&bars, None, "Pull", "days", Locale::En).into_string();
        let svg = &drawn[..drawn.find("</svg>").unwrap()];
        let (mut open, mut drawn) = (0, Vec::new());
        for tag in svg.split('<').skip(2) {
            open += if tag.starts_with('/') { -1 } else { 1 };
            assert!((0..=1).contains(&open), "one path within another is not drawn: {svg}");
            drawn.extend(tag.strip_prefix("path class=\"").and_then(|rest| rest.split('"').next()));
        }
        assert_eq!((open, drawn), (0, vec!["empty", "up", "down"]));
    }

    #[test]
    fn lines_fill_from_below_by_share() {
        // Well; looked at for three quarters, a third of that down; down for a moment.
        let drawn: Vec<_> = lines(&[day(1.0, 0.0), day(0.5, 0.25), day(0.999, 0.001)]).collect();
        let shapes: Vec<_> = drawn.iter().map(|(class, path)| (*class, path.as_str())).collect();
        assert_eq!(
            shapes,
            [
                ("empty", "m120 260v-260"),
                ("up", "m40 260v-260m80 260v-195m80 195v-260"),
                ("down", "m120 260v-65m80 65v-20"),
            ]
        );
    }
}

//! Answer times as a line: gaps stay gaps, and the scale begins at zero.

use leptos::prelude::*;

const WIDTH: f32 = 300.0;
const HEIGHT: f32 = 40.0;

/// The answer times of one node. `None` is a moment without an answer.
#[component]
pub(crate) fn LatencyLine(
    /// What it says in words, for those who hear it.
    #[prop(into)]
    label: Signal<String>,
    /// From old to new, milliseconds.
    #[prop(into)]
    points: Signal<Vec<Option<u32>>>,
) -> impl IntoView {
    view! {
        <svg
            class="spark"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=move || label.get()
        >
            <path d=move || points.with(|p| path(p))></path>
        </svg>
    }
}

fn path(points: &[Option<u32>]) -> String {
    let highest = points.iter().flatten().max().copied().unwrap_or(1).max(20) as f32 * 1.1;
    let step = WIDTH / points.len().saturating_sub(1).max(1) as f32;
    let mut out = String::new();
    let mut down = false;
    for (i, point) in points.iter().enumerate() {
        let Some(ms) = point else {
            down = false;
            continue;
        };
        let (x, y) = (i as f32 * step, (HEIGHT - 2.0) * (1.0 - *ms as f32 / highest) + 1.0);
        out.push_str(&format!("{}{x:.1} {y:.1}", if down { "L" } else { "M" }));
        // A lone answer between two gaps is drawn as a dot's worth of line.
        if !down && points.get(i + 1).is_none_or(Option::is_none) {
            out.push_str("h1");
        }
        down = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_leaves_gaps() {
        assert_eq!(path(&[]), "");
        let drawn = path(&[Some(10), Some(20), None, Some(10)]);
        assert_eq!(drawn.matches('M').count(), 2);
        assert!(drawn.ends_with("h1"), "{drawn}");
    }
}

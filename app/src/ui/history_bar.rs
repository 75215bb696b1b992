//! A history as bars that fill by share: how much of each stretch it was up, degraded, down, or nobody looked.

use leptos::prelude::*;
use model::health::{Bucket, reachable};

use crate::{clock::Clock, text::common::CommonText, visit::locale};

const BAR: f32 = 10.0;
const GAP: f32 = 1.0;
const HEIGHT: f32 = 18.0;

/// The bars of one node, entry or cluster. Arrow keys walk through them; the line below says what each was.
#[component]
pub(crate) fn HistoryBar(
    /// Whose history, for those who hear it.
    #[prop(into)]
    name: String,
    /// From old to new.
    #[prop(into)]
    buckets: Signal<Vec<Bucket>>,
    /// The words under the left end: "30 days ago".
    #[prop(into)]
    from: Signal<String>,
    /// Leave out the line below while nothing is chosen: several bars share one.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let (text, clock, locale) = (CommonText::current(), Clock::current(), locale());
    let chosen = RwSignal::new(None::<usize>);
    let count = move || buckets.with(Vec::len);
    let describe = move |i: usize| {
        buckets.with(|all| {
            let Some(bucket) = all.get(i) else { return String::new() };
            let from = clock.local(bucket.from_ms);
            let until = all.get(i + 1).map(|next| clock.local(next.from_ms));
            let span = match until {
                Some(until) if from.same_day(until) => {
                    format!("{} {}–{}", from.day(locale), from.time(), until.time())
                }
                Some(_) if from.time() == "00:00" => from.day(locale),
                _ => format!("{} {}", from.day(locale), from.time()),
            };
            format!("{span}: {}", text.shares(bucket))
        })
    };
    let move_by = move |step: isize| {
        let last = count().saturating_sub(1);
        chosen.update(|at| *at = Some(at.map_or(last, |i| i.saturating_add_signed(step).min(last))));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => move_by(-1),
            "ArrowRight" | "ArrowUp" => move_by(1),
            "Home" => chosen.set(Some(0)),
            "End" => chosen.set(Some(count().saturating_sub(1))),
            "Escape" => chosen.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let percent = move || buckets.with(|b| text.reachable(reachable(b)));
    let at_pointer = move |event: leptos::ev::PointerEvent| chosen.set(index_at(&event, count()));
    let drawn = Memo::new(move |_| buckets.with(|b| paths(b)));
    let part = move |i: usize| move || drawn.with(|d| d[i].clone());
    view! {
        <div class="grid gap-1">
            <svg
                class="history"
                viewBox=move || format!("0 0 {} {HEIGHT}", count().max(1) as f32 * BAR - GAP)
                preserveAspectRatio="none"
                role="slider"
                tabindex="0"
                aria-label=text.history_of(&name)
                aria-orientation="horizontal"
                aria-valuemin="1"
                aria-valuemax=move || count().max(1)
                aria-valuenow=move || chosen.get().map_or(count().max(1), |i| i + 1)
                aria-valuetext=move || chosen.get().map_or_else(percent, describe)
                on:keydown=on_key
                on:blur=move |_| chosen.set(None)
                on:pointermove=at_pointer
                on:pointerdown=at_pointer
                on:pointerleave=move |_| chosen.set(None)
            >
                <path class="unseen" d=part(0)></path>
                <path class="up" d=part(1)></path>
                <path class="part" d=part(2)></path>
                <path class="down" d=part(3)></path>
                <path
                    class="chosen"
                    d=move || chosen.get().map(|i| format!("M{} 0h{}v{HEIGHT}h-{}z", i as f32 * BAR, BAR - GAP, BAR - GAP))
                ></path>
            </svg>
            <div class="history-scale" class:invisible=move || compact && chosen.get().is_none()>
                <span>{move || from.get()}</span>
                <span>{move || chosen.get().map_or_else(percent, describe)}</span>
                <span>{text.now()}</span>
            </div>
        </div>
    }
}

/// Which bar lies under the pointer.
fn index_at(event: &leptos::ev::PointerEvent, count: usize) -> Option<usize> {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        let target = event.current_target()?.dyn_into::<web_sys::Element>().ok()?;
        let share = f64::from(event.offset_x()) / f64::from(target.client_width().max(1));
        Some(((share * count as f64) as usize).min(count.saturating_sub(1)))
    }
    #[cfg(feature = "ssr")]
    {
        let _ = (event, count);
        None
    }
}

/// Four outlines, one per state: unseen, up, degraded, down. Down lies at the bottom of a bar.
fn paths(buckets: &[Bucket]) -> [String; 4] {
    let mut out = [const { String::new() }; 4];
    for (i, bucket) in buckets.iter().enumerate() {
        let x = i as f32 * BAR;
        let [down, degraded, up] = heights(*bucket);
        let unseen = HEIGHT - down - degraded - up;
        let mut from = 0.0;
        for (path, height) in out.iter_mut().zip([unseen, up, degraded, down]) {
            if height > 0.05 {
                path.push_str(&format!("M{x} {from:.1}h{w}v{height:.1}h-{w}z", w = BAR - GAP));
            }
            from += height;
        }
    }
    out
}

/// Heights of down, degraded and up. What happened at all is at least two units high, so that it can be seen.
fn heights(bucket: Bucket) -> [f32; 3] {
    let seen = |share: f32| if share > 0.0 { (share * HEIGHT).max(2.0) } else { 0.0 };
    let (down, degraded) = (seen(bucket.down).min(HEIGHT), seen(bucket.degraded));
    let degraded = degraded.min(HEIGHT - down);
    // Shares that add up to all but a rounding error leave no sliver of grey.
    let looked = bucket.up + bucket.degraded + bucket.down;
    let up = if looked > 0.985 { HEIGHT } else { bucket.up * HEIGHT };
    [down, degraded, up.min(HEIGHT - down - degraded).max(0.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_draw_each_state_once() {
        let all_up = Bucket { up: 1.0, ..Bucket::default() };
        let [unseen, up, degraded, down] = paths(&[all_up, Bucket::default()]);
        assert_eq!((unseen.matches('M').count(), up.matches('M').count()), (1, 1));
        assert!(degraded.is_empty() && down.is_empty());
    }

    #[test]
    fn heights_fill_by_share_and_show_the_shortest_outage() {
        let bucket = |up, degraded, down| Bucket { from_ms: 0, up, degraded, down };
        assert_eq!(heights(bucket(1.0, 0.0, 0.0)), [0.0, 0.0, HEIGHT]);
        assert_eq!(heights(bucket(0.5, 0.0, 0.5)), [9.0, 0.0, 9.0]);
        assert_eq!(heights(bucket(0.999, 0.0, 0.001)), [2.0, 0.0, 16.0]);
        assert_eq!(heights(bucket(0.0, 0.0, 0.0)), [0.0, 0.0, 0.0]);
        assert_eq!(heights(bucket(0.5, 0.0, 0.0)), [0.0, 0.0, 9.0]);
    }
}

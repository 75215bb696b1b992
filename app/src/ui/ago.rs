//! Times: relative ones that count up by themselves, with the exact one on hover.

use leptos::prelude::*;
use model::{Locale, say};

use crate::{
    clock::{Clock, rfc3339},
    visit::locale,
};

/// "4 s ago", "3 h 30 min ago"; "just now" within the first second.
pub(crate) fn ago(ms: i64, locale: Locale) -> String {
    if ms < 1000 {
        return match locale {
            Locale::En => "just now".to_owned(),
            Locale::Zh => "刚刚".to_owned(),
        };
    }
    let model::Say { en, zh } = say::duration(ms);
    match locale {
        Locale::En => format!("{en} ago"),
        Locale::Zh => format!("{zh}前"),
    }
}

/// How long ago something was.
#[component]
pub(crate) fn Ago(
    /// When, UTC milliseconds.
    #[prop(into)]
    at_ms: Signal<i64>,
) -> impl IntoView {
    let (clock, locale) = (Clock::current(), locale());
    // A row stands for a moment longer than what it holds, while its list is read again.
    let at = move || at_ms.try_get();
    view! {
        <time
            class="num"
            datetime=move || at().map(rfc3339)
            title=move || at().map(|ms| clock.local(ms).exact(locale))
        >
            {move || at().map(|ms| ago(clock.age(ms), locale))}
        </time>
    }
}

/// A moment: the time of day, with the day where it is not today's; the exact one on hover.
#[component]
pub(crate) fn Moment(
    /// When, UTC milliseconds.
    at_ms: i64,
) -> impl IntoView {
    let (clock, locale) = (Clock::current(), locale());
    let today = ArcMemo::new(move |_| {
        let (now, at) = (clock.local(clock.now.get()), clock.local(at_ms));
        now.same_day(at)
    });
    let shown = move || {
        let at = clock.local(at_ms);
        if today.get() { at.time() } else { format!("{} {}", at.day(locale), at.time()) }
    };
    view! {
        <time
            class="whitespace-nowrap"
            datetime=rfc3339(at_ms)
            title=move || clock.local(at_ms).exact(locale)
        >
            {shown}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ago_counts_in_both_languages() {
        assert_eq!(ago(400, Locale::En), "just now");
        assert_eq!(ago(4000, Locale::En), "4 s ago");
        assert_eq!(ago(12_600_000, Locale::Zh), "3 小时 30 分前");
    }
}

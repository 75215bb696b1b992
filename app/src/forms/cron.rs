//! The field of a schedule: judged as one types, told in words, with buttons for forms that are allowed.

use leptos::prelude::*;
use model::{
    AppError, HarborVersion,
    cron::{Cron, CronError},
};

use crate::{
    text::review::ReviewText,
    ui::{ActionButton, Described, TextField},
    visit::locale,
};

/// A schedule that is being typed.
#[derive(Clone, Copy)]
pub(crate) struct CronField {
    /// What is typed; empty is proposed.
    pub(crate) value: RwSignal<String>,
    /// The versions that must take it; at least one.
    pub(crate) versions: Signal<Vec<HarborVersion>>,
    /// What is proposed where nothing is typed.
    pub(crate) proposed: Signal<Option<String>>,
}

impl CronField {
    /// Why what is typed cannot be used; none while nothing is.
    pub(crate) fn fault(self) -> Option<CronError> {
        let typed = self.value.get();
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        self.versions.with(|all| all.iter().find_map(|version| Cron::parse(typed, version).err()))
    }

    /// The field with its words.
    pub(crate) fn view(self) -> AnyView {
        let (text, locale) = (ReviewText::current(), locale());
        let fault = Memo::new(move |_| self.fault());
        let error = Signal::derive(move || {
            fault.get().map(|fault| {
                let error = AppError::from(fault);
                format!("{} {}", error.cause.pick(locale), error.next.pick(locale))
            })
        });
        view! {
            <div class="grid gap-1 content-start">
                <TextField
                    described=Described::new("cron", text.cron()).hint(text.cron_hint())
                    value=self.value
                    error
                    code=true
                    placeholder=self.proposed.get_untracked().unwrap_or_default()
                />
                {move || self.words(fault.get(), text)}
            </div>
        }
        .into_any()
    }

    /// What it means, or buttons that take what is allowed.
    fn words(self, fault: Option<CronError>, text: ReviewText) -> AnyView {
        let typed = self.value.get();
        if typed.trim().is_empty() {
            return ().into_any();
        }
        let take = |cron: String| {
            let label = text.cron_use(&cron);
            view! { <ActionButton label=label small=true on_press=move || self.value.set(cron.clone()) /> }
        };
        match fault {
            Some(fault) => {
                let proposed = self.proposed.get().filter(|p| Some(p) != fault.nearest.as_ref());
                view! {
                    <div class="flex flex-wrap gap-2">{fault.nearest.map(take)} {proposed.map(take)}</div>
                }
                .into_any()
            }
            None => {
                let version = self.versions.with(|all| all.first().cloned());
                let words = version.and_then(|v| Cron::parse(typed.trim(), &v).ok()?.in_words());
                let words =
                    words.map_or_else(|| text.cron_runs().to_owned(), |w| text.cron_means(w.pick(locale())));
                view! { <p class="hint" aria-live="polite">{words}</p> }.into_any()
            }
        }
    }
}

/// The schedule that was typed; `None` where it shall be proposed.
pub(crate) fn typed_cron(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|cron| !cron.is_empty())
}

/// The bandwidth that was typed, kilobits per second; `None` is unlimited.
pub(crate) fn typed_speed(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|speed| *speed > 0)
}

/// Why a bandwidth that was typed cannot be used.
pub(crate) fn speed_fault(speed: RwSignal<String>) -> Signal<Option<String>> {
    let text = ReviewText::current();
    Signal::derive(move || {
        let wrong = speed.with(|typed| !typed.trim().is_empty() && typed_speed(typed).is_none());
        wrong.then(|| text.bandwidth_wrong().to_owned())
    })
}

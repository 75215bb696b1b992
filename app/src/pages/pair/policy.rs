//! What the cluster of a pair heals by itself, and why it did not.

use leptos::prelude::*;
use model::{
    drift::PairView,
    heal::{HealPolicy, HealSettings},
    people::Role,
};

use crate::{
    api::drift::{set_heal_policy, set_heal_settings},
    pages::deed::Deed,
    text::drift::DriftText,
    ui::{Choice, Described, Mark, Note, SelectField, SwitchField, Toasts},
    visit::{Visit, locale},
};

/// The choice for those who may make it; the others read it.
pub(super) fn policy(now: RwSignal<PairView>) -> AnyView {
    let (text, toasts, locale) = (DriftText::current(), Toasts::current(), locale());
    let chosen = Memo::new(move |_| now.with(|p| p.policy));
    let value = RwSignal::new(chosen.get_untracked().as_str().to_owned());
    let (id, deed) = (now.with_untracked(|p| p.id.clone()), Deed::new());
    deed.holds(value, move || chosen.get().as_str().to_owned());
    Effect::new(move |_| {
        let Some(wanted) = value.with(|word| HealPolicy::parse(word)) else { return };
        if wanted != chosen.get_untracked() {
            deed.run(set_heal_policy(id.clone(), wanted), move |pair| {
                now.update(|known| known.follow(pair));
                toasts.say(text.policy_set());
            });
        }
    });
    let held_back = Memo::new(move |_| now.with(|p| p.held_back.clone()));
    let choices = HealPolicy::ALL.map(|p| Choice::new(p.as_str(), text.policy(p))).to_vec();
    let choice = if Visit::current().may(Role::Operator) {
        view! {
            <SelectField
                described=Described::new("heal-policy", text.by_itself()).hint(text.by_itself_hint())
                value
                choices
            />
        }
        .into_any()
    } else {
        view! { <p>{text.by_itself()} ": " {move || text.policy(chosen.get())}</p> }.into_any()
    };
    view! {
        {move || {
            held_back
                .get()
                .map(|why| view! {
                    <Note mark=Mark::Warn>
                        <p class="section-title">{text.held_back()}</p>
                        <p>{why.into_text(locale)}</p>
                    </Note>
                })
        }}
        <div class="panel panel-body grid gap-3">{choice} {deed.trouble(&[])} {settings(now)} {newest(now)}</div>
    }
    .into_any()
}

/// One number of how the heals work.
#[derive(Clone, Copy)]
struct Setting {
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    /// What is offered; what was set by REST is offered too.
    offered: &'static [u32],
    read: fn(&HealSettings) -> u32,
    write: fn(&mut HealSettings, u32),
    words: fn(DriftText, u32) -> String,
}

/// For how long what a heal replaces is kept, after how long a node that is away may not write, and how often what is
/// really pulled and what is read again.
fn settings(now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let keeps = Setting {
        id: "heal-keeps",
        label: text.keeps(),
        hint: text.keeps_hint(),
        offered: &[0, 1, 3, 7, 14, 30, 90],
        read: |s| u32::from(s.keep_days),
        write: |s, days| s.keep_days = u16::try_from(days).unwrap_or(u16::MAX),
        words: |text, days| text.kept_for(days),
    };
    let fences = Setting {
        id: "heal-fences",
        label: text.fences_after(),
        hint: text.fences_after_hint(),
        offered: &[0, 60, 300, 900],
        read: |s| s.fence_after_s,
        write: |s, seconds| s.fence_after_s = seconds,
        words: DriftText::fences,
    };
    let verifies = Setting {
        id: "heal-verifies",
        label: text.verifies(),
        hint: text.verifies_hint(),
        offered: &[0, 1, 5, 20, 100],
        read: |s| u32::from(s.verify_percent),
        write: |s, percent| s.verify_percent = u8::try_from(percent).unwrap_or(u8::MAX),
        words: DriftText::verified_share,
    };
    let reads_all = Setting {
        id: "reads-all",
        label: text.reads_all(),
        hint: text.reads_all_hint(),
        offered: &[0, 1, 6, 24, 168],
        read: |s| u32::from(s.whole_hours),
        write: |s, hours| s.whole_hours = u16::try_from(hours).unwrap_or(u16::MAX),
        words: DriftText::read_every,
    };
    [keeps, fences, verifies, reads_all].map(|setting| choice(now, setting)).collect_view().into_any()
}

/// Whether the newer of two pushes is kept by itself, and whether that does anything.
fn newest(now: RwSignal<PairView>) -> AnyView {
    let (text, toasts) = (DriftText::current(), Toasts::current());
    let chosen = Memo::new(move |_| now.with(|p| p.settings.newest_wins));
    if !Visit::current().may(Role::Operator) {
        let word = move || if chosen.get() { text.newest_on() } else { text.newest_off() };
        return view! { <p>{text.newest_wins()} ": " {word}</p> }.into_any();
    }
    let (deed, value) = (Deed::new(), RwSignal::new(chosen.get_untracked()));
    deed.holds(value, move || chosen.get());
    Effect::new(move |_| {
        let wanted = value.get();
        if wanted != chosen.get_untracked() {
            let settings = HealSettings { newest_wins: wanted, ..now.with_untracked(|p| p.settings) };
            save(now, settings, deed, toasts);
        }
    });
    let idle = move || {
        now.with(|p| p.settings.newest_wins && !p.settings.keeps_newest(p.policy))
            .then(|| view! { <p class="quiet small">{text.newest_needs()}</p> })
    };
    view! {
        <SwitchField
            described=Described::new("heal-newest", text.newest_wins()).hint(text.newest_wins_hint())
            value
        />
        {idle}
        {deed.trouble(&[])}
    }
    .into_any()
}

/// Keeps what was put, and says so.
fn save(now: RwSignal<PairView>, settings: HealSettings, deed: Deed, toasts: Toasts) {
    let (id, said) = (now.with_untracked(|p| p.id.clone()), DriftText::current().policy_set());
    deed.run(set_heal_settings(id, settings), move |pair| {
        now.update(|known| known.follow(pair));
        toasts.say(said);
    });
}

fn choice(now: RwSignal<PairView>, setting: Setting) -> AnyView {
    let Setting { id: field, label, hint, offered, read, write, words } = setting;
    let (text, toasts) = (DriftText::current(), Toasts::current());
    let chosen = Memo::new(move |_| now.with(|p| read(&p.settings)));
    if !Visit::current().may(Role::Operator) {
        return view! { <p>{label} ": " {move || words(text, chosen.get())}</p> }.into_any();
    }
    let (deed, value) = (Deed::new(), RwSignal::new(chosen.get_untracked().to_string()));
    deed.holds(value, move || chosen.get().to_string());
    Effect::new(move |_| {
        let Some(wanted) = value.with(|word| word.parse().ok()) else { return };
        if wanted != chosen.get_untracked() {
            let mut settings = now.with_untracked(|p| p.settings);
            write(&mut settings, wanted);
            save(now, settings, deed, toasts);
        }
    });
    let mut offered = offered.to_vec();
    offered.push(chosen.get_untracked());
    offered.sort_unstable();
    offered.dedup();
    let choices: Vec<Choice> =
        offered.into_iter().map(|n| Choice::new(n.to_string(), words(text, n))).collect();
    view! {
        <SelectField described=Described::new(field, label).hint(hint) value choices />
        {deed.trouble(&[])}
    }
    .into_any()
}

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
    ui::{Choice, Described, Mark, Note, SelectField, Toasts},
    visit::{Visit, locale},
};

/// The choice for those who may make it; the others read it.
pub(super) fn policy(now: RwSignal<PairView>) -> AnyView {
    let (text, toasts, locale) = (DriftText::current(), Toasts::current(), locale());
    let chosen = Memo::new(move |_| now.with(|p| p.policy));
    let value = RwSignal::new(chosen.get_untracked().as_str().to_owned());
    let (id, deed) = (now.with_untracked(|p| p.id.clone()), Deed::new());
    // Somebody else may choose meanwhile; what the server refused is not left standing.
    Effect::new(move |_| {
        deed.error().track();
        value.set(chosen.get().as_str().to_owned());
    });
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
        <div class="panel panel-body grid gap-3">{choice} {deed.trouble(&[])} {keeps(now)}</div>
    }
    .into_any()
}

/// For how long what a heal replaces is kept.
fn keeps(now: RwSignal<PairView>) -> AnyView {
    let (text, toasts) = (DriftText::current(), Toasts::current());
    let chosen = Memo::new(move |_| now.with(|p| p.settings.keep_days));
    if !Visit::current().may(Role::Operator) {
        return view! { <p>{text.keeps()} ": " {move || text.kept_for(chosen.get())}</p> }.into_any();
    }
    let value = RwSignal::new(chosen.get_untracked().to_string());
    let (id, deed) = (now.with_untracked(|p| p.id.clone()), Deed::new());
    Effect::new(move |_| {
        deed.error().track();
        value.set(chosen.get().to_string());
    });
    Effect::new(move |_| {
        let Some(keep_days) = value.with(|days| days.parse().ok()) else { return };
        if keep_days != chosen.get_untracked() {
            let settings = HealSettings { keep_days, ..now.with_untracked(|p| p.settings) };
            deed.run(set_heal_settings(id.clone(), settings), move |pair| {
                now.update(|known| known.follow(pair));
                toasts.say(text.policy_set());
            });
        }
    });
    let mut offered = vec![0, 1, 3, 7, 14, 30, 90];
    // Also what was set by REST.
    offered.push(chosen.get_untracked());
    offered.sort_unstable();
    offered.dedup();
    let choices: Vec<Choice> =
        offered.into_iter().map(|days| Choice::new(days.to_string(), text.kept_for(days))).collect();
    view! {
        <SelectField
            described=Described::new("heal-keeps", text.keeps()).hint(text.keeps_hint())
            value
            choices
        />
        {deed.trouble(&[])}
    }
    .into_any()
}

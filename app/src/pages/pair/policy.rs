//! What the cluster of a pair heals by itself, and why it did not.

use leptos::prelude::*;
use model::{drift::PairView, heal::HealPolicy, people::Role};

use crate::{
    api::drift::set_heal_policy,
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
        <div class="panel panel-body">{choice} {deed.trouble(&[])}</div>
    }
    .into_any()
}

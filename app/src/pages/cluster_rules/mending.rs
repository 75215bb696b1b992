//! Whether the watchdog mends by itself what one safe press mends.

use leptos::prelude::*;
use model::people::Role;

use super::Now;
use crate::{
    api::rules::set_mending,
    pages::deed::Deed,
    text::rules::RulesText,
    ui::{Described, SwitchField, Toasts},
    visit::Visit,
};

/// The choice for those who may make it; the others read it.
pub(super) fn choice(now: Now) -> AnyView {
    let text = RulesText::current();
    let chosen = Memo::new(move |_| now.view.with(|v| v.mends));
    if !Visit::current().may(Role::Operator) {
        let words = move || if chosen.get() { text.mends_on() } else { text.mends_off() };
        return view! { <p class="quiet small">{words}</p> }.into_any();
    }
    let (value, deed, toasts) = (RwSignal::new(chosen.get_untracked()), Deed::new(), Toasts::current());
    deed.holds(value, move || chosen.get());
    Effect::new(move |_| {
        let wanted = value.get();
        if wanted != chosen.get_untracked() {
            let cluster = now.view.with_untracked(|v| v.cluster.clone());
            deed.run(set_mending(cluster, wanted), move |mends| {
                now.view.update(|v| v.mends = mends);
                toasts.say(if mends { text.mends_on() } else { text.mends_off() });
            });
        }
    });
    view! {
        <div class="panel panel-body">
            <SwitchField described=Described::new("mends", text.mends()).hint(text.mends_hint()) value />
            {deed.trouble(&[])}
        </div>
    }
    .into_any()
}

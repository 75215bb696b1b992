//! Which labels a filter looks at: those that there are on the source, and those that were chosen before.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{AppError, scope::SourceRepositories};

use crate::{
    forms::scope::{EXCLUDES, MATCHES, ScopeForm},
    text::rules::RulesText,
    ui::{Choice, Described, SelectField},
    visit::locale,
};

/// The labels, and what is done with what bears them.
pub(super) fn fields(form: ScopeForm, there: RwSignal<Option<SourceRepositories>>) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let ways =
        vec![Choice::new(MATCHES, text.label_matching()), Choice::new(EXCLUDES, text.label_excluding())];
    // One that is not on the source any more stays to be seen, and to be taken off.
    let offered = Memo::new(move |before: Option<&BTreeSet<String>>| {
        let mut all = there.with(|read| read.as_ref().map(|r| r.labels.names.clone()).unwrap_or_default());
        all.extend(before.into_iter().flatten().cloned());
        all.extend(form.labels.get());
        all
    });
    let said = move || {
        there.with(|read| match read {
            None => Some(text.labels_reading().to_owned()),
            Some(read) if read.labels.unread > 0 => Some(text.labels_unread(read.labels.unread)),
            Some(_) if offered.with(BTreeSet::is_empty) => Some(text.labels_none().to_owned()),
            Some(_) => None,
        })
    };
    let fault = move || {
        let AppError { cause, next, .. } = form.fault_at("labels")?;
        Some(format!("{} {}", cause.pick(locale), next.pick(locale)))
    };
    view! {
        <div class="grid gap-x-4 gap-y-2 sm:grid-cols-2">
            <fieldset class="grid gap-1 content-start min-w-0" aria-describedby="filter-label-hint">
                <legend class="label-text">{text.filter_label()}</legend>
                <div class="flex flex-wrap gap-x-4 gap-y-1">
                    <For each=move || offered.get() key=String::clone let(name)>
                        {one(form, name)}
                    </For>
                </div>
                <p class="quiet small" role="status">{said}</p>
                <p id="filter-label-hint" class="hint">{text.filter_label_hint()}</p>
                {move || fault().map(|words| view! { <p class="field-error" role="alert">{words}</p> })}
            </fieldset>
            <SelectField
                described=Described::new("filter-label-way", text.filter_label_way())
                value=form.label_way
                choices=ways
            />
        </div>
    }
    .into_any()
}

fn one(form: ScopeForm, name: String) -> AnyView {
    let kept = StoredValue::new(name.clone());
    let chosen = move || form.labels.with(|all| kept.with_value(|name| all.contains(name)));
    let choose = move |on: bool| {
        form.labels.update(|all| match on {
            true => drop(all.insert(kept.get_value())),
            false => drop(all.remove(&kept.get_value())),
        });
    };
    view! {
        <label class="flex items-center gap-2 min-w-0">
            <input
                type="checkbox"
                class="checkbox checkbox-sm"
                checked=untrack(chosen)
                prop:checked=chosen
                on:change:target=move |event| choose(event.target().checked())
            />
            <span class="break-all">{name}</span>
        </label>
    }
    .into_any()
}

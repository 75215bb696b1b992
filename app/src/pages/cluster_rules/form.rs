//! The form: Harbor's fields in Harbor's order; what follows from the topology is said with its reason, the rest is
//! chosen.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::{
    HarborVersion,
    people::Role,
    plan::RuleField,
    rule::{RulesView, schedule_of},
};

use super::{Now, dry_run::Dry, scope::ScopeCard, scope_rows};
use crate::{
    api::rules::save_rules,
    forms::{
        cron::{CronField, speed_fault},
        rules::RulesForm,
    },
    pages::{deed::Deed, parts::anew},
    routes,
    text::{common::CommonText, review::ReviewText, rules::RulesText},
    ui::{ActionButton, Described, Kind, SwitchField, TextField, Toasts},
    visit::{Visit, locale},
};

/// The versions that judge the schedule: of the nodes that answer, else a current one.
pub(super) fn versions(view: &RulesView) -> Vec<HarborVersion> {
    let told: Vec<HarborVersion> = view.nodes.iter().filter_map(|n| n.version.clone()).collect();
    if told.is_empty() { vec![HarborVersion::new(2, 15, 0)] } else { told }
}

/// The form with its buttons.
pub(super) fn form(now: Now, form: RulesForm, dry: Dry) -> AnyView {
    let (text, review, common) = (RulesText::current(), ReviewText::current(), CommonText::current());
    let (toasts, locale, may) = (Toasts::current(), locale(), Visit::current().may(Role::Operator));
    let cron = CronField {
        value: form.cron,
        proposed: Signal::derive(move || {
            now.view.with(|v| {
                let first = schedule_of(None, v.artifacts, (0, v.links.len()), versions(v).first()?)?;
                Some(first.text().to_owned())
            })
        }),
        versions: Signal::derive(move || now.view.with(versions)),
    };
    let speed_error = speed_fault(form.speed);
    let saving = Deed::new();
    let scope = ScopeCard::new(now, form.scope);
    let navigate = StoredValue::new(use_navigate());
    let refused = Signal::derive(move || {
        let what = if !may {
            return Some(common.may_only_look().to_owned());
        } else if cron.fault().is_some() {
            text.cron_wrong()
        } else if scope.is_wrong() {
            text.scope_wrong()
        } else if speed_error.with(Option::is_some) || !form.is_changed() {
            text.unchanged()
        } else {
            return None;
        };
        Some(text.refuse(what))
    });
    let save = move || {
        let (id, version) = now.view.with_untracked(|v| (v.cluster.clone(), v.version));
        let wish = untrack(|| form.wish());
        saving.run(save_rules(id, version, wish), move |run| {
            toasts.say(text.saved());
            navigate.with_value(|go| go(&routes::run(&run), Default::default()));
        });
    };
    let cluster = now.view.with_untracked(|v| v.cluster.clone());
    let fixed = move |about| move || fixed(&now.view.read(), about, locale);
    view! {
        <section class="panel" aria-label=text.trigger()>
            <fieldset class="px-4 py-1" disabled=!may>
                {fixed(RuleField::Mode)}
                {anew(move || Suspend::new(scope_rows(scope)))}
                <div class="form-row">
                    <span class="label-text">{text.trigger()}</span>
                    <div class="grid gap-2">
                        <p class="font-medium">{text.scheduled()}</p>
                        {cron.view()}
                    </div>
                </div>
                {fixed(RuleField::Override)}
                {fixed(RuleField::Deletion)}
                <div class="form-row">
                    <span class="label-text">{text.at_once_row()}</span>
                    <SwitchField
                        described=Described::new("at-once", review.at_once()).hint(review.at_once_hint())
                        value=form.at_once
                    />
                </div>
                <div class="form-row">
                    <span class="label-text">{text.bandwidth()}</span>
                    <TextField
                        described=Described::new("bandwidth", review.bandwidth()).hint(review.bandwidth_hint())
                        value=form.speed
                        error=speed_error
                        code=true
                    />
                </div>
                <div class="form-row">
                    <span class="label-text">{text.chunk_row()}</span>
                    <SwitchField
                        described=Described::new("chunk", text.chunk()).hint(text.chunk_hint())
                        value=form.copy_by_chunk
                    />
                </div>
                {fixed(RuleField::SingleActive)}
            </fieldset>
        </section>
        {scope.preview()}
        {saving.trouble(&[])}
        <div class="flex flex-wrap items-center justify-between gap-3">
            <ActionButton label=common.cancel() kind=Kind::Quiet on_press=move || form.reset() />
            <div class="flex flex-wrap items-center gap-2">
                <span class="quiet small">{move || refused.get()}</span>
                {dry.button(cluster)}
                <ActionButton
                    label=Signal::derive(move || {
                        let both = now.view.with(|v| v.planned.len()) == 2;
                        if both { text.save_both() } else { text.save() }.to_owned()
                    })
                    kind=Kind::Primary
                    busy=saving.busy()
                    refused
                    on_press=save
                />
            </div>
        </div>
    }
    .into_any()
}

/// A field that follows from the topology: its value and the reason, as the plan told them.
fn fixed(view: &RulesView, about: RuleField, locale: model::Locale) -> Option<AnyView> {
    let first = view.planned.iter().find(|r| r.cron.is_some())?;
    let reason = first.reasons.iter().find(|r| r.about == about)?;
    // The first rule's mode names one destination; the form is about all of them.
    let value = reason.value.pick(locale);
    let value = match about {
        RuleField::Mode => value.split([',', '，']).next().unwrap_or(value).to_owned(),
        _ => value.to_owned(),
    };
    Some(
        view! {
            <div class="form-row">
                <span class="label-text">{reason.field.pick(locale).to_owned()}</span>
                <div>
                    <p class="font-medium pt-1">{value}</p>
                    <p class="hint">{reason.why.pick(locale).to_owned()}</p>
                </div>
            </div>
        }
        .into_any(),
    )
}

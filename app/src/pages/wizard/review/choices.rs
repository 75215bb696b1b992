//! What may be chosen about the rules: schedule, at once, bandwidth, first copy.

use leptos::prelude::*;
use model::{
    AppError, HarborVersion,
    cron::{Cron, CronError},
    plan::{cron_every, period_minutes},
};

use super::Wizard;
use crate::{
    forms::draft::{FIRST_ASKED, FIRST_AT, FIRST_SCHEDULE},
    text::review::ReviewText,
    ui::{ActionButton, Choice, Described, SelectField, SwitchField, TextField},
    visit::locale,
};

/// The panel of choices.
pub(super) fn panel(wizard: Wizard) -> AnyView {
    let text = ReviewText::current();
    let form = wizard.form;
    let fault = Memo::new(move |_| cron_fault(wizard));
    let locale = locale();
    let cron_error = Signal::derive(move || {
        fault.get().map(|fault| {
            let error = AppError::from(fault);
            format!("{} {}", error.cause.pick(locale), error.next.pick(locale))
        })
    });
    let speed_error = Signal::derive(move || {
        let wrong =
            form.speed.with(|s| !s.trim().is_empty() && !s.trim().parse::<u32>().is_ok_and(|n| n > 0));
        wrong.then(|| text.bandwidth_wrong().to_owned())
    });
    let first = vec![
        Choice::new(FIRST_ASKED, text.first_asked()),
        Choice::new(FIRST_SCHEDULE, text.first_schedule()),
        Choice::new(FIRST_AT, text.first_at()),
    ];
    let at_time = Memo::new(move |_| form.first_copy.with(|f| f == FIRST_AT));
    view! {
        <section class="panel" aria-labelledby="choices-title">
            <div class="panel-head"><h2 id="choices-title">{text.choices()}</h2></div>
            <fieldset class="panel-body px-4 pt-1 choices" disabled=!wizard.may_change() || wizard.is_applied()>
                <div class="grid gap-1 content-start">
                    <TextField
                        described=Described::new("cron", text.cron()).hint(text.cron_hint())
                        value=form.cron
                        error=cron_error
                        code=true
                        placeholder=untrack(|| proposed(wizard)).unwrap_or_default()
                    />
                    {move || cron_words(wizard, fault.get(), text)}
                </div>
                <TextField
                    described=Described::new("bandwidth", text.bandwidth()).hint(text.bandwidth_hint())
                    value=form.speed
                    error=speed_error
                    code=true
                />
                <SelectField described=Described::new("first-copy", text.first_copy()) value=form.first_copy choices=first />
                {move || at_time.get().then(|| view! {
                    <TextField
                        described=Described::new("first-copy-at", text.first_time())
                        value=form.first_copy_at
                        kind="datetime-local"
                    />
                })}
                <div class="choices-wide">
                    <SwitchField
                        described=Described::new("at-once", text.at_once()).hint(text.at_once_hint())
                        value=form.at_once
                    />
                </div>
            </fieldset>
        </section>
    }
    .into_any()
}

/// The versions that must take the cron: of the nodes that answered, else a current one.
fn versions(wizard: Wizard) -> Vec<HarborVersion> {
    let told: Vec<HarborVersion> = wizard
        .view
        .with(|v| v.tests.iter().flatten().filter_map(|t| t.version.as_deref()?.parse().ok()).collect());
    if told.is_empty() { vec![HarborVersion::new(2, 15, 0)] } else { told }
}

/// What is proposed where nothing is typed: by the larger of the inventories, as the plan does.
fn proposed(wizard: Wizard) -> Option<String> {
    let artifacts = wizard.view.with(|v| v.plan.as_ref()?.first_copy.iter().map(|c| c.artifacts).max())?;
    Some(cron_every(period_minutes(artifacts), 0))
}

/// Why the cron that was typed cannot be used; none while none is typed.
pub(super) fn cron_fault(wizard: Wizard) -> Option<CronError> {
    let typed = wizard.form.cron.get();
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    versions(wizard).iter().find_map(|version| Cron::parse(typed, version).err())
}

/// What the cron means, or a button that takes the nearest one that is allowed.
fn cron_words(wizard: Wizard, fault: Option<CronError>, text: ReviewText) -> AnyView {
    let typed = wizard.form.cron.get();
    if typed.trim().is_empty() {
        return ().into_any();
    }
    let take = |cron: String| {
        let label = text.cron_use(&cron);
        view! { <ActionButton label=label small=true on_press=move || wizard.form.cron.set(cron.clone()) /> }
    };
    match fault {
        Some(fault) => {
            let proposed = proposed(wizard).filter(|p| Some(p) != fault.nearest.as_ref());
            view! {
                <div class="flex flex-wrap gap-2">{fault.nearest.map(take)} {proposed.map(take)}</div>
            }
            .into_any()
        }
        None => {
            let version = versions(wizard).remove(0);
            let words = Cron::parse(typed.trim(), &version).ok().and_then(|c| c.in_words());
            let words =
                words.map_or_else(|| text.cron_runs().to_owned(), |w| text.cron_means(w.pick(locale())));
            view! { <p class="hint" aria-live="polite">{words}</p> }.into_any()
        }
    }
}

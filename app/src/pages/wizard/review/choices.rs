//! What may be chosen about the rules: schedule, at once, bandwidth, first copy.

use leptos::prelude::*;
use model::{
    HarborVersion,
    plan::{cron_every, period_minutes},
};

use super::Wizard;
use crate::{
    forms::{
        cron::{CronField, speed_fault},
        draft::{FIRST_ASKED, FIRST_AT, FIRST_SCHEDULE},
    },
    text::review::ReviewText,
    ui::{Choice, Described, SelectField, SwitchField, TextField},
};

/// The panel of choices.
pub(super) fn panel(wizard: Wizard) -> AnyView {
    let text = ReviewText::current();
    let form = wizard.form;
    let speed_error = speed_fault(form.speed);
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
                {cron_field(wizard).view()}
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

/// The field of the schedule.
pub(super) fn cron_field(wizard: Wizard) -> CronField {
    CronField {
        value: wizard.form.cron,
        versions: Signal::derive(move || versions(wizard)),
        proposed: Signal::derive(move || proposed(wizard)),
    }
}

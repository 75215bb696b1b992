//! The fourth step: the plan, each value with its reason, every call, and what may be chosen.

mod choices;

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    draft::WizardStep,
    plan::{FirstCopySize, Plan, PlannedRule},
    say,
};

use super::{
    calls::calls,
    ends,
    state::{Kept, Wizard},
};
use crate::{
    api::drafts::make_plan,
    pages::deed::Deed,
    routes,
    text::review::ReviewText,
    ui::{ActionButton, Mark, Note, StateMark},
    visit::locale,
};

/// The step. The plan is made as soon as what is typed is kept, and anew whenever that changes.
pub(super) fn step(wizard: Wizard) -> AnyView {
    let text = ReviewText::current();
    let navigate = use_navigate();
    let deed = Deed::new();
    let make = move || {
        deed.run(
            async move {
                wizard.keep().await?;
                make_plan(wizard.id()).await
            },
            move |plan| wizard.view.update(|v| v.plan = Some(plan)),
        );
    };
    let planned = Memo::new(move |_| wizard.view.with(|v| v.plan.is_some()));
    // For which version of the draft a plan was tried: one that failed is not tried again by itself.
    let tried = StoredValue::new(None::<i64>);
    Effect::new(move |_| {
        let version = wizard.view.with(|v| v.version);
        let kept = matches!(wizard.kept.get(), Kept::Yes(_));
        let wanted =
            kept && !planned.get() && !deed.busy().get() && wizard.may_change() && !wizard.is_applied();
        if wanted && wizard.checks_settled() && tried.get_value() != Some(version) {
            tried.set_value(Some(version));
            make();
        }
    });
    let refused = Signal::derive(move || {
        if !wizard.checks_settled() {
            Some(text.refuse_checks().to_owned())
        } else if choices::cron_field(wizard).fault().is_some() {
            Some(text.refuse_cron().to_owned())
        } else if !planned.get() {
            Some(text.refuse_plan().to_owned())
        } else {
            let empty = wizard.view.with(|v| v.plan.as_ref().is_some_and(|p| p.steps.is_empty()));
            empty.then(|| text.refuse_nothing().to_owned())
        }
    });
    let change = wizard.form.is_change();
    let copies = Memo::new(move |_| wizard.form.topology.get().is_some_and(|t| t.copies()));
    view! {
        <div>
            <h1 class="page-title">{text.title()}</h1>
            <p class="lede" role="status">
                {move || match (deed.busy().get(), change) {
                    (true, _) => text.planning(),
                    (false, true) => text.lede_change(),
                    (false, false) => text.lede(),
                }}
            </p>
        </div>
        {deed.trouble(&[])}
        {move || {
            (deed.error().with(Option::is_some) && !planned.get())
                .then(|| view! { <div><ActionButton label=text.plan_again() small=true on_press=make /></div> })
        }}
        <Show when=move || copies.get()>{choices::panel(wizard)}</Show>
        {move || wizard.view.with(|v| v.plan.as_ref().map(|p| plan(p, change, text)))}
        {move || waived(wizard, text)}
        {ends(
            Some(routes::wizard(&wizard.id(), WizardStep::Checks)),
            text.next(),
            refused,
            deed.busy(),
            move || {
                if wizard.may_enter(WizardStep::Apply) && refused.with_untracked(Option::is_none) {
                    navigate(&routes::wizard(&wizard.id(), WizardStep::Apply), NavigateOptions::default());
                }
            },
        )}
    }
    .into_any()
}

fn plan(plan: &Plan, change: bool, text: ReviewText) -> AnyView {
    let locale = locale();
    let rules = plan.rules.iter().map(|r| rule(r, size_of(plan, r), text)).collect_view();
    let notes = plan.notes.iter().map(|n| view! { <li>{n.pick(locale).to_owned()}</li> }).collect_view();
    view! {
        {rules}
        {(plan.rules.is_empty() && !change).then(|| view! { <Note mark=Mark::Good>{text.nothing_made()}</Note> })}
        {(!plan.notes.is_empty()).then(|| view! {
            <section class="notice notice-warning" aria-labelledby="notes-title">
                <StateMark mark=Mark::Warn label="" />
                <div>
                    <h2 id="notes-title" class="section-title">{text.notes()}</h2>
                    <ul class="list-disc ps-4 grid gap-1">{notes}</ul>
                </div>
            </section>
        })}
        <section class="panel" aria-labelledby="calls-title">
            <div class="panel-head"><h2 id="calls-title">{text.calls()}</h2></div>
            <div class="panel-body px-4 pt-1 grid gap-2">
                <p class="quiet">{text.calls_hint()}</p>
                {calls(&plan.steps)}
            </div>
        </section>
    }
    .into_any()
}

fn size_of<'a>(plan: &'a Plan, rule: &PlannedRule) -> Option<&'a FirstCopySize> {
    // A link with two rules shows its size once, beside the scheduled one.
    rule.cron.as_ref()?;
    plan.first_copy.iter().find(|c| c.link == rule.link)
}

fn rule(rule: &PlannedRule, size: Option<&FirstCopySize>, text: ReviewText) -> AnyView {
    let locale = locale();
    let reasons = rule
        .reasons
        .iter()
        .map(|reason| {
            view! {
                <tr>
                    <th scope="row">{reason.field.pick(locale).to_owned()}</th>
                    <td class="font-medium">{reason.value.pick(locale).to_owned()}</td>
                    <td class="quiet">{reason.why.pick(locale).to_owned()}</td>
                </tr>
            }
        })
        .collect_view();
    let copy = size.map(|s| {
        let copied = if s.missing == 0 {
            text.copy_nothing().to_owned()
        } else {
            text.copy_size(say::count(s.missing), say::bytes(s.bytes))
        };
        let differing = (s.differing > 0).then(|| text.copy_differing(say::count(s.differing)));
        view! {
            <p class="panel-row">
                <span class="quiet">{text.first_copy()}</span>
                <span class="num">{copied}</span>
                {differing.map(|d| view! { <span class="quiet">{d}</span> })}
            </p>
        }
    });
    view! {
        <section class="panel">
            <div class="panel-head">
                <h2>{text.rule_on(rule.link.source.as_str(), rule.link.destination.as_str())}</h2>
                <code class="code quiet font-normal">{rule.name.clone()}</code>
                <span class="panel-aside">{rule.schedule.pick(locale).to_owned()}</span>
            </div>
            <div class="scrolls" tabindex="0">
                <table class="data-table reasons">
                    <thead class="sr-only">
                        <tr>
                            <th scope="col">{text.field()}</th>
                            <th scope="col">{text.value()}</th>
                            <th scope="col">{text.why()}</th>
                        </tr>
                    </thead>
                    <tbody>{reasons}</tbody>
                </table>
            </div>
            {copy}
        </section>
    }
    .into_any()
}

fn waived(wizard: Wizard, text: ReviewText) -> AnyView {
    let locale = locale();
    let accepted = wizard.view.with(|v| {
        v.findings
            .iter()
            .filter_map(|f| Some((f.title.pick(locale).to_owned(), f.waiver.clone()?)))
            .collect::<Vec<_>>()
    });
    if accepted.is_empty() {
        return ().into_any();
    }
    let rows = accepted
        .into_iter()
        .map(|(title, waiver)| {
            view! {
                <p class="panel-row">
                    <span>{title}</span>
                    <span class="panel-aside">{waiver.by} ": " <q>{waiver.reason}</q></span>
                </p>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <div class="panel-head"><h2>{text.waived()}</h2></div>
            {rows}
        </section>
    }
    .into_any()
}

//! Probes that write: what they make is listed and confirmed before they start.

use leptos::prelude::*;
use model::{finding::FindingState, plan::PlannedStep, run::RunState};

use super::{calls::calls, state::Wizard};
use crate::{
    api::drafts::{probe_steps, run_probes},
    pages::deed::Deed,
    text::{checks::ChecksText, common::CommonText},
    ui::{ActionButton, Mark, StateMark},
};

/// The panel; absent where the topology has no such probes.
pub(super) fn panel(wizard: Wizard) -> AnyView {
    let there = Memo::new(move |_| wizard.view.with(|v| v.findings.iter().any(|f| f.writes)));
    view! {
        <Show when=move || there.get()>{body(wizard)}</Show>
    }
    .into_any()
}

fn body(wizard: Wizard) -> AnyView {
    let text = ChecksText::current();
    let running =
        Memo::new(move |_| wizard.probes.with(|r| r.as_ref().is_some_and(|r| r.state == RunState::Running)));
    let answered = Memo::new(move |_| {
        wizard.view.with(|v| v.findings.iter().filter(|f| f.writes).all(|f| f.state != FindingState::Waiting))
    });
    let mark = Signal::derive(move || match (running.get(), answered.get()) {
        (true, _) => Mark::Busy,
        (false, true) => Mark::Good,
        (false, false) => Mark::Waiting,
    });
    let steps = RwSignal::new(Vec::<PlannedStep>::new());
    let list = Deed::new();
    let open = wizard.may_change() && !wizard.is_applied();
    view! {
        <section class="panel" aria-labelledby="probes-title">
            <div class="panel-head">
                <StateMark mark label="" />
                <h2 id="probes-title">{text.probes_title()}</h2>
            </div>
            <div class="panel-body px-4 pt-1 grid gap-3">
                <p>{text.probes_text()}</p>
                <Show
                    when=move || steps.with(|s| !s.is_empty())
                    fallback=move || view! {
                        <div>
                            <ActionButton
                                label=text.probes_show()
                                small=true
                                busy=list.busy()
                                on_press=move || list.run(probe_steps(wizard.id()), move |s| steps.set(s))
                            />
                        </div>
                    }
                >
                    {move || steps.with(|s| calls(s))}
                </Show>
                {list.trouble(&[])}
                {open.then(|| start(wizard, running, text))}
                {move || progress(wizard)}
            </div>
        </section>
    }
    .into_any()
}

fn start(wizard: Wizard, running: Memo<bool>, text: ChecksText) -> AnyView {
    let deed = Deed::new();
    let run = move || {
        deed.run(
            async move {
                wizard.keep().await?;
                let id = run_probes(wizard.id()).await?;
                wizard.follow_probes(id).await
            },
            |()| (),
        );
    };
    let refused = Signal::derive(move || {
        (!wizard.form.probes_confirmed.get()).then(|| text.probes_refused().to_owned())
    });
    let busy = Signal::derive(move || deed.busy().get() || running.get());
    view! {
        <label class="flex items-center gap-2">
            <input
                type="checkbox"
                class="checkbox checkbox-sm"
                checked=wizard.form.probes_confirmed.get_untracked()
                prop:checked=move || wizard.form.probes_confirmed.get()
                on:change:target=move |event| wizard.form.probes_confirmed.set(event.target().checked())
            />
            <span>{text.probes_confirm()}</span>
        </label>
        <div class="flex flex-wrap items-center gap-3">
            <ActionButton label=text.probes_run() busy=busy refused=refused on_press=run />
            <span class="refusal" role="status">
                {move || if running.get() { Some(text.probes_running().to_owned()) } else { refused.get() }}
            </span>
        </div>
        {deed.trouble(&[])}
    }
    .into_any()
}

fn progress(wizard: Wizard) -> AnyView {
    let (common, locale) = (CommonText::current(), crate::visit::locale());
    let Some(run) = wizard.probes.get() else { return ().into_any() };
    let steps = run
        .steps
        .into_iter()
        .map(|step| {
            let error = step.error.map(|e| format!("{} {}", e.cause.pick(locale), e.next.pick(locale)));
            view! {
                <li class="flex gap-2">
                    <StateMark mark=Mark::from(step.state) label=common.step(step.state) />
                    <span class="min-w-0">
                        {step.title.pick(locale).to_owned()}
                        {error.map(|e| view! { <span class="quiet block">{e}</span> })}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="grid gap-1">{steps}</ol> }.into_any()
}

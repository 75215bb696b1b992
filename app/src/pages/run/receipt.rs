//! The steps of a run: where each stands, what came of it, how long it took, and why it failed.

use leptos::prelude::*;
use model::{
    run::{RunState, RunStep, RunView, StepState},
    say::duration,
};

use crate::{
    text::{common::CommonText, run::RunText},
    ui::{Mark, StateMark},
    visit::locale,
};

/// All steps with a bar of how far they are.
#[component]
pub(super) fn Steps(
    /// The run as it is now.
    run: RwSignal<RunView>,
) -> impl IntoView {
    let text = RunText::current();
    let keys = Memo::new(move |_| run.with(|r| r.steps.iter().map(|s| s.key.clone()).collect::<Vec<_>>()));
    let running = Memo::new(move |_| run.with(|r| r.state == RunState::Running && !r.undoing));
    let (done, all) =
        (Memo::new(move |_| run.with(RunView::finished)), Memo::new(move |_| run.with(|r| r.steps.len())));
    view! {
        <Show when=move || running.get()>
            <progress
                class="progress w-full"
                max=move || all.get()
                value=move || done.get()
                aria-label=move || text.progress(done.get(), all.get())
            ></progress>
        </Show>
        <section class="panel" aria-labelledby="steps">
            <h2 id="steps" class="panel-head">{text.steps()}</h2>
            <ol>
                <For each=move || keys.get() key=|key| key.clone() let(key)>
                    {
                        let step = Memo::new(move |_| {
                            run.with(|r| r.steps.iter().find(|s| s.key == key).cloned())
                        });
                        move || step.get().map(one)
                    }
                </For>
            </ol>
        </section>
    }
}

fn one(step: RunStep) -> AnyView {
    let (text, common, locale) = (RunText::current(), CommonText::current(), locale());
    let RunStep { node, title, state, outcome, error, took_ms, .. } = step;
    let outcome = outcome.map(|o| o.into_text(locale));
    // Taking back counts from the first beginning: that says nothing.
    let took = (took_ms > 0 && state != StepState::Undone).then(|| took(took_ms, common));
    let error = error.map(|error| {
        view! {
            <div class="cure" role="note">
                <p class="font-medium">{error.cause.into_text(locale)}</p>
                <p>{error.next.into_text(locale)}</p>
                <p class="quiet">{common.error_code()} " " <code class="code">{error.code}</code></p>
            </div>
        }
    });
    view! {
        <li class="check">
            <StateMark mark=Mark::from(state) label="" />
            <div class="min-w-0">
                <p>
                    {title.into_text(locale)}
                    <span class="quiet">" " {text.on_node(node.as_str())}</span>
                </p>
                {outcome.map(|text| view! { <p class="quiet small">{text}</p> })}
            </div>
            <p class="measured">{common.step(state)} {took.map(|took| format!(" · {took}"))}</p>
            {error}
        </li>
    }
    .into_any()
}

/// How long a step took, as exact as it matters.
fn took(ms: i64, common: CommonText) -> String {
    match ms {
        ..1_000 => common.ms(u32::try_from(ms).unwrap_or_default()),
        1_000..60_000 => common.seconds(format!("{:.1}", ms as f64 / 1000.0)),
        _ => duration(ms).into_text(common.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Locale;

    #[test]
    fn took_is_as_exact_as_it_matters() {
        let words = |ms| took(ms, CommonText(Locale::En));
        assert_eq!(words(40), "40 ms");
        assert_eq!(words(2_449), "2.4 s");
        assert_eq!(words(61_500), "1 min 1 s");
    }
}

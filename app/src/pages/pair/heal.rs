//! Healing: first the plan, frozen, with every step; the second press carries it out.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::{
    drift::{DriftQuery, PairView},
    heal::{Decision, HealChoice, HealPlan, Picked},
    ids::RunId,
    people::Role,
    say::{bytes, count},
};

use crate::{
    api::drift::{carry_out, plan_heal},
    pages::deed::Deed,
    routes,
    text::drift::DriftText,
    ui::{ActionButton, Described, Kind, TextField},
    visit::{Visit, locale},
};

/// The plan that is being looked at, and what makes one.
#[derive(Clone, Copy)]
pub(super) struct Planner {
    now: RwSignal<PairView>,
    plan: RwSignal<Option<HealPlan>>,
    /// The heal of which only what it did not carry is planned.
    failed: Memo<Option<RunId>>,
    pub(super) planning: Deed,
    /// The rows that a person picked, by repository and thing.
    pub(super) picked: RwSignal<Vec<Picked>>,
}

impl Planner {
    /// No plan yet. One of another list, or of differences that are past, is none.
    pub(super) fn new(now: RwSignal<PairView>, query: Memo<DriftQuery>, failed: Memo<Option<RunId>>) -> Self {
        let (plan, picked) = (RwSignal::new(None), RwSignal::new(Vec::new()));
        let planner = Self { now, plan, failed, planning: Deed::new(), picked };
        let wanted = Memo::new(move |_| (query.get(), failed.get(), now.with(|p| p.changes)));
        Effect::new(move |before: Option<(DriftQuery, Option<RunId>, i64)>| {
            let wanted = wanted.get();
            if before.is_some_and(|b| b != wanted) {
                planner.plan.set(None);
                planner.picked.set(Vec::new());
            }
            wanted
        });
        planner
    }

    /// Picks a row, or puts it back.
    pub(super) fn pick(self, one: Picked, wanted: bool) {
        self.plan.set(None);
        self.picked.update(|all| {
            all.retain(|other| *other != one);
            if wanted {
                all.push(one);
            }
        });
    }

    /// Plans what a person decided about one difference.
    pub(super) fn decide(self, decision: Decision) {
        self.make(HealChoice { decision: Some(decision), ..HealChoice::default() });
    }

    fn make(self, choice: HealChoice) {
        let id = self.now.with_untracked(|p| p.id.clone());
        self.planning.run(plan_heal(id, choice), move |made| self.plan.set(Some(made)));
    }
}

/// The bar below the list: what can be healed, the plan, and the button that begins.
pub(super) fn heal_bar(planner: Planner, query: Memo<DriftQuery>) -> AnyView {
    let text = DriftText::current();
    let may = Visit::current().may(Role::Operator);
    let Planner { now, plan, failed, planning, picked } = planner;
    let typed = RwSignal::new(String::new());
    let deletes = Memo::new(move |_| plan.with(|p| p.as_ref().map_or(0, |p| p.deletes)));
    let healing = Deed::new();
    let navigate = use_navigate();
    let make = move || {
        planner.make(query.with_untracked(|q| HealChoice {
            kind: q.kind,
            text: q.text.clone(),
            only: picked.get_untracked(),
            failed_of: failed.get_untracked(),
            ..HealChoice::default()
        }));
    };
    let begin = StoredValue::new(move || {
        let Some(id) = plan.with_untracked(|p| p.as_ref().map(|p| p.id.clone())) else { return };
        let navigate = navigate.clone();
        healing.run(carry_out(id, typed.with_untracked(|n| n.trim().parse().ok())), move |run| {
            navigate(&routes::run(&run), Default::default())
        });
    });
    let healable = Memo::new(move |_| {
        now.with(|p| {
            let of_kind = |t: &&model::drift::KindTotal| query.with(|q| q.kind.is_none_or(|k| k == t.kind));
            p.totals.iter().filter(|t| t.heals).filter(of_kind).map(|t| t.count).sum::<u64>()
        })
    });
    let running = Memo::new(move |_| now.with(|p| p.healing.clone()));
    view! {
        {move || {
            running
                .get()
                .map(|run| view! {
                    <p class="notice" role="status">
                        {text.healing()} " " <a href=routes::run(&run)>{text.see_run()}</a>
                    </p>
                })
        }}
        <Show when=move || {
            may && running.with(Option::is_none) && (healable.get() > 0 || plan.with(Option::is_some))
        }>
            <section class="panel panel-body grid gap-3 sticky bottom-4 shadow-lg" aria-label=text.heal()>
                <div class="flex flex-wrap items-center justify-between gap-3" aria-live="polite">
                    <p>
                        {move || match plan.get() {
                            Some(plan) => summary(&plan, text),
                            None => match picked.with(Vec::len) {
                                0 => text.can_heal(&count(healable.get())),
                                n => text.picked(&count(n as u64)),
                            },
                        }}
                    </p>
                    <div class="flex flex-wrap gap-2">
                        <ActionButton
                            label=Signal::derive(move || {
                                if plan.with(Option::is_some) { text.plan_again() } else { text.plan() }.to_owned()
                            })
                            busy=planning.busy()
                            kind=Kind::Secondary
                            on_press=make
                        />
                        <Show when=move || plan.with(Option::is_some)>
                            <ActionButton
                                label=Signal::derive(move || {
                                    plan.with(|p| {
                                        let n = p.as_ref().map_or(0, |p| p.copies + p.moves + p.deletes);
                                        if n == 0 { text.note().to_owned() } else { text.heal_n(&count(n)) }
                                    })
                                })
                                busy=healing.busy()
                                kind=Kind::Primary
                                on_press=move || begin.with_value(|begin| begin())
                            />
                        </Show>
                    </div>
                </div>
                {move || failed.get().map(|run| only_failed(&run, now))}
                <Show when=move || { deletes.get() > 0 }>
                    {move || view! {
                        <TextField
                            described=Described::new("heal-deletes", text.type_deletes(&count(deletes.get())))
                            value=typed
                            error=healing.error_at("deletes")
                            code=true
                        />
                    }}
                </Show>
                {planning.trouble(&[])}
                {healing.trouble(&["deletes"])}
                {move || plan.get().map(|plan| steps(&plan))}
            </section>
        </Show>
    }
    .into_any()
}

/// Says that only what an earlier heal left is planned, and the way to a plan of all.
fn only_failed(run: &RunId, now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let all = now.with_untracked(|p| routes::pair(&p.id));
    view! {
        <p class="small flex flex-wrap gap-x-3">
            <span class="quiet">{text.only_failed()}</span>
            <a href=routes::run(run)>{text.see_run()}</a>
            <a href=all>{text.plan_all()}</a>
        </p>
    }
    .into_any()
}

fn summary(plan: &HealPlan, text: DriftText) -> String {
    let mut parts = Vec::new();
    if plan.copies > 0 {
        parts.push(text.copies(plan.copies));
    }
    if plan.moves > 0 {
        parts.push(text.moves(plan.moves));
    }
    if plan.deletes > 0 {
        parts.push(text.deletions(plan.deletes));
    }
    if parts.is_empty() {
        return text.only_noted().to_owned();
    }
    if plan.bytes > 0 {
        parts.push(bytes(plan.bytes));
    }
    parts.join(" · ")
}

/// Every step in its order, and what each carries.
fn steps(plan: &HealPlan) -> AnyView {
    let (text, locale) = (DriftText::current(), locale());
    let notes = plan
        .notes
        .iter()
        .map(|note| view! { <p class="quiet small">{note.pick(locale).to_owned()}</p> })
        .collect_view();
    let rows = plan
        .steps
        .iter()
        .map(|step| {
            let names: Vec<String> = step.what.items().iter().map(|item| item.name()).collect();
            view! {
                <li>
                    <span class="font-medium">{step.title.pick(locale).to_owned()}</span>
                    <span class="quiet">" · " {step.node.to_string()}</span>
                    {carried(names, text)}
                </li>
            }
        })
        .collect_view();
    // The bar stays in sight: a long plan scrolls within it, also by keyboard.
    view! {
        <div class="max-h-[40vh] overflow-y-auto" tabindex="0" role="region" aria-label=text.steps()>
            <ol class="grid gap-1 list-decimal ps-5">{rows}</ol>
        </div>
        {notes}
    }
    .into_any()
}

/// What a step carries: one thing by its name, several behind a word.
fn carried(names: Vec<String>, text: DriftText) -> Option<AnyView> {
    match names.as_slice() {
        [] => None,
        [one] => Some(view! { <span class="block code small break-all">{one.clone()}</span> }.into_any()),
        all => {
            let n = count(all.len() as u64);
            Some(
                view! {
                    <details class="small">
                        <summary>{text.which(&n)}</summary>
                        <ul class="code break-all">
                            {names.into_iter().map(|name| view! { <li>{name}</li> }).collect_view()}
                        </ul>
                    </details>
                }
                .into_any(),
            )
        }
    }
}

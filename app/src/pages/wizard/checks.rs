//! The third step: what is wrong before anything is changed.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    Topology,
    draft::WizardStep,
    finding::{Finding, FindingState, Subject, worst},
};

use super::{ends, finding_row, probes, state::Wizard};
use crate::{
    api::drafts::run_checks,
    pages::{deed::Deed, parts::bare},
    routes,
    text::{checks::ChecksText, common::CommonText},
    ui::{ActionButton, Mark, StateMark},
    visit::locale,
};

/// What stands in one panel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Group {
    /// The nodes compared with each other, and the links.
    Together,
    /// One node.
    Node(String),
    /// The entry.
    Entry,
}

impl Group {
    fn of(finding: &Finding) -> Self {
        match &finding.subject {
            Subject::Cluster | Subject::Link { .. } => Self::Together,
            Subject::Node { node } => Self::Node(node.to_string()),
            Subject::Entry => Self::Entry,
        }
    }
}

/// The step. What only reads starts by itself.
pub(super) fn step(wizard: Wizard) -> AnyView {
    let text = ChecksText::current();
    let navigate = use_navigate();
    let deed = Deed::new();
    let ask = move || {
        deed.run(
            async move {
                wizard.keep().await?;
                run_checks(wizard.id(), None).await
            },
            |()| {},
        );
    };
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        let unasked = wizard.view.with(|v| {
            v.findings.is_empty()
                || v.findings.iter().all(|f| f.writes || (f.state == FindingState::Waiting && f.at_ms == 0))
        });
        if unasked && !begun.get_value() && wizard.may_change() && !wizard.is_applied() {
            begun.set_value(true);
            ask();
        }
    });
    let groups = Memo::new(move |_| wizard.view.with(|v| groups(&v.findings)));
    view! {
        <div class="flex flex-wrap items-start justify-between gap-3">
            <div class="min-w-0">
                <h1 class="page-title">{text.title()}</h1>
                <p class="lede" role="status">{move || summary(wizard, text)}</p>
            </div>
            {(wizard.may_change() && !wizard.is_applied()).then(|| view! {
                <ActionButton label=text.ask_again() small=true busy=deed.busy() on_press=ask />
            })}
        </div>
        {deed.trouble(&[])}
        <For each=move || groups.get() key=Group::clone let(group)>
            {panel(wizard, group, text)}
        </For>
        {probes::panel(wizard)}
        {ends(
            Some(routes::wizard(&wizard.id(), WizardStep::Nodes)),
            text.next(),
            Signal::derive(move || refused(wizard, text)),
            Signal::derive(|| false),
            move || {
                if wizard.checks_settled() {
                    navigate(&routes::wizard(&wizard.id(), WizardStep::Review), NavigateOptions::default());
                }
            },
        )}
    }
    .into_any()
}

fn summary(wizard: Wizard, text: ChecksText) -> String {
    let (all, waiting) = wizard
        .view
        .with(|v| (v.findings.len(), v.findings.iter().filter(|f| f.state == FindingState::Waiting).count()));
    if all == 0 {
        return if wizard.form.is_change() { text.no_question().to_owned() } else { String::new() };
    }
    let mut said = vec![text.answered(all - waiting, all)];
    match (wizard.count(FindingState::Failed), wizard.count(FindingState::Warning)) {
        (0, 0) if waiting == 0 => said.push(text.fine().to_owned()),
        (failed, warned) => {
            if failed > 0 {
                said.push(text.must_be_mended(failed));
            }
            if warned > 0 {
                said.push(text.can_be_accepted(warned));
            }
        }
    }
    said.join(if text.0 == model::Locale::En { " " } else { "" })
}

/// The panels, those with something to mend first; else in the order of the findings.
fn groups(findings: &[Finding]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for finding in findings {
        let group = Group::of(finding);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let rank = |group: &Group| {
        let bad = findings.iter().filter(|f| Group::of(f) == *group && f.waiver.is_none());
        bad.map(|f| f.state.rank()).min().map_or(9, |r| if r <= 1 { r } else { 2 })
    };
    // The nodes together come first among equals: what is between the nodes is what a cluster is about.
    groups.sort_by_key(|g| (rank(g), *g != Group::Together));
    groups
}

fn panel(wizard: Wizard, group: Group, text: ChecksText) -> AnyView {
    let common = CommonText::current();
    let title = {
        let group = group.clone();
        move || match &group {
            Group::Together => together(wizard, text),
            Group::Node(node) => node.clone(),
            Group::Entry => text.entry(bare(&wizard.form.entry.get())),
        }
    };
    let findings = {
        Memo::new(move |_| {
            let mut mine: Vec<Finding> =
                wizard.view.with(|v| v.findings.iter().filter(|f| Group::of(f) == group).cloned().collect());
            mine.sort_by_key(|f| match f.state {
                FindingState::Failed => 0,
                FindingState::Warning if f.waiver.is_none() => 1,
                _ => 2,
            });
            mine
        })
    };
    let state = Memo::new(move |_| findings.with(|f| worst(f)));
    let count = move || {
        findings.with(|all| {
            let done =
                all.iter().filter(|f| f.state != FindingState::Waiting && f.state != FindingState::Failed);
            text.of_group(done.count(), all.len())
        })
    };
    view! {
        <section class="panel">
            <div class="panel-head">
                <StateMark
                    mark=Signal::derive(move || Mark::from(state.get()))
                    label=Signal::derive(move || common.finding(state.get()).to_owned())
                />
                <h2 class="min-w-0">{title}</h2>
                <span class="panel-aside">{count}</span>
            </div>
            <ul>
                <For
                    each=move || findings.get()
                    key=|f| (f.id.clone(), f.subject.clone())
                    let(finding)
                >
                    {
                        let (id, subject, first) = (finding.id.clone(), finding.subject.clone(), finding);
                        let now = Memo::new(move |last: Option<&Finding>| {
                            findings
                                .with(|all| all.iter().find(|f| f.id == id && f.subject == subject).cloned())
                                .or_else(|| last.cloned())
                                .unwrap_or_else(|| first.clone())
                        });
                        finding_row::row(wizard, now)
                    }
                </For>
            </ul>
        </section>
    }
    .into_any()
}

fn together(wizard: Wizard, text: ChecksText) -> String {
    let nodes = wizard.form.nodes.get();
    match (wizard.form.topology.get(), nodes.as_slice()) {
        (Some(Topology::DualMaster), [a, b]) => text.one_to_the_other(&a.shown_name(), &b.shown_name()),
        _ => text.together().to_owned(),
    }
}

/// What Next waits for: the first thing by name, and how many more.
fn refused(wizard: Wizard, text: ChecksText) -> Option<String> {
    let blocking = wizard.blocking();
    let first = blocking.iter().min_by_key(|f| f.state.rank());
    match first {
        Some(first) => {
            let what = first.title.pick(locale()).to_owned();
            Some(if blocking.len() > 1 { text.refused(&what, blocking.len() - 1) } else { what })
        }
        None => (!wizard.checks_settled()).then(|| text.asking().to_owned()),
    }
}

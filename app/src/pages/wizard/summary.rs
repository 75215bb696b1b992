//! "Your cluster": what it will be, drawn and in figures, growing as one goes on.

use leptos::prelude::*;
use model::{NodeAddress, Topology, health::HealthState, names::NodeName, run::RunState, say};

use super::state::Wizard;
use crate::{
    pages::parts::{bare, shared_words},
    text::{common::CommonText, wizard::WizardText},
    ui::{Picture, PictureLink, PictureNode, TopologyPicture},
    visit::locale,
};

/// The panel at the right of a step.
pub(super) fn summary(wizard: Wizard) -> AnyView {
    let text = WizardText::current();
    let drawing = Memo::new(move |_| picture(wizard));
    let name = move || {
        let typed = wizard.form.name.get();
        if typed.trim().is_empty() { text.your_cluster().to_owned() } else { typed }
    };
    let any = Memo::new(move |_| drawing.with(Option::is_some));
    view! {
        <aside class="panel panel-body grid gap-3 wizard-side" aria-label=text.your_cluster()>
            <h2 class="section-title">{name}</h2>
            <Show
                when=move || any.get()
                fallback=move || view! { <p class="quiet small">{text.your_cluster_empty()}</p> }
            >
                <TopologyPicture
                    picture=Signal::derive(move || drawing.get().unwrap_or_else(|| empty(Topology::DualMaster)))
                    decorative=true
                    width=250.0
                />
                {move || pairs(wizard, text)}
            </Show>
        </aside>
    }
    .into_any()
}

fn pairs(wizard: Wizard, text: WizardText) -> AnyView {
    let locale = locale();
    let Some(topology) = wizard.form.topology.get() else { return ().into_any() };
    let survives = match topology {
        Topology::DualMaster => text.survives_dual_master(),
        Topology::SharedStorage => text.survives_shared_storage(),
        Topology::OneToMany => text.survives_one_to_many(),
        Topology::Tiered => text.survives_tiered(),
    };
    let links = links(wizard, topology).len();
    let per_link = if wizard.form.at_once.get() { 2 } else { 1 };
    // A change makes the difference alone, which its review lists.
    let makes = (!wizard.form.is_change()).then(|| {
        if topology.copies() {
            view! {
                <dt>{text.endpoints()}</dt>
                <dd>{links}</dd>
                <dt>{text.rules()}</dt>
                <dd>{links * per_link}</dd>
            }
            .into_any()
        } else {
            view! { <dt>{text.will_make()}</dt><dd>{text.makes_nothing()}</dd> }.into_any()
        }
    });
    let (schedule, copy) = wizard.view.with(|v| match &v.plan {
        None => (None, None),
        Some(plan) => (
            plan.rules.iter().find(|r| r.cron.is_some()).map(|r| r.schedule.pick(locale).to_owned()),
            topology.copies().then(|| match plan.first_copy.iter().map(|c| c.bytes).sum::<u64>() {
                0 => text.no_copy().to_owned(),
                bytes => text.about(&say::bytes(bytes)),
            }),
        ),
    });
    view! {
        <dl class="pairs pairs-right">
            <dt>{text.survives()}</dt>
            <dd>{survives}</dd>
            {makes}
            {schedule.map(|s| view! { <dt>{text.schedule()}</dt><dd>{s}</dd> })}
            {copy.map(|c| view! { <dt>{text.first_copy()}</dt><dd>{c}</dd> })}
        </dl>
    }
    .into_any()
}

fn empty(topology: Topology) -> Picture {
    Picture { topology, entry: None, nodes: Vec::new(), links: Vec::new(), shared: String::new() }
}

/// The links by the index of their ends, as far as the nodes have names.
fn links(wizard: Wizard, topology: Topology) -> Vec<(usize, usize)> {
    let nodes = wizard.form.nodes.get();
    // Nodes without a name yet get one that nobody can type, so that the drawing is whole from the start.
    let named: Vec<(NodeName, Option<NodeName>)> = nodes
        .iter()
        .enumerate()
        .filter_map(|(i, n)| {
            let name =
                NodeName::parse(&n.shown_name()).or_else(|_| NodeName::parse(&format!("#{i}"))).ok()?;
            Some((name, NodeName::parse(&n.upstream.get()).ok()))
        })
        .collect();
    let index = |name: &NodeName| named.iter().position(|(n, _)| n == name);
    topology.links(&named).iter().filter_map(|l| Some((index(&l.source)?, index(&l.destination)?))).collect()
}

fn picture(wizard: Wizard) -> Option<Picture> {
    let topology = wizard.form.topology.get()?;
    let text = CommonText::current();
    let typed = wizard.form.nodes.get();
    if typed.is_empty() {
        return None;
    }
    let links = links(wizard, topology);
    let proven = wizard.run.with(|r| r.as_ref().is_some_and(|r| r.state == RunState::Succeeded));
    let reaches = |source: usize, destination: usize| link_state(wizard, source, destination);
    let nodes = typed
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let name = node.shown_name();
            let test = wizard.view.with(|v| {
                let at = v.draft.nodes.iter().position(|n| n.key == node.key())?;
                v.tests.get(at).cloned().flatten()
            });
            let line = match &test {
                Some(test) if test.problem.is_none() => test.version.clone().unwrap_or_default(),
                _ => NodeAddress::parse(&node.address.get())
                    .map(|a| bare(&a.shown()).to_owned())
                    .unwrap_or_default(),
            };
            PictureNode {
                name: if name.is_empty() { format!("{}", i + 1) } else { name },
                line,
                state: Some(match test {
                    Some(test) if test.problem.is_some() => HealthState::Unreachable,
                    None if !proven => HealthState::Unknown,
                    _ => HealthState::Up,
                }),
                upstream: links.iter().find(|(_, d)| *d == i).map(|(s, _)| *s),
            }
        })
        .collect();
    Some(Picture {
        topology,
        entry: NodeAddress::parse(&wizard.form.entry.get())
            .ok()
            .map(|a| (bare(&a.shown()).to_owned(), HealthState::Unknown)),
        nodes,
        links: links
            .into_iter()
            .map(|(source, destination)| PictureLink {
                href: None,
                source,
                destination,
                state: if proven { HealthState::Up } else { reaches(source, destination) },
                label: String::new(),
            })
            .collect(),
        shared: shared_words(topology, text),
    })
}

/// A link's state by what its checks have answered so far.
fn link_state(wizard: Wizard, source: usize, destination: usize) -> HealthState {
    use model::finding::{FindingState, Subject, worst};
    let nodes = wizard.form.nodes.get();
    let name = |i: usize| nodes.get(i).and_then(|n| NodeName::parse(&n.shown_name()).ok());
    let (Some(source), Some(destination)) = (name(source), name(destination)) else {
        return HealthState::Unknown;
    };
    let subject = Subject::Link { source, destination };
    let about: Vec<_> =
        wizard.view.with(|v| v.findings.iter().filter(|f| f.subject == subject).cloned().collect());
    if about.is_empty() {
        return HealthState::Unknown;
    }
    match worst(&about) {
        FindingState::Failed => HealthState::Unreachable,
        FindingState::Warning => HealthState::Degraded,
        FindingState::Waiting => HealthState::Unknown,
        _ => HealthState::Up,
    }
}

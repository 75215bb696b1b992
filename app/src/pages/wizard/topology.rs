//! The first step: what should keep working when a machine dies.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{Topology, draft::WizardStep, health::HealthState};

use super::{ends, state::Wizard};
use crate::{
    pages::parts::shared_words,
    routes,
    text::{common::CommonText, topology::TopologyText},
    ui::{Badge, Picture, PictureLink, PictureNode, Tone, TopologyPicture},
};

/// The step.
pub(super) fn step(wizard: Wizard) -> AnyView {
    let text = TopologyText::current();
    let navigate = use_navigate();
    let refused =
        Signal::derive(move || wizard.form.topology.get().is_none().then(|| text.refused().to_owned()));
    let cards = Topology::ALL.into_iter().map(|t| card(wizard, t, text)).collect_view();
    view! {
        <div>
            <h1 class="page-title">{text.title()}</h1>
            <p class="lede">{text.lede()}</p>
        </div>
        <fieldset class="grid gap-4 lg:grid-cols-2" disabled=!wizard.may_change() || wizard.is_applied() || wizard.form.is_change()>
            <legend class="sr-only">{text.title()}</legend>
            {cards}
        </fieldset>
        {ends(None, text.next(), refused, Signal::derive(|| false), move || {
            if wizard.form.topology.get_untracked().is_some() {
                navigate(&routes::wizard(&wizard.id(), WizardStep::Nodes), NavigateOptions::default());
            }
        })}
    }
    .into_any()
}

fn card(wizard: Wizard, topology: Topology, text: TopologyText) -> AnyView {
    let card = text.card(topology);
    let pairs = card
        .pairs
        .into_iter()
        .map(|(label, value)| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
        })
        .collect_view();
    let chosen = move || wizard.form.topology.get() == Some(topology);
    view! {
        <label class="choice">
            <span class="flex items-center gap-3">
                <input
                    type="radio"
                    class="radio radio-primary"
                    name="topology"
                    value=topology.as_str()
                    checked=wizard.form.topology.get_untracked() == Some(topology)
                    prop:checked=chosen
                    on:change=move |_| wizard.form.choose(topology)
                />
                <span class="text-base font-semibold">{card.name}</span>
                {(topology == Topology::SharedStorage).then(|| view! {
                    <span class="ml-auto">
                        <Badge text=text.recommended() tone=Tone::Accent />
                    </span>
                })}
            </span>
            <span class="choice-picture">
                <TopologyPicture picture=example(topology) decorative=true width=270.0 />
            </span>
            <span>{card.what}</span>
            <dl class="pairs">{pairs}</dl>
        </label>
    }
    .into_any()
}

/// A small example of a topology, everything well.
fn example(topology: Topology) -> Picture {
    let text = CommonText::current();
    let names: &[&str] = match topology {
        Topology::SharedStorage => &["A", "B", "C"],
        Topology::DualMaster => &["A", "B"],
        Topology::OneToMany => &["A", "B", "C", "D"],
        Topology::Tiered => &["HQ", "1", "2"],
    };
    let links: &[(usize, usize)] = match topology {
        Topology::SharedStorage => &[],
        Topology::DualMaster => &[(0, 1), (1, 0)],
        Topology::OneToMany => &[(0, 1), (0, 2), (0, 3)],
        Topology::Tiered => &[(0, 1), (1, 2)],
    };
    let entry = matches!(topology, Topology::SharedStorage | Topology::DualMaster);
    Picture {
        topology,
        entry: entry.then(|| (text.entry_word().to_owned(), HealthState::Up)),
        nodes: names
            .iter()
            .enumerate()
            .map(|(place, name)| PictureNode {
                name: (*name).to_owned(),
                line: String::new(),
                state: Some(HealthState::Up),
                upstream: place.checked_sub(1).filter(|_| topology == Topology::Tiered),
            })
            .collect(),
        links: links
            .iter()
            .map(|(source, destination)| PictureLink {
                href: None,
                source: *source,
                destination: *destination,
                state: HealthState::Up,
                label: String::new(),
            })
            .collect(),
        shared: shared_words(topology, text),
    }
}

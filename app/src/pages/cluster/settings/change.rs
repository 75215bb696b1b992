//! The doors to changing a cluster: each begins a draft with what is, and leads to the wizard's nodes.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::{
    Topology,
    draft::{ChangeStart, WizardStep},
    ids::{ClusterId, NodeId},
};

use crate::{
    api::drafts::begin_change,
    pages::deed::Deed,
    routes,
    text::cluster::ClusterText,
    ui::{ActionButton, Described, SwitchField},
};

/// A button that begins a change; why it cannot be pressed stands beside it.
#[component]
fn Begin(
    /// Of which cluster.
    cluster: ClusterId,
    /// With what; asked when it is pressed.
    start: Callback<(), ChangeStart>,
    /// Its words.
    label: &'static str,
    /// The same with the node's name, for those who hear the page.
    #[prop(optional, into)]
    name: Option<String>,
    /// Why it cannot be pressed.
    #[prop(optional_no_strip)]
    refused: Option<String>,
) -> impl IntoView {
    let (deed, navigate) = (Deed::new(), use_navigate());
    let why = refused.clone();
    let press = move || {
        let navigate = navigate.clone();
        deed.run(begin_change(cluster.clone(), start.run(())), move |draft| {
            navigate(&routes::wizard(&draft, WizardStep::Nodes), Default::default());
        });
    };
    view! {
        <div class="grid content-start justify-items-start gap-1">
            <ActionButton
                label=label
                small=true
                name=name.unwrap_or_else(|| label.to_owned())
                busy=deed.busy()
                refused=Signal::derive(move || refused.clone())
                on_press=press
            />
            {why.map(|why| view! { <p class="refusal text-start">{why}</p> })}
            {deed.trouble(&[])}
        </div>
    }
}

/// What can be done with the cluster as a whole.
pub(super) fn of_cluster(cluster: &ClusterId, topology: Topology, nodes: usize) -> AnyView {
    let text = ClusterText::current();
    let most = topology.node_limits().1;
    let full = (nodes >= most).then(|| text.cluster_full(most));
    view! {
        <div class="flex flex-wrap gap-3 border-t border-base-300 px-4 py-3">
            <Begin
                cluster=cluster.clone()
                start=Callback::new(|()| ChangeStart::Edit)
                label=text.edit_cluster()
                refused=None
            />
            <Begin
                cluster=cluster.clone()
                start=Callback::new(|()| ChangeStart::Add)
                label=text.add_node()
                refused=full
            />
        </div>
    }
    .into_any()
}

/// What can be done with one node, to stand in a row: `at` is its place among `nodes`.
pub(super) fn of_node(
    cluster: &ClusterId,
    id: &NodeId,
    name: &str,
    topology: Topology,
    (at, nodes): (usize, usize),
) -> AnyView {
    let text = ClusterText::current();
    let least = topology.node_limits().0;
    let refused = if topology.one_writer() && at == 0 {
        Some(text.retire_first(name))
    } else {
        (nodes <= least).then(|| text.retire_least(least))
    };
    let keep_name = RwSignal::new(false);
    let (retired, replaced) = (id.clone(), id.clone());
    view! {
        <Begin
            cluster=cluster.clone()
            start=Callback::new(|()| ChangeStart::Edit)
            label=text.change_address()
            name=text.change_address_of(name)
            refused=None
        />
        <details>
            <summary class="btn btn-outline btn-sm" aria-label=text.replace_named(name)>
                {text.replace()}
            </summary>
            <div class="grid max-w-[26rem] gap-3 pt-3">
                <p class="hint">{text.replace_hint(name)}</p>
                <SwitchField
                    described=Described::new(format!("keep-name-{id}"), text.keep_name(name))
                        .hint(text.keep_name_hint())
                    value=keep_name
                />
                <Begin
                    cluster=cluster.clone()
                    start=Callback::new(move |()| ChangeStart::Replace {
                        node: replaced.clone(),
                        keep_name: keep_name.get_untracked(),
                    })
                    label=text.replace_begin()
                    refused=None
                />
            </div>
        </details>
        <Begin
            cluster=cluster.clone()
            start=Callback::new(move |()| ChangeStart::Retire { node: retired.clone() })
            label=text.retire()
            name=text.retire_named(name)
            refused=refused
        />
    }
    .into_any()
}

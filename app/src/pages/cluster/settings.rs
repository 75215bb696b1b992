//! The third tab: what the cluster shall be, and what can be changed about it.

mod change;
mod first_copy;
mod nodes;

use leptos::prelude::*;
use model::{finding::Finding, health::ClusterHealth, people::Role};

use self::{first_copy::FirstCopyPanel, nodes::nodes_panel};
use crate::{
    api::{clusters::read_cluster_settings, types::ClusterSettings},
    forms::remove_cluster::RemoveClusterForm,
    pages::parts::part,
    text::{cluster::ClusterText, common::CommonText},
    ui::{Ago, Mark, StateMark},
    visit::{Visit, locale},
};

/// Nodes, first copy, accepted warnings, removal.
#[component]
pub(super) fn SettingsTab(
    /// The cluster as it is now.
    now: RwSignal<ClusterHealth>,
) -> impl IntoView {
    let id = now.with_untracked(|c| c.id.clone());
    // Read once: something may be typed below.
    let settings = Resource::new(|| (), move |()| read_cluster_settings(id.clone()));
    part(settings, move |settings| show(settings, now))
}

fn show(settings: ClusterSettings, now: RwSignal<ClusterHealth>) -> AnyView {
    let (text, common) = (ClusterText::current(), CommonText::current());
    let (id, name) = now.with_untracked(|c| (c.id.clone(), c.name.to_string()));
    let may_change = Visit::current().may(Role::Operator);
    let ClusterSettings { spec, nodes, waived, first_copy } = settings;
    view! {
        <div class="grid max-w-[60rem] gap-4">
            {(!may_change).then(|| view! { <p class="quiet">{common.may_only_look()}</p> })}
            {nodes_panel(&id, &spec, nodes, may_change)}
            <FirstCopyPanel cluster=id.clone() state=first_copy may_change />
            <section class="panel" aria-labelledby="waived">
                <div class="panel-head">
                    <h2 id="waived">{text.waived()}</h2>
                </div>
                {accepted(waived, text)}
            </section>
            {may_change
                .then(|| view! {
                    <section class="panel panel-body grid gap-3" aria-labelledby="remove">
                        <h2 id="remove" class="section-title">{text.remove()}</h2>
                        <RemoveClusterForm id label=text.type_name(&name) />
                    </section>
                })}
        </div>
    }
    .into_any()
}

fn accepted(waived: Vec<Finding>, text: ClusterText) -> AnyView {
    if waived.is_empty() {
        return view! { <p class="panel-row border-t border-base-300 quiet">{text.no_waived()}</p> }
            .into_any();
    }
    let locale = locale();
    let rows = waived
        .into_iter()
        .filter_map(|finding| {
            let waiver = finding.waiver?;
            let measured = finding.measured.map(|m| m.into_text(locale));
            Some(view! {
                <li class="panel-row border-t border-base-300">
                    <StateMark mark=Mark::Warn label="" />
                    <div class="min-w-0 basis-0 grow">
                        <p>
                            {finding.title.into_text(locale)}
                            {measured.map(|m| view! { " " <span class="quiet">{m}</span> })}
                        </p>
                        <blockquote class="small">{waiver.reason}</blockquote>
                    </div>
                    <span class="panel-aside">
                        {text.accepted_by(&waiver.by)}
                        " "
                        <Ago at_ms=waiver.at_ms />
                    </span>
                </li>
            })
        })
        .collect_view();
    view! { <ul>{rows}</ul> }.into_any()
}

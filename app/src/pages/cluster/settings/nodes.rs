//! Each node: where it is, how its certificate is judged, and with which account the console works there.

use leptos::prelude::*;
use model::{
    address::Scheme,
    ids::ClusterId,
    spec::{ClusterNode, ClusterSpec, CredentialKind, NodeSpec, TlsChoice},
};

use super::change;
use crate::{
    forms::replace_credential::ReplaceCredentialForm,
    pages::parts::bare,
    routes,
    text::cluster::ClusterText,
    ui::{Mark, StateMark},
};

/// The nodes in the order of the cluster, with the form that replaces an account.
pub(super) fn nodes_panel(
    cluster: &ClusterId,
    spec: &ClusterSpec,
    mut nodes: Vec<ClusterNode>,
    may_change: bool,
) -> AnyView {
    let text = ClusterText::current();
    let (topology, count) = (spec.topology, spec.nodes.len());
    let rows = spec
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(place, spec)| {
            let at = nodes.iter().position(|n| n.name == spec.name)?;
            let node = nodes.swap_remove(at);
            let changes = may_change
                .then(|| change::of_node(cluster, &node.id, spec.name.as_str(), topology, (place, count)));
            Some(one(cluster, spec, node, changes))
        })
        .collect_view();
    let entry = spec.entry.as_ref().map(|entry| {
        let address = entry.address.shown();
        view! { <p class="panel-aside">{text.entry_named(bare(&address))}</p> }
    });
    view! {
        <section class="panel" aria-labelledby="nodes">
            <div class="panel-head">
                <h2 id="nodes">{text.nodes()}</h2>
                {entry}
            </div>
            <ul>{rows}</ul>
            {may_change.then(|| change::of_cluster(cluster, topology, count))}
        </section>
    }
    .into_any()
}

/// `changes` are the buttons that begin one, for those who may.
fn one(cluster: &ClusterId, spec: &NodeSpec, node: ClusterNode, changes: Option<AnyView>) -> AnyView {
    let text = ClusterText::current();
    let name = spec.name.to_string();
    let ClusterNode { id, account: username, credential, .. } = node;
    let href = routes::node(cluster, &id);
    let account = RwSignal::new(credential.zip(username.clone()));
    let shown = move || match account.get() {
        Some((kind, name)) => format!("{name} ({})", kind_words(kind, text)),
        None => text.no_account().to_owned(),
    };
    let upstream = spec.upstream.as_ref().map(|up| {
        view! {
            <dt>{text.upstream()}</dt>
            <dd>{up.to_string()}</dd>
        }
    });
    let replace = changes.is_some().then(|| {
        let on_kept = Callback::new(move |kept| account.set(Some(kept)));
        view! {
            <details>
                <summary class="btn btn-outline btn-sm" aria-label=text.credential_of(&name)>
                    {text.credential()}
                </summary>
                <ReplaceCredentialForm
                    cluster=cluster.clone()
                    node=id
                    name=name.clone()
                    username=username.unwrap_or_default()
                    on_kept
                />
            </details>
        }
    });
    view! {
        <li class="grid gap-3 border-t border-base-300 px-4 py-3">
            <h3 class="font-semibold">
                <a class="plain-link" href=href>
                    {name}
                </a>
            </h3>
            <dl class="pairs">
                <dt>{text.address()}</dt>
                <dd class="code">{spec.address.shown()}</dd>
                <dt>{text.certificate()}</dt>
                <dd>{tls_words(spec, text)}</dd>
                <dt>{text.account()}</dt>
                <dd>{shown}</dd>
                {upstream}
            </dl>
            <div class="flex flex-wrap items-start gap-3 empty:hidden">{replace} {changes}</div>
        </li>
    }
    .into_any()
}

fn kind_words(kind: CredentialKind, text: ClusterText) -> &'static str {
    match kind {
        CredentialKind::Admin => text.kind_admin(),
        CredentialKind::Robot => text.kind_robot(),
    }
}

/// How a certificate is judged; not at all is a lasting warning.
fn tls_words(node: &NodeSpec, text: ClusterText) -> AnyView {
    match &node.tls {
        _ if node.address.scheme() == Scheme::Http => text.tls_none().into_any(),
        TlsChoice::System => text.tls_system().into_any(),
        TlsChoice::CustomCa { .. } => text.tls_custom().into_any(),
        TlsChoice::Pinned { sha256 } => view! {
            {text.tls_pinned()}
            <code class="code block break-all quiet">{sha256.clone()}</code>
        }
        .into_any(),
        TlsChoice::Off => view! {
            <span class="inline-flex gap-1.5">
                <StateMark mark=Mark::Warn label="" />
                {text.tls_off()}
            </span>
        }
        .into_any(),
    }
}

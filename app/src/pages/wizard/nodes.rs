//! The second step: which Harbors, and the entry.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    NodeAddress,
    draft::{NodeTest, WizardStep},
};

use super::{
    TlsFields, ends, node_row,
    state::{Kept, Wizard},
    test_result,
};
use crate::{
    api::drafts::test_entry,
    forms::draft::NodeForm,
    pages::deed::Deed,
    routes,
    text::nodes::NodesText,
    ui::{ActionButton, Described, TextField},
    visit::locale,
};

/// The step.
pub(super) fn step(wizard: Wizard) -> AnyView {
    let text = NodesText::current();
    let navigate = use_navigate();
    let deed = Deed::new();
    let on_next = move || {
        wizard.tried.set(true);
        if refused(wizard, text).is_some() {
            return;
        }
        let navigate = navigate.clone();
        let keep = async move {
            // The last password may have been typed a moment ago.
            for node in wizard.form.nodes.get_untracked() {
                node_row::keep_secret(wizard, node).await?;
            }
            wizard.keep().await
        };
        deed.run(keep, move |()| {
            // What was kept may be refused: it says why beside the button.
            if wizard.may_enter(WizardStep::Checks) {
                navigate(&routes::wizard(&wizard.id(), WizardStep::Checks), NavigateOptions::default());
            }
        });
    };
    let change = wizard.form.is_change();
    let most = move || wizard.form.topology.get().map_or(50, |t| t.node_limits().1);
    let full =
        Signal::derive(move || (wizard.form.nodes.with(Vec::len) >= most()).then(|| text.limit(most())));
    view! {
        <div>
            <h1 class="page-title">{if change { text.title_change() } else { text.title() }}</h1>
            <p class="lede">{if change { text.lede_change() } else { text.lede() }}</p>
        </div>
        <fieldset class="grid gap-4 min-w-0" disabled=!wizard.may_change() || wizard.is_applied()>
            <legend class="sr-only">{text.title()}</legend>
            // What was made on the Harbors is called after it: it stays.
            {(!change).then(|| view! {
                <div class="panel panel-body">
                    <TextField
                        described=Described::new("cluster-name", text.cluster_name()).hint(text.cluster_name_hint())
                        value=wizard.form.name
                        error=wizard.fault_at(|| "name".to_owned(), wizard.form.name)
                    />
                </div>
            })}
            <For each=move || wizard.form.nodes.get() key=|node| node.key() let(node)>
                {node_row::row(wizard, node)}
            </For>
            <div>
                <ActionButton label=text.add() refused=full on_press=move || wizard.form.add_node() />
                <p class="refusal text-start">{move || full.get()}</p>
            </div>
            {entry(wizard, text)}
        </fieldset>
        {deed.trouble(&[])}
        {ends(
            Some(match wizard.form.cluster.get_value() {
                Some(cluster) => routes::cluster_tab(&cluster, "settings"),
                None => routes::wizard(&wizard.id(), WizardStep::Topology),
            }),
            text.next(),
            Signal::derive(move || refused(wizard, text)),
            deed.busy(),
            on_next,
        )}
    }
    .into_any()
}

/// What is missing, a few of it.
fn refused(wizard: Wizard, text: NodesText) -> Option<String> {
    let locale = locale();
    let name_of = |field: &str| -> Option<String> {
        let at: usize = field.strip_prefix("nodes[")?.split(']').next()?.parse().ok()?;
        let node: NodeForm = wizard.form.nodes.with(|all| all.get(at).copied())?;
        let name = node.shown_name();
        Some(if name.is_empty() { text.node(at + 1) } else { name })
    };
    let mut missing: Vec<String> = wizard.faults.with(|all| {
        all.iter()
            .map(|fault| {
                let cause = fault.cause.pick(locale);
                match fault.field.as_deref().and_then(name_of) {
                    Some(node) => format!("{node}: {cause}"),
                    None => cause.to_owned(),
                }
            })
            .collect()
    });
    if missing.is_empty() {
        let refusal = wizard.view.with(|v| v.refusal.clone()).filter(|_| wizard.kept.get() != Kept::Soon);
        missing.extend(refusal.map(|e| format!("{} {}", e.cause.pick(locale), e.next.pick(locale))));
    }
    if missing.is_empty() {
        missing = wizard.lacking_secrets().iter().map(|node| text.refuse_secret(node)).collect();
    }
    (!missing.is_empty()).then(|| missing.into_iter().take(3).collect::<Vec<_>>().join(" "))
}

fn entry(wizard: Wizard, text: NodesText) -> AnyView {
    let deed = Deed::new();
    let told = RwSignal::new(None::<NodeTest>);
    let test = move || {
        deed.run(
            async move {
                wizard.keep().await?;
                test_entry(wizard.id()).await
            },
            move |test| told.set(Some(test)),
        );
    };
    let given = Memo::new(move |_| wizard.form.entry.with(|e| !e.trim().is_empty()));
    let https = Memo::new(move |_| {
        wizard
            .form
            .entry
            .with(|e| NodeAddress::parse(e).is_ok_and(|a| a.scheme() == model::address::Scheme::Https))
    });
    view! {
        <section class="panel" id="entry" aria-labelledby="entry-title">
            <div class="panel-head items-center">
                <h2 id="entry-title">{text.entry_title()}</h2>
                {move || given.get().then(|| view! {
                    <span class="panel-aside">
                        <ActionButton
                            label=Signal::derive(move || {
                                if deed.busy().get() { text.testing() } else { text.test() }.to_owned()
                            })
                            small=true
                            busy=deed.busy()
                            on_press=test
                        />
                    </span>
                })}
            </div>
            <div class="panel-body px-4 pt-1 node-fields">
                <TextField
                    described=Described::new("entry-address", text.entry()).hint(text.entry_hint())
                    value=wizard.form.entry
                    error=wizard.fault_at(|| "entry".to_owned(), wizard.form.entry)
                    placeholder="https://hub.example.com"
                    code=true
                />
                {move || https.get().then(|| view! { <TlsFields id="entry".to_owned() tls=wizard.form.entry_tls /> })}
                {deed.trouble(&[])}
                {move || told.get().map(|t| test_result::result(&t, wizard.form.entry_tls))}
            </div>
        </section>
    }
    .into_any()
}

//! One node: address, account, certificate, and its test.

use leptos::prelude::*;
use model::{NodeAddress, Topology, address::AddressError};

use super::{TlsFields, state::Wizard, test_result};
use crate::{
    api::drafts::{set_secret, test_node},
    forms::draft::NodeForm,
    pages::deed::Deed,
    text::{common::CommonText, nodes::NodesText},
    ui::{ActionButton, Choice, Described, SelectField, SwitchField, TextField, Toasts, icon},
};

/// The panel of one node.
pub(super) fn row(wizard: Wizard, node: NodeForm) -> AnyView {
    let text = NodesText::current();
    let key = node.key();
    let at = {
        let key = key.clone();
        move || wizard.form.place_of(&key).unwrap_or_default()
    };
    let at = Memo::new(move |_| at());
    let deed = Deed::new();
    let title = move || {
        let name = node.shown_name();
        if name.is_empty() { text.node(at.get() + 1) } else { name }
    };
    let role = move || match (wizard.form.topology.get(), at.get()) {
        (Some(Topology::OneToMany), 0) => Some(text.source_role()),
        (Some(Topology::Tiered), 0) => Some(text.headquarters_role()),
        _ => None,
    };
    let heading = format!("{key}-title");
    let labelled = heading.clone();
    view! {
        <section class="panel" id=key.clone() aria-labelledby=labelled>
            <div class="panel-head items-center">
                <h2 id=heading>{title}</h2>
                {move || role().map(|r| view! { <span class="tag">{r}</span> })}
                {wizard.form.is_change().then(|| view! {
                    <span class="tag">{if node.stays() { text.stays() } else { text.joins() }}</span>
                })}
                <span class="panel-aside flex gap-2">{head_buttons(wizard, node, deed, text)}</span>
            </div>
            <div class="panel-body px-4 pt-1 node-fields">
                {address_field(wizard, node, at, text)}
                {account_fields(node, wizard, text)}
                {upstream_field(wizard, node, at, text)}
                <details class="node-more" open=move || node.tls.mode.with_untracked(|m| m != "system")>
                    <summary>{text.more()}</summary>
                    <div class="node-fields mt-3">
                        {(!node.stays()).then(|| view! {
                            <TextField
                                described=Described::new(format!("{key}-name"), text.name()).hint(text.name_hint())
                                value=node.name
                                error=wizard.fault_at(move || format!("nodes[{}].name", at.get()), node.name)
                            />
                        })}
                        {
                            let key = key.clone();
                            move || if node.is_http() {
                                view! { <p class="hint">{text.tls_not_needed()}</p> }.into_any()
                            } else {
                                view! { <TlsFields id=key.clone() tls=node.tls /> }.into_any()
                            }
                        }
                    </div>
                </details>
                {deed.trouble(&[])}
                {answer(wizard, node)}
            </div>
        </section>
    }
    .into_any()
}

fn head_buttons(wizard: Wizard, node: NodeForm, deed: Deed, text: NodesText) -> AnyView {
    let common = CommonText::current();
    let toasts = Toasts::current();
    let remove = move |_| {
        let name = node.shown_name();
        wizard.form.remove_node(&node.key());
        toasts.say(if node.stays() { text.retired(&name) } else { text.removed().to_owned() });
    };
    let removable = move || {
        let (least, one_writer) =
            wizard.form.topology.get().map_or((0, false), |t| (t.node_limits().0, t.one_writer()));
        // The node that feeds the others is replaced, from the cluster's settings, and never just left out.
        let feeds = one_writer && node.stays() && wizard.form.place_of(&node.key()) == Some(0);
        wizard.form.nodes.with(Vec::len) > least && !feeds
    };
    let remove_name = move || {
        let name = node.shown_name();
        if node.stays() { text.retire_named(&name) } else { common.remove_named(&name) }
    };
    let refused =
        Signal::derive(move || node.address.with(|a| a.trim().is_empty()).then(|| text.address().to_owned()));
    view! {
        <ActionButton
            label=Signal::derive(move || if deed.busy().get() { text.testing() } else { text.test() }.to_owned())
            small=true
            busy=deed.busy()
            refused=refused
            on_press=move || test(wizard, node, deed)
        />
        {move || removable().then(|| view! {
            <button
                type="button"
                class="btn btn-ghost btn-sm btn-square"
                aria-label=remove_name()
                on:click=remove
            >
                {icon("trash")}
            </button>
        })}
    }
    .into_any()
}

/// Keeps what is typed, then asks the node.
pub(super) fn test(wizard: Wizard, node: NodeForm, deed: Deed) {
    let key = node.key();
    deed.run(
        async move {
            keep_secret(wizard, node).await?;
            wizard.keep().await?;
            test_node(wizard.id(), key).await
        },
        move |test| {
            wizard.view.update(|view| {
                if let Some(at) = view.draft.nodes.iter().position(|n| n.key == node.key()) {
                    if view.tests.len() <= at {
                        view.tests.resize(at + 1, None);
                    }
                    view.tests[at] = Some(test);
                }
            });
        },
    );
}

/// Sends a password that was typed to where it is sealed, and empties its field.
pub(super) async fn keep_secret(wizard: Wizard, node: NodeForm) -> crate::api::Answer<()> {
    let _turn = wizard.secret_turn().await;
    let secret = node.secret.get_untracked();
    if secret.is_empty() {
        return Ok(());
    }
    // The server knows the node, and whose password it is, only once the draft is kept.
    wizard.keep().await?;
    set_secret(wizard.id(), node.key(), secret.clone()).await?;
    node.has_secret.set(true);
    // Unless something else was typed meanwhile.
    if node.secret.get_untracked() == secret {
        node.secret.set(String::new());
    }
    Ok(())
}

fn address_field(wizard: Wizard, node: NodeForm, at: Memo<usize>, text: NodesText) -> AnyView {
    let key = node.key();
    let error = wizard.fault_at(move || format!("nodes[{}].address", at.get()), node.address);
    let understood = move || {
        let typed = node.address.get();
        match NodeAddress::parse(&typed) {
            Ok(address) if address.shown() != typed.trim() => Some(text.understood(&address.shown())),
            Err(AddressError::International(_)) => Some(text.left_to_server().to_owned()),
            _ => None,
        }
    };
    view! {
        <div class="grid gap-1">
            <TextField
                described=Described::new(format!("{key}-address"), text.address()).hint(text.address_hint())
                value=node.address
                error=error
                placeholder="https://harbor.example.com"
                code=true
            />
            {move || understood().map(|u| view! { <p class="hint" aria-live="polite">{u}</p> })}
        </div>
    }
    .into_any()
}

fn account_fields(node: NodeForm, wizard: Wizard, text: NodesText) -> AnyView {
    let key = node.key();
    let is_robot = Memo::new(move |_| node.credential.with(|c| c == "robot"));
    let choices =
        vec![Choice::new("admin", text.account_admin()), Choice::new("robot", text.account_robot())];
    let deed = Deed::new();
    let secret_id = format!("{key}-secret");
    let secret = move || {
        let label = if is_robot.get() { text.robot_secret() } else { text.secret() };
        let hint = if node.has_secret.get() { text.secret_kept() } else { text.secret_hint() };
        view! {
            <TextField
                described=Described::new(secret_id.clone(), label).hint(hint)
                value=node.secret
                kind="password"
                autocomplete="new-password"
                placeholder=if node.has_secret.get() { "••••••••" } else { "" }
                on_leave=Callback::new(move |()| deed.run(keep_secret(wizard, node), |()| {}))
            />
        }
    };
    let robot_id = format!("{key}-robot");
    view! {
        <div class="node-account">
            <SelectField
                described=Described::new(format!("{key}-kind"), text.account())
                value=node.credential
                choices=choices
            />
            <TextField
                described=Described::new(format!("{key}-user"), text.username())
                value=node.username
                code=true
                placeholder="admin"
            />
            {secret}
        </div>
        {deed.trouble(&[])}
        {node.stays().then(|| view! { <p class="hint">{text.account_kept()}</p> })}
        {move || (!is_robot.get() && !node.stays()).then(|| view! {
            <SwitchField
                described=Described::new(robot_id.clone(), text.make_robot()).hint(text.make_robot_hint())
                value=node.make_robot
            />
        })}
    }
    .into_any()
}

fn upstream_field(wizard: Wizard, node: NodeForm, at: Memo<usize>, text: NodesText) -> AnyView {
    let key = node.key();
    let there = Memo::new(move |_| wizard.form.topology.get() == Some(Topology::Tiered) && at.get() > 0);
    let choices = Signal::derive(move || {
        let others = wizard.form.nodes.get();
        let first = others.first().map(|n| n.shown_name()).filter(|n| !n.is_empty());
        let mut choices = vec![Choice::new("", first.unwrap_or_else(|| text.upstream_first().to_owned()))];
        choices.extend(
            others
                .iter()
                .skip(1)
                .filter(|n| n.key() != node.key())
                .map(|n| n.shown_name())
                .filter(|n| !n.is_empty())
                .map(|n| Choice::new(n.clone(), n)),
        );
        choices
    });
    view! {
        <Show when=move || there.get()>
            <SelectField
                described=Described::new(format!("{key}-upstream"), text.upstream())
                value=node.upstream
                choices=choices
                error=wizard.fault_at(move || format!("nodes[{}].upstream", at.get()), node.address)
            />
        </Show>
    }
    .into_any()
}

fn answer(wizard: Wizard, node: NodeForm) -> AnyView {
    let test = Memo::new(move |_| {
        wizard.view.with(|v| {
            let at = v.draft.nodes.iter().position(|n| n.key == node.key())?;
            v.tests.get(at).cloned().flatten()
        })
    });
    (move || test.get().map(|t| test_result::result(&t, node.tls))).into_any()
}

//! A switch-over: one of the two takes no pushes, so that the other can take its place once both are equal.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use model::{
    drift::{Direction, PairView},
    heal::FenceWhat,
    ids::{LeftoverId, RunId},
    names::NodeName,
    people::Role,
};

use crate::{
    api::{
        Answer,
        drift::{set_read_only, take_pushes},
    },
    forms::replace_credential::incomplete,
    pages::deed::Deed,
    routes,
    text::drift::DriftText,
    ui::{Choice, Described, SelectField, SubmitButton, TextField},
    visit::Visit,
};

/// Where both take pushes, the choice of the one that shall not any more; nothing for who only looks.
pub(super) fn section(now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let may = Visit::current().may(Role::Operator);
    let both = now.with_untracked(|p| p.direction == Direction::Both);
    let taken = Memo::new(move |_| now.with(|p| p.fences.iter().any(|f| f.what == FenceWhat::ReadOnly)));
    view! {
        <Show when=move || may && both && !taken.get()>
            <details class="panel panel-body">
                <summary class="section-title cursor-pointer">{text.switch_over()}</summary>
                <div class="grid gap-3 pt-3">
                    <p class="hint">{text.switch_over_hint()}</p>
                    {choose(now)}
                </div>
            </details>
        </Show>
    }
    .into_any()
}

fn choose(now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let (id, names) = now.with_untracked(|p| (p.id.clone(), [p.a.clone(), p.b.clone()]));
    let chosen = RwSignal::new(names[0].to_string());
    let choices =
        names.iter().map(|name| Choice::new(name.to_string(), name.to_string())).collect::<Vec<_>>();
    let node = move || names.iter().find(|name| chosen.with_untracked(|c| c == name.as_str())).cloned();
    let fields = view! {
        <SelectField
            described=Described::new("switch-over-node", text.switch_over_node())
            value=chosen
            choices=choices
        />
    };
    by_administrator("switch-over", text.switch_over_press(), fields.into_any(), move |username, secret| {
        let node: Option<NodeName> = node();
        let id = id.clone();
        async move {
            let node = node.ok_or_else(crate::api::ApiError::not_found)?;
            set_read_only(id, node, username, secret).await
        }
    })
}

/// The way back: the node takes pushes again.
pub(super) fn take_pushes_form(fence: LeftoverId) -> AnyView {
    let text = DriftText::current();
    by_administrator("take-pushes", text.take_pushes(), ().into_any(), move |username, secret| {
        take_pushes(fence.clone(), username, secret)
    })
}

/// A form that an administrator's account belongs to; what it begins is a run, whose page follows.
fn by_administrator<F>(
    id: &'static str,
    press: &'static str,
    fields: AnyView,
    begin: impl Fn(String, String) -> F + 'static,
) -> AnyView
where
    F: Future<Output = Answer<RunId>> + 'static,
{
    let (text, deed) = (DriftText::current(), Deed::new());
    let navigate = use_navigate();
    let username = RwSignal::new("admin".to_owned());
    let secret = RwSignal::new(String::new());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, password) = (username.get_untracked().trim().to_owned(), secret.get_untracked());
        if name.is_empty() || password.is_empty() {
            deed.refuse(incomplete());
            return;
        }
        let navigate = navigate.clone();
        deed.run(begin(name, password), move |run: RunId| navigate(&routes::run(&run), Default::default()));
    };
    view! {
        // No field has a name: sent before the page is alive, the form carries nothing.
        <form class="grid max-w-[30rem] gap-3 pt-2" method="post" on:submit=on_submit>
            {fields}
            <TextField described=Described::new(format!("{id}-user"), text.administrator()) value=username code=true />
            <TextField
                described=Described::new(format!("{id}-secret"), text.administrator_secret()).hint(text.administrator_hint())
                value=secret
                error=deed.error_at("account")
                kind="password"
                autocomplete="new-password"
            />
            {deed.trouble(&["account"])}
            <div>
                <SubmitButton label=press busy=deed.busy() />
            </div>
        </form>
    }
    .into_any()
}

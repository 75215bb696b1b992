//! The door to the wizard: begins a draft (or goes on with one in which nothing was typed) and leads to its first step.

use leptos::prelude::*;
use leptos_router::{LazyRoute, NavigateOptions, hooks::use_navigate, lazy_route};
use model::{
    draft::{Draft, WizardStep},
    ids::DraftId,
    people::Role,
};

use super::{deed::Deed, frame::Page};
use crate::{
    api::{
        Answer,
        drafts::{create_draft, drafts},
    },
    routes,
    text::{common::CommonText, wizard::WizardText},
    ui::{ActionButton, EmptyState, Kind},
    visit::Visit,
};

/// Reads nothing: the draft begins when the page is alive, so that a link that is merely looked at makes none.
pub(crate) struct NewClusterPage;

#[lazy_route]
impl LazyRoute for NewClusterPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let NewClusterPage = this;
        let (text, common) = (WizardText::current(), CommonText::current());
        let crumbs = vec![
            (common.clusters().to_owned(), Some(routes::CLUSTERS.to_owned())),
            (text.title().to_owned(), None),
        ];
        let body = if Visit::current().may(Role::Operator) {
            begin(text)
        } else {
            view! { <EmptyState whole=true title=text.title() text=common.may_only_look() /> }.into_any()
        };
        view! { <Page crumbs>{body}</Page> }.into_any()
    }
}

fn begin(text: WizardText) -> AnyView {
    let deed = Deed::new();
    let navigate = use_navigate();
    let start = move || {
        let navigate = navigate.clone();
        deed.run(fresh(), move |id: DraftId| {
            // In place of this page: going back must not begin another draft.
            let replace = NavigateOptions { replace: true, ..NavigateOptions::default() };
            navigate(&routes::wizard(&id, WizardStep::Topology), replace);
        });
    };
    Effect::new({
        let start = start.clone();
        move |_| start()
    });
    let failed = Memo::new(move |_| deed.error().with(Option::is_some));
    view! {
        <EmptyState whole=true title=text.title() text=text.beginning()>
            {deed.trouble(&[])}
            <Show when=move || failed.get()>
                <ActionButton
                    label=CommonText::current().try_again()
                    kind=Kind::Primary
                    on_press={
                        let start = start.clone();
                        move || start()
                    }
                />
            </Show>
        </EmptyState>
    }
    .into_any()
}

/// A draft in which nothing stands yet.
async fn fresh() -> Answer<DraftId> {
    let known = drafts().await?;
    match known.into_iter().find(|view| view.draft == Draft::default()) {
        Some(empty) => Ok(empty.id),
        None => Ok(create_draft().await?.id),
    }
}

//! First start: somebody who can read the server's terminal becomes its administrator.

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};

use super::lone;
use crate::{
    api::{Answer, entrance::read_entrance, types::Entrance},
    forms::{
        claim::{ClaimForm, TypedBefore},
        load_anew,
    },
    pages::parts::loaded,
    routes,
    text::entrance::EntranceText,
};

/// What the page of the first start reads.
struct Read {
    doors: Resource<Answer<Entrance>>,
    before: TypedBefore,
}

fn read() -> Read {
    let query = use_query_map().get_untracked();
    let before = |name| query.get(name).unwrap_or_default();
    Read {
        doors: Resource::new(|| (), |()| read_entrance()),
        before: TypedBefore {
            name: before("name"),
            locale: before("locale"),
            public_address: before("public_address"),
        },
    }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct SetupPage;

#[lazy_route]
impl LazyRoute for SetupPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let SetupPage = this;
        let text = EntranceText::current();
        let Read { doors, before } = read();
        let content = loaded(doors, move |doors| {
            if doors.claimed {
                load_anew(routes::SIGN_IN);
                return ().into_any();
            }
            view! {
                <div class="grid gap-1">
                    <h1 class="page-title">{text.setup_title()}</h1>
                    <p class="lede">{text.setup_lede()}</p>
                </div>
                <ClaimForm before=before.clone() />
            }
            .into_any()
        });
        lone(Signal::stored(text.setup_title().to_owned()), content)
    }
}

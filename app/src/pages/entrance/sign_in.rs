//! Signing in, and choosing a new password by a reset code.

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route, params::ParamsMap};

use super::lone;
use crate::{
    api::{Answer, entrance::read_entrance, types::Entrance},
    forms::{load_anew, reset_code::ResetCodeForm, sign_in::SignInForm},
    pages::parts::loaded,
    routes,
    text::entrance::EntranceText,
    ui::{Mark, Note},
};

/// What the page of the door reads.
struct Read {
    doors: Resource<Answer<Entrance>>,
    query: Memo<ParamsMap>,
}

fn read() -> Read {
    Read { doors: Resource::new(|| (), |()| read_entrance()), query: use_query_map() }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let SignInPage = this;
        let text = EntranceText::current();
        let Read { doors, query } = read();
        let with_code = Memo::new(move |_| query.with(|q| q.get_str("with") == Some("code")));
        let title = move || if with_code.get() { text.code_title() } else { text.sign_in_title() };
        let content = loaded(doors, move |doors| {
            if !doors.claimed {
                load_anew(routes::SETUP);
                return ().into_any();
            }
            if doors.signed_in {
                load_anew(&routes::safe_next(query.with_untracked(|q| q.get("next"))));
                return ().into_any();
            }
            (move || if with_code.get() { by_code(query, text) } else { by_password(query, text) }).into_any()
        });
        lone(Signal::derive(move || title().to_owned()), content)
    }
}

fn by_password(query: Memo<ParamsMap>, text: EntranceText) -> AnyView {
    let was_set = query.with_untracked(|q| q.get_str("with") == Some("new-password"));
    view! {
        <h1 class="page-title">{text.sign_in_title()}</h1>
        {was_set.then(|| view! { <Note mark=Mark::Good>{text.password_set()}</Note> })}
        <SignInForm next=Signal::derive(move || query.with(|q| q.get("next"))) />
        <p>
            <a href=routes::SIGN_IN_WITH_CODE>{text.have_code()}</a>
        </p>
    }
    .into_any()
}

fn by_code(query: Memo<ParamsMap>, text: EntranceText) -> AnyView {
    view! {
        <div class="grid gap-1">
            <h1 class="page-title">{text.code_title()}</h1>
            <p class="lede">{text.code_lede()}</p>
        </div>
        <ResetCodeForm name_before=query.with_untracked(|q| q.get("name")).unwrap_or_default() />
        <p>
            <a href=routes::SIGN_IN>{text.have_password()}</a>
        </p>
    }
    .into_any()
}

//! Settings: one's account and sessions, the people of the console, and tokens for programs.

mod account;
mod once;
mod people;
mod sessions;
mod tokens;

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use model::people::{Role, SessionInfo, TokenInfo, User};

pub(crate) use once::ShownOnce;

use super::{frame::Page, parts::loaded};
use crate::{
    api::{
        Answer,
        people::{people, sessions, tokens},
    },
    routes,
    text::{common::CommonText, settings::SettingsText},
    ui::Choice,
    visit::Visit,
};

/// A part of the settings, as the query parameter `tab` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Account,
    Sessions,
    People,
    Tokens,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Account, Self::Sessions, Self::People, Self::Tokens];

    fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Sessions => "sessions",
            Self::People => "people",
            Self::Tokens => "tokens",
        }
    }

    fn parse(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|t| Some(t.as_str()) == word).unwrap_or_default()
    }

    fn name(self, text: SettingsText) -> &'static str {
        match self {
            Self::Account => text.account(),
            Self::Sessions => text.sessions(),
            Self::People => text.people(),
            Self::Tokens => text.tokens(),
        }
    }
}

/// What the parts read; each only once its tab is open.
struct Read {
    tab: Memo<Tab>,
    sessions: Resource<Answer<Vec<SessionInfo>>>,
    people: Resource<Answer<Vec<User>>>,
    tokens: Resource<Answer<Vec<TokenInfo>>>,
}

fn read() -> Read {
    let query = use_query_map();
    let tab = Memo::new(move |_| query.with(|q| Tab::parse(q.get_str("tab"))));
    let administrator = Visit::current().may(Role::Administrator);
    Read {
        tab,
        sessions: on_tab(tab, Tab::Sessions, sessions),
        people: on_tab(tab, Tab::People, move || async move {
            if administrator { people().await } else { Ok(Vec::new()) }
        }),
        tokens: on_tab(tab, Tab::Tokens, tokens),
    }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct SettingsPage;

#[lazy_route]
impl LazyRoute for SettingsPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let SettingsPage = this;
        let (text, common) = (SettingsText::current(), CommonText::current());
        let Read { tab, sessions, people, tokens } = read();
        let crumbs = Signal::derive(move || {
            let settings = (common.settings().to_owned(), Some(routes::SETTINGS.to_owned()));
            vec![settings, (tab.get().name(text).to_owned(), None)]
        });
        let links = Tab::ALL
            .into_iter()
            .map(|t| {
                let here = move || (tab.get() == t).then_some("page");
                view! {
                    <a href=routes::settings_tab(t.as_str()) aria-current=here>
                        {t.name(text)}
                    </a>
                }
            })
            .collect_view();
        view! {
            <Page crumbs>
                <h1 class="page-title">{common.settings()}</h1>
                <nav class="tabs-line" aria-label=text.parts()>
                    {links}
                </nav>
                {move || match tab.get() {
                    Tab::Account => view! { <account::Account /> }.into_any(),
                    Tab::Sessions => loaded(sessions, move |all| sessions::list(all, sessions)),
                    Tab::People => people_part(people, text, common),
                    Tab::Tokens => view! { <tokens::Tokens data=tokens /> }.into_any(),
                }}
            </Page>
        }
        .into_any()
    }
}

/// Reads something as soon as its tab is open.
fn on_tab<T, F>(
    tab: Memo<Tab>,
    wanted: Tab,
    read: impl Fn() -> F + Send + Sync + 'static,
) -> Resource<Answer<Vec<T>>>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
    F: Future<Output = Answer<Vec<T>>> + Send + 'static,
{
    Resource::new(
        move || tab.get() == wanted,
        move |open| {
            let reading = open.then(&read);
            async move {
                match reading {
                    Some(reading) => reading.await,
                    None => Ok(Vec::new()),
                }
            }
        },
    )
}

/// People, for administrators; others read why not.
fn people_part(data: Resource<Answer<Vec<User>>>, text: SettingsText, common: CommonText) -> AnyView {
    let visit = Visit::current();
    if visit.may(Role::Administrator) {
        return view! { <people::People data /> }.into_any();
    }
    let role = visit.person.map(|p| common.role(p.role)).unwrap_or_default();
    view! { <p class="panel panel-body">{text.people_only(role)}</p> }.into_any()
}

/// Roles up to `most`, least first, each with what it may do.
pub(crate) fn role_choices(most: Role) -> Vec<Choice> {
    let (text, common) = (SettingsText::current(), CommonText::current());
    Role::ALL
        .into_iter()
        .filter(|role| most.may(*role))
        .map(|role| {
            let does = match role {
                Role::Viewer => text.role_viewer(),
                Role::Operator => text.role_operator(),
                Role::Administrator => text.role_administrator(),
            };
            Choice::new(role.as_str(), text.role_does(common.role(role), does))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Tab;

    #[test]
    fn tab_reads_back_and_falls_to_the_account() {
        for tab in Tab::ALL {
            assert_eq!(Tab::parse(Some(tab.as_str())), tab);
        }
        assert_eq!(Tab::parse(Some("x")), Tab::Account);
    }
}

//! What stays around every page: the sections, who is signed in, and whether the page is live.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::{components::Outlet, hooks::use_location};
use model::Locale;

use crate::{
    api::entrance::{SetLocale, SetTheme, SignOut},
    clock::Clock,
    live::{Live, LiveState},
    routes,
    text::common::CommonText,
    ui::{Ago, ToastRegion, icon},
    visit::{Theme, Visit},
};

/// Id of the sections, which are a menu on a phone.
const SECTIONS: &str = "sections";
/// Id of the account's menu.
const ACCOUNT: &str = "account";

/// The sidebar, and the page beside it. Whoever is not signed in is led to the door.
#[component]
pub(crate) fn Frame() -> impl IntoView {
    let text = CommonText::current();
    let path = use_location().pathname;
    #[cfg(feature = "ssr")]
    if Visit::current().person.is_none() && use_context::<http::request::Parts>().is_some() {
        let search = use_location().search.get_untracked();
        let query =
            if search.is_empty() { String::new() } else { format!("?{}", search.trim_start_matches('?')) };
        leptos_axum::redirect(&routes::sign_in_for(&format!("{}{query}", path.get_untracked())));
        return ().into_any();
    }
    // A screen reader starts at the new page, not at the link that led there.
    #[cfg(not(feature = "ssr"))]
    Effect::new(move |before: Option<String>| {
        use wasm_bindgen::JsCast;
        let now = path.get();
        if before.is_some_and(|b| b != now) {
            let find =
                |id| document().get_element_by_id(id).and_then(|m| m.dyn_into::<web_sys::HtmlElement>().ok());
            // The menus that led here have done their work; one that is shut already says so, to nobody.
            for menu in [SECTIONS, ACCOUNT].into_iter().filter_map(find) {
                let _ = menu.hide_popover();
            }
            if let Some(main) = find("main") {
                let _ = main.focus();
            }
        }
        now
    });
    let sections = [
        (routes::BOARD, text.board()),
        (routes::CLUSTERS, text.clusters()),
        (routes::DRIFT, text.drift()),
        (routes::RULES, text.rules()),
        (routes::RUNS, text.runs()),
        (routes::PAGES, text.status_pages()),
        (routes::ACTIVITY, text.activity()),
        (routes::SETTINGS, text.settings()),
    ];
    let links = sections
        .into_iter()
        .map(|(href, label)| {
            let here = move || {
                path.with(|p| if href == routes::BOARD { p == href } else { p.starts_with(href) })
                    .then_some("page")
            };
            view! {
                <a class="nav-link" href=href aria-current=here>
                    {label}
                    {(href == routes::DRIFT).then(super::badge::differences)}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="app">
            <a class="skip-link" href="#main" rel="external">
                {text.skip()}
            </a>
            <nav id=SECTIONS popover class="sidebar" aria-label=text.sections()>
                <a class="brand" href=routes::BOARD>
                    {logo()}
                    <span>{text.product()}</span>
                </a>
                {links}
                <LiveLine />
            </nav>
            <Outlet />
            <ToastRegion />
        </div>
    }
    .into_any()
}

/// The mark of the product.
pub(crate) fn logo() -> impl IntoView {
    view! {
        <svg class="logo" aria-hidden="true">
            <use href="/icons.svg#logo"></use>
        </svg>
    }
}

/// Whether what is shown is live, and how old it is.
#[component]
fn LiveLine() -> impl IntoView {
    let text = CommonText::current();
    let (live, clock) = (Live::current(), Clock::current());
    let state = Memo::new(move |_| live.state(clock.now.get()));
    // Only the change between live and not is read out, not each second.
    let word = Memo::new(move |_| match state.get() {
        LiveState::Starting => text.live_starting(),
        LiveState::On(_) => text.live(),
        LiveState::Off(_) => text.live_off(),
    });
    let class = move || match state.get() {
        LiveState::Starting => "dot is-unknown",
        LiveState::On(_) => "dot is-ok",
        LiveState::Off(_) => "dot is-failed",
    };
    let hint = move || matches!(state.get(), LiveState::Off(_)).then(|| text.live_off_hint());
    let age = move || match state.get() {
        LiveState::Starting => ().into_any(),
        LiveState::On(at) | LiveState::Off(at) => view! {
            <span aria-hidden="true">"·"</span>
            <Ago at_ms=at />
        }
        .into_any(),
    };
    view! {
        <p class="live" title=hint>
            <span class=class></span>
            <span role="status">{move || word.get()}</span>
            {age}
        </p>
    }
}

/// The title of the document by the page's own, `None` once that is gone: the server asks last of all, when the page
/// may have been taken down. What it was called at first stands then.
pub(super) fn document_title(page: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    let product = CommonText::current().product();
    let first = untrack(&page).unwrap_or_default();
    let title = move || format!("{} · {product}", page().unwrap_or_else(|| first.clone()));
    view! { <Title text=title /> }.into_any()
}

/// One part of the way to a page; without a link it is the page itself.
pub(crate) type Crumb = (String, Option<String>);

/// The bar above a page and the page.
#[component]
pub(crate) fn Page(
    /// The way here; the last one is the page.
    #[prop(into)]
    crumbs: Signal<Vec<Crumb>>,
    /// Buttons at the right of the bar.
    #[prop(optional)]
    actions: Option<Children>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let text = CommonText::current();
    let title = document_title(move || {
        let names = crumbs.try_get()?.into_iter().rev().map(|(label, _)| label);
        Some(names.collect::<Vec<_>>().join(" · "))
    });
    let way = move || {
        crumbs
            .get()
            .into_iter()
            .map(|(label, href)| match href {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => view! { <span aria-current="page">{label}</span> }.into_any(),
            })
            .collect_view()
    };
    view! {
        {title}
        <header class="topbar">
            <button class="btn btn-ghost btn-sm btn-square md:hidden" popovertarget=SECTIONS aria-label=text.menu()>
                {logo()}
            </button>
            <nav class="crumbs" aria-label=text.crumbs()>
                {way}
            </nav>
            {actions.map(|a| a())}
            <div class="max-sm:hidden">
                <LanguageSwitch />
            </div>
            <AccountMenu />
        </header>
        <main id="main" class="page" tabindex="-1">
            {children()}
        </main>
    }
    .into_any()
}

/// Changes the language and loads the page anew; a plain form, so it also works before hydration.
#[component]
pub(crate) fn LanguageSwitch() -> impl IntoView {
    let text = CommonText::current();
    let other = if text.0 == Locale::En { Locale::Zh } else { Locale::En };
    view! {
        <form method="post" action=SetLocale::PATH>
            <input type="hidden" name="locale" value=other.tag() />
            <button class="btn btn-ghost btn-sm font-normal" aria-label=text.switch_language()>
                <span lang="en">"EN"</span>
                "/"
                <span lang="zh-CN">"中文"</span>
            </button>
        </form>
    }
}

/// Who is signed in, with theme and sign-out.
#[component]
fn AccountMenu() -> impl IntoView {
    let text = CommonText::current();
    let visit = Visit::current();
    let (name, role) = visit
        .person
        .map_or_else(|| (String::new(), String::new()), |p| (p.name, text.role(p.role).to_owned()));
    let themes = Theme::ALL
        .into_iter()
        .map(|theme| {
            let (label, drawing) = match theme {
                Theme::Auto => (text.theme_auto(), "eye"),
                Theme::Day => (text.theme_day(), "sun"),
                Theme::Night => (text.theme_night(), "moon"),
            };
            view! {
                <button
                    name="theme"
                    value=theme.as_str()
                    class="btn btn-ghost btn-sm justify-start font-normal"
                    aria-pressed=if theme == visit.theme { "true" } else { "false" }
                >
                    {icon(drawing)}
                    {label}
                </button>
            }
        })
        .collect_view();
    view! {
        <button class="avatar-button" popovertarget=ACCOUNT aria-label=format!("{}: {name}", text.account())>
            <span class="avatar-mark" aria-hidden="true">
                {initials(&name)}
            </span>
        </button>
        <div id=ACCOUNT popover class="account-menu">
            <p class="px-3 py-1">
                <strong class="font-semibold block truncate">{name.clone()}</strong>
                <span class="quiet small">{role}</span>
            </p>
            <a class="btn btn-ghost btn-sm justify-start font-normal" href=routes::SETTINGS>
                {icon("user")}
                {text.settings()}
            </a>
            <div class="account-part sm:hidden">
                <LanguageSwitch />
            </div>
            <form method="post" action=SetTheme::PATH class="account-part" aria-label=text.theme()>
                {themes}
            </form>
            <form method="post" action=SignOut::PATH class="account-part">
                <button class="btn btn-ghost btn-sm justify-start font-normal">{icon("lock")} {text.sign_out()}</button>
            </form>
        </div>
    }
}

/// One or two letters for a name: "Li Wei" → LW, "李伟" → 李伟, "anna" → AN.
fn initials(name: &str) -> String {
    let words: Vec<&str> = name.split([' ', '.', '-', '_', '@']).filter(|w| !w.is_empty()).collect();
    let letters: String = match words.as_slice() {
        [] => String::new(),
        [one] => one.chars().take(2).collect(),
        [first, .., last] => first.chars().take(1).chain(last.chars().take(1)).collect(),
    };
    letters.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_take_two_letters_of_any_script() {
        assert_eq!(initials("Li Wei"), "LW");
        assert_eq!(initials("anna"), "AN");
        assert_eq!(initials("李伟"), "李伟");
        assert_eq!(initials(""), "");
    }
}

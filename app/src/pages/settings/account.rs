//! One's own account: who one is, how the console looks here, and the password.

use leptos::{prelude::*, server_fn::ServerFn};
use model::{Locale, people::Role};

use crate::{
    api::entrance::{SetLocale, SetTheme},
    forms::password::PasswordForm,
    text::{common::CommonText, settings::SettingsText},
    ui::Toasts,
    visit::{Theme, Visit},
};

/// The part of the settings that everybody has.
#[component]
pub(super) fn Account() -> impl IntoView {
    let (text, common, toasts) = (SettingsText::current(), CommonText::current(), Toasts::current());
    let visit = Visit::current();
    let administers = visit.may(Role::Administrator);
    let (name, role) =
        visit.person.map_or_else(Default::default, |p| (p.name, common.role(p.role).to_owned()));
    let languages = Locale::ALL
        .into_iter()
        .map(|locale| {
            let words = if locale == Locale::En { text.english() } else { text.chinese() };
            view! {
                <button name="locale" value=locale.tag() aria-pressed=pressed(locale == visit.locale)>
                    {words}
                </button>
            }
        })
        .collect_view();
    let themes = Theme::ALL
        .into_iter()
        .map(|theme| {
            let words = match theme {
                Theme::Auto => common.theme_auto(),
                Theme::Day => common.theme_day(),
                Theme::Night => common.theme_night(),
            };
            view! {
                <button name="theme" value=theme.as_str() aria-pressed=pressed(theme == visit.theme)>
                    {words}
                </button>
            }
        })
        .collect_view();
    // What is known of a form that was sent is made anew.
    let round = RwSignal::new(0);
    let on_done = Callback::new(move |()| {
        round.update(|n| *n += 1);
        toasts.say(text.changed());
    });
    view! {
        <section class="panel panel-body max-w-2xl" aria-labelledby="who">
            <h2 id="who" class="section-title mb-2">{text.who()}</h2>
            <dl class="pairs">
                <dt>{text.name()}</dt>
                <dd>{name.clone()}</dd>
                <dt>{text.role()}</dt>
                <dd>
                    {role}
                    {(!administers).then(|| view! { <span class="quiet">" · " {text.role_hint()}</span> })}
                </dd>
            </dl>
            <div class="form-row mt-3">
                <p class="label-text" id="language">{text.language()}</p>
                <form method="post" action=SetLocale::PATH class="filters" aria-labelledby="language">
                    {languages}
                </form>
            </div>
            <div class="form-row">
                <p class="label-text" id="theme">{text.theme()}</p>
                <form method="post" action=SetTheme::PATH class="filters" aria-labelledby="theme">
                    {themes}
                </form>
            </div>
            <p class="hint">{text.kept_here()}</p>
        </section>
        <section class="panel panel-body max-w-2xl grid gap-3" aria-labelledby="change-password">
            <div>
                <h2 id="change-password" class="section-title">{text.password()}</h2>
                <p class="quiet">{text.password_lede()}</p>
            </div>
            {move || {
                round.track();
                view! { <PasswordForm name=name.clone() on_done /> }
            }}
        </section>
    }
}

fn pressed(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

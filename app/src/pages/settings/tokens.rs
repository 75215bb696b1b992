//! API tokens: one's own; an administrator sees everybody's.

use leptos::prelude::*;
use model::{
    people::{Role, TokenInfo},
    say::duration,
};

use super::ShownOnce;
use crate::{
    api::{Answer, people::revoke_token},
    clock::Clock,
    forms::create_token::CreateTokenForm,
    pages::{deed::Deed, parts::loaded},
    text::{common::CommonText, settings::SettingsText},
    ui::{ActionButton, Ago, Badge, EmptyState, Kind, Toasts, Tone},
    visit::{Visit, locale},
};

const MINUTE_MS: i64 = 60_000;

/// All tokens, with a form to make one. Only the table is made anew when the list is read again.
#[component]
pub(super) fn Tokens(
    /// The tokens.
    data: Resource<Answer<Vec<TokenInfo>>>,
) -> impl IntoView {
    let text = SettingsText::current();
    let role = Visit::current().person.map_or(Role::Viewer, |p| p.role);
    let deed = Deed::new();
    let made = RwSignal::new(None::<(String, String)>);
    let on_made = Callback::new(move |token| {
        made.set(Some(token));
        data.refetch();
    });
    let all_of_them = role.may(Role::Administrator);
    view! {
        <p class="lede">
            {text.tokens_lede()} {all_of_them.then(|| format!(" {}", text.tokens_lede_all()))}
        </p>
        <section class="panel panel-body grid gap-3" aria-labelledby="create">
            <h2 id="create" class="section-title">{text.create()}</h2>
            <CreateTokenForm most=role on_made />
        </section>
        <div class="contents" aria-live="polite">
            {move || {
                made.get()
                    .map(|(name, secret)| view! {
                        <ShownOnce
                            title=text.token_for(&name)
                            how=text.token_how()
                            secret
                            on_done=Callback::new(move |()| made.set(None))
                        />
                    })
            }}
        </div>
        {deed.trouble(&[])}
        {loaded(data, move |all| table(all, data, deed))}
    }
}

fn table(all: Vec<TokenInfo>, data: Resource<Answer<Vec<TokenInfo>>>, deed: Deed) -> AnyView {
    let text = SettingsText::current();
    if all.is_empty() {
        return view! { <EmptyState title=text.no_tokens_title() text=text.no_tokens_text() /> }.into_any();
    }
    let rows = all.into_iter().map(|token| one(token, data, deed)).collect_view();
    view! {
        <section class="panel" aria-labelledby="tokens">
            <h2 id="tokens" class="panel-head">{text.tokens()}</h2>
            <ul class="border-t border-base-300">{rows}</ul>
        </section>
    }
    .into_any()
}

fn one(token: TokenInfo, data: Resource<Answer<Vec<TokenInfo>>>, deed: Deed) -> AnyView {
    let (text, common, toasts) = (SettingsText::current(), CommonText::current(), Toasts::current());
    let (clock, locale) = (Clock::current(), locale());
    let TokenInfo { id, name, owner, role, expires_ms, used_ms, .. } = token;
    // It outlives this row, which stands for a moment longer while the list is read again.
    let minutes = ArcMemo::new(move |_| (expires_ms - clock.now.get()).div_euclid(MINUTE_MS));
    let expires = move || match minutes.get() {
        ..0 => view! { <Badge text=text.expired() tone=Tone::Warn /> }.into_any(),
        minutes => text.in_time(duration(minutes * MINUTE_MS).pick(locale)).into_any(),
    };
    let revoke_name = text.token_revoke_named(&name, owner.as_str());
    let revoke = {
        let name = name.clone();
        move || {
            let name = name.clone();
            deed.run(revoke_token(id.clone()), move |()| {
                toasts.say(text.token_revoked(&name));
                data.refetch();
            });
        }
    };
    view! {
        <li class="panel-row items-center">
            <div class="min-w-0 grow">
                <p class="flex flex-wrap items-center gap-2">
                    <span class="font-medium">{name}</span>
                    <Badge text=common.role(role) />
                </p>
                <p class="quiet small">
                    {text.owner()} " " {owner.to_string()} " · " {text.expires()} " "
                    <span title=move || clock.local(expires_ms).exact(locale)>{expires}</span> " · "
                    {text.used()} " "
                    {match used_ms {
                        Some(at_ms) => view! { <Ago at_ms /> }.into_any(),
                        None => common.never().into_any(),
                    }}
                </p>
            </div>
            <ActionButton
                small=true
                kind=Kind::Quiet
                label=text.token_revoke()
                name=revoke_name
                busy=deed.busy()
                on_press=revoke
            />
        </li>
    }
    .into_any()
}

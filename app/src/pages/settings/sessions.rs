//! The browsers in which one is signed in.

use leptos::prelude::*;
use model::people::SessionInfo;

use crate::{
    api::{
        Answer,
        people::{revoke_other_sessions, revoke_session},
    },
    clock::Clock,
    pages::deed::Deed,
    text::settings::SettingsText,
    ui::{ActionButton, Ago, Badge, Toasts, Tone},
    visit::locale,
};

/// All sessions, this browser first.
pub(super) fn list(mut all: Vec<SessionInfo>, data: Resource<Answer<Vec<SessionInfo>>>) -> AnyView {
    let (text, toasts) = (SettingsText::current(), Toasts::current());
    all.sort_by_key(|s| (!s.current, std::cmp::Reverse(s.seen_ms)));
    let alone = all.len() < 2;
    let deed = Deed::new();
    let end_others = move || {
        deed.run(revoke_other_sessions(), move |n| {
            toasts.say(text.others_ended(n));
            data.refetch();
        });
    };
    let rows = all.into_iter().map(|session| one(session, deed, data)).collect_view();
    view! {
        <div class="flex flex-wrap items-center justify-between gap-3">
            <p class="lede">{text.sessions_lede()}</p>
            {if alone {
                view! { <p class="quiet small">{text.only_this()}</p> }.into_any()
            } else {
                view! { <ActionButton label=text.revoke_others() busy=deed.busy() on_press=end_others /> }.into_any()
            }}
        </div>
        {deed.trouble(&[])}
        <ul class="panel">{rows}</ul>
    }
    .into_any()
}

fn one(session: SessionInfo, deed: Deed, data: Resource<Answer<Vec<SessionInfo>>>) -> AnyView {
    let (text, toasts, clock) = (SettingsText::current(), Toasts::current(), Clock::current());
    let locale = locale();
    let SessionInfo { id, current, user_agent, address, created_ms, seen_ms, until_ms } = session;
    let browser = match browser(&user_agent) {
        (Some(name), Some(system)) => text.on(name, system),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => text.unknown_browser().to_owned(),
    };
    let name = text.revoke_named(&browser, &address);
    let end = move || {
        deed.run(revoke_session(id.clone()), move |()| {
            toasts.say(text.revoked());
            data.refetch();
        });
    };
    let until = move || text.session_until(clock.local(until_ms).date(locale));
    view! {
        <li class="panel-row">
            <div class="min-w-0 grow">
                <p class="flex flex-wrap items-center gap-2">
                    <span class="font-medium" title=user_agent>{browser}</span>
                    {current.then(|| view! { <Badge text=text.this_browser() tone=Tone::Accent /> })}
                </p>
                <p class="quiet small">
                    {text.seen_from(&address)} " · " {text.session_seen()} " " <Ago at_ms=seen_ms /> " · "
                    {text.signed_in()} " " <Ago at_ms=created_ms /> " · " {until}
                </p>
            </div>
            {(!current)
                .then(|| view! {
                    <ActionButton small=true label=text.revoke() name busy=deed.busy() on_press=end />
                })}
        </li>
    }
    .into_any()
}

/// Browser and system from how a browser names itself; the more special names stand before those they imitate.
fn browser(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("MicroMessenger/", "WeChat"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let first = |list: &[(&str, &'static str)]| {
        list.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    (first(&BROWSERS), first(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn browser_is_named_by_its_most_special_sign() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0";
        assert_eq!(browser(edge), (Some("Edge"), Some("Windows")));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(phone), (Some("Safari"), Some("iOS")));
        assert_eq!(browser("<script>"), (None, None));
    }
}

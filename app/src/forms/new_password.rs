//! A new password, judged as one types.

use std::time::Duration;

use leptos::prelude::*;
use model::{
    AppError,
    people::{PasswordRules, UserName},
};

use crate::{
    text::entrance::EntranceText,
    ui::{Described, Mark, PlainField, StateMark},
    visit::locale,
};

/// The field for a new password. Being too short is no fault while one is still typing.
#[component]
pub(crate) fn NewPasswordField(
    /// Its words; the id is also its name in the form.
    described: Described,
    /// The name that stands in the form: a password must not contain it.
    #[prop(into)]
    name: Signal<String>,
    /// What the server said about it.
    #[prop(into)]
    fault: Signal<Option<String>>,
) -> impl IntoView {
    let (text, locale) = (EntranceText::current(), locale());
    let typed = RwSignal::new(String::new());
    let left = RwSignal::new(false);
    let judged = Memo::new(move |_| typed.with(|password| name.with(|name| judge(password, name))));
    let error = Signal::derive(move || {
        if typed.with(String::is_empty) {
            return fault.get();
        }
        let fault = judged.get()?;
        let still_typing = fault.code == "password.short" && !left.get();
        (!still_typing).then(|| format!("{} {}", fault.cause.pick(locale), fault.next.pick(locale)))
    });
    let progress = move || {
        let length = typed.with(|t| t.chars().count());
        let short = PasswordRules::MIN.saturating_sub(length);
        match judged.get() {
            _ if length == 0 => None,
            None => Some((Mark::Good, text.password_good().to_owned())),
            Some(_) if short > 0 && !left.get() => Some((Mark::Waiting, text.password_more(short))),
            Some(_) => None,
        }
    };
    let described = described.hint(text.password_hint(PasswordRules::MIN));
    view! {
        <div>
            <PlainField
                described
                kind="password"
                autocomplete="new-password"
                error
                on_type=Callback::new(move |text| typed.set(text))
                // The error moves what is below it; a button that is just being pressed must not slip away.
                on_leave=Callback::new(move |()| {
                    let tell = move || {
                        left.try_set(true);
                    };
                    set_timeout(tell, Duration::from_millis(300));
                })
            />
            // The hint and the error say the same to those who hear the page, and less often.
            <p class="hint num flex gap-1.5" aria-hidden="true">
                {move || {
                    progress()
                        .map(|(mark, words)| view! {
                            <StateMark mark label="" />
                            <span>{words}</span>
                        })
                }}
            </p>
        </div>
    }
}

fn judge(password: &str, name: &str) -> Option<AppError> {
    // Without a name there is nothing that the password could contain.
    let name = UserName::parse(name).or_else(|_| UserName::parse("-")).ok()?;
    PasswordRules::judge(password, &name).err()
}

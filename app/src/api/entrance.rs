//! The doors: first start, signing in and out, language and theme. All take a form body, so they also work in a
//! browser that has not loaded, or will not run, any WebAssembly.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    super::ApiError,
    super::{answer, redirect_plain, set_cookie, visitor_or_nobody},
    crate::visit::{LOCALE_COOKIE, THEME_COOKIE, Theme},
    leptos::server_fn::{ServerFn, error::ServerFnUrlError},
    model::Locale,
    secrecy::{ExposeSecret, SecretString},
};

use super::{Answer, types::Entrance};

/// Whether the console was claimed, and whether the asker is signed in.
#[server(prefix = "/fn", endpoint = "entrance")]
pub async fn read_entrance() -> Answer<Entrance> {
    let (services, caller) = visitor_or_nobody()?;
    Ok(Entrance { claimed: answer(services.access.is_claimed().await)?, signed_in: caller.actor.is_some() })
}

/// Makes the first administrator, by the one-time code, and signs them in.
#[server(prefix = "/fn", endpoint = "claim")]
pub async fn claim(
    code: String,
    name: String,
    password: String,
    locale: String,
    public_address: String,
) -> Answer<()> {
    let (services, caller) = visitor_or_nobody()?;
    let locale = Locale::from_tag(&locale).unwrap_or_default();
    let typed =
        [("name", name.clone()), ("locale", locale.tag().into()), ("public_address", public_address.clone())];
    let claim = access::Claim { code, name, password: SecretString::from(password), locale, public_address };
    let signed_in = answer(services.access.claim(claim, &caller.address, &user_agent()).await)
        .inspect_err(|error| send_back(crate::routes::SETUP, &typed, Claim::PATH, error))?;
    // The address was just given: from now on it decides.
    keep_session(&signed_in, services.access.is_https());
    keep(LOCALE_COOKIE, locale.tag());
    redirect_plain(crate::routes::NEW_CLUSTER);
    Ok(())
}

/// Signs a person in.
#[server(prefix = "/fn", endpoint = "sign-in")]
pub async fn sign_in(name: String, password: String, next: Option<String>) -> Answer<()> {
    let (services, caller) = visitor_or_nobody()?;
    let password = SecretString::from(password);
    // Not the name: it may be a password that was typed into the wrong field, and addresses are logged.
    let typed = [("next", next.clone().unwrap_or_default())];
    let signed_in = answer(services.access.sign_in(&name, &password, &caller.address, &user_agent()).await)
        .inspect_err(|error| send_back(crate::routes::SIGN_IN, &typed, SignIn::PATH, error))?;
    keep_session(&signed_in, caller.secure);
    redirect_plain(&crate::routes::safe_next(next));
    Ok(())
}

/// Chooses a new password by a reset code that an administrator gave.
#[server(prefix = "/fn", endpoint = "use-reset-code")]
pub async fn use_reset_code(name: String, code: String, password: String) -> Answer<()> {
    let (services, caller) = visitor_or_nobody()?;
    let password = SecretString::from(password);
    let typed = [("with", "code".into()), ("name", name.clone())];
    answer(services.access.use_reset_code(&name, &code, &password, &caller.address).await)
        .inspect_err(|error| send_back(crate::routes::SIGN_IN, &typed, UseResetCode::PATH, error))?;
    redirect_plain(crate::routes::SIGN_IN_AFTER_CODE);
    Ok(())
}

/// Ends this browser's session.
#[server(prefix = "/fn", endpoint = "sign-out")]
pub async fn sign_out() -> Answer<()> {
    let (services, caller) = visitor_or_nobody()?;
    if let Some(actor) = caller.actor {
        answer(services.access.sign_out(&actor).await)?;
    }
    set_cookie(&session_text("", 0, caller.secure));
    redirect_plain(crate::routes::SIGN_IN);
    Ok(())
}

/// Keeps the language in a cookie; the page is then loaded again.
#[server(prefix = "/fn", endpoint = "set-locale")]
pub async fn set_locale(locale: String) -> Answer<()> {
    keep(LOCALE_COOKIE, Locale::from_tag(&locale).unwrap_or_default().tag());
    Ok(())
}

/// Keeps the theme in a cookie; the page is then loaded again.
#[server(prefix = "/fn", endpoint = "set-theme")]
pub async fn set_theme(theme: String) -> Answer<()> {
    keep(THEME_COOKIE, Theme::parse(&theme).as_str());
    Ok(())
}

/// Sends a plain form back to its page with the error and everything typed that is no secret.
#[cfg(feature = "ssr")]
fn send_back(page: &str, typed: &[(&str, String)], function: &str, error: &ApiError) {
    let typed: Vec<String> =
        typed.iter().map(|(name, value)| format!("{name}={}", crate::routes::escape(value))).collect();
    // Leptos reads the error from the query of an absolute address; only path and query are used.
    let base = format!("http://console{page}?{}", typed.join("&"));
    if let Ok(url) = ServerFnUrlError::new(function, error.clone()).to_url(&base) {
        redirect_plain(&format!("{page}?{}", url.query().unwrap_or_default()));
    }
}

#[cfg(feature = "ssr")]
fn keep(name: &str, value: &str) {
    set_cookie(&format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"));
}

#[cfg(feature = "ssr")]
fn keep_session(signed_in: &access::SignedIn, secure: bool) {
    set_cookie(&session_text(signed_in.secret.expose_secret(), signed_in.max_age_ms / 1000, secure));
}

#[cfg(feature = "ssr")]
fn session_text(value: &str, seconds: i64, secure: bool) -> String {
    let name = super::session_cookie(secure);
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(feature = "ssr")]
fn user_agent() -> String {
    use_context::<http::request::Parts>()
        .and_then(|p| {
            p.headers.get(http::header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned)
        })
        .unwrap_or_default()
}

//! The account of the signed-in person, and for administrators everybody's.

use leptos::prelude::*;
use model::{
    ids::{SessionId, TokenId, UserId},
    people::{Role, SessionInfo, TokenInfo, User},
};
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    secrecy::{ExposeSecret, SecretString},
};

use super::{Answer, body::Body, types::ShownOnce};

/// The signed-in browsers of this person.
#[server(prefix = "/fn", endpoint = "sessions", input = Body, output = Body)]
pub async fn sessions() -> Answer<Vec<SessionInfo>> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.sessions(&actor).await)
}

/// Ends one of this person's sessions.
#[server(prefix = "/fn", endpoint = "revoke-session", input = Body, output = Body)]
pub async fn revoke_session(id: SessionId) -> Answer<()> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.revoke_session(&actor, &id).await)
}

/// Ends all of this person's sessions but this one; tells how many.
#[server(prefix = "/fn", endpoint = "revoke-other-sessions", input = Body, output = Body)]
pub async fn revoke_other_sessions() -> Answer<u64> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.revoke_other_sessions(&actor).await)
}

/// Changes this person's password; their other sessions end.
#[server(prefix = "/fn", endpoint = "change-password", input = Body, output = Body)]
pub async fn change_password(old: String, new: String) -> Answer<()> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.change_password(&actor, &SecretString::from(old), &SecretString::from(new)).await)
}

/// Everybody who may sign in.
#[server(prefix = "/fn", endpoint = "people", input = Body, output = Body)]
pub async fn people() -> Answer<Vec<User>> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.access.people(&actor).await)
}

/// Adds a person; the answer is the code with which they choose their password.
#[server(prefix = "/fn", endpoint = "add-person", input = Body, output = Body)]
pub async fn add_person(name: String, role: Role) -> Answer<ShownOnce> {
    let (services, actor) = visitor(Role::Administrator)?;
    let added = answer(services.access.add_person(&actor, &name, role).await)?;
    Ok(ShownOnce { secret: added.code.expose_secret().to_owned() })
}

/// A code with which a person can choose a new password.
#[server(prefix = "/fn", endpoint = "reset-password", input = Body, output = Body)]
pub async fn reset_password(id: UserId) -> Answer<ShownOnce> {
    let (services, actor) = visitor(Role::Administrator)?;
    let code = answer(services.access.reset_password(&actor, &id).await)?;
    Ok(ShownOnce { secret: code.expose_secret().to_owned() })
}

/// Changes what a person may do.
#[server(prefix = "/fn", endpoint = "set-role", input = Body, output = Body)]
pub async fn set_role(id: UserId, role: Role) -> Answer<()> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.access.set_role(&actor, &id, role).await)
}

/// Bars a person from signing in, or lets them in again.
#[server(prefix = "/fn", endpoint = "set-disabled", input = Body, output = Body)]
pub async fn set_disabled(id: UserId, disabled: bool) -> Answer<()> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.access.set_disabled(&actor, &id, disabled).await)
}

/// Removes an account with its sessions and tokens.
#[server(prefix = "/fn", endpoint = "remove-person", input = Body, output = Body)]
pub async fn remove_person(id: UserId) -> Answer<()> {
    let (services, actor) = visitor(Role::Administrator)?;
    answer(services.access.remove_person(&actor, &id).await)
}

/// API tokens: one's own; an administrator sees everybody's.
#[server(prefix = "/fn", endpoint = "tokens", input = Body, output = Body)]
pub async fn tokens() -> Answer<Vec<TokenInfo>> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.tokens(&actor).await)
}

/// Makes an API token; the answer is the only time its secret is told.
#[server(prefix = "/fn", endpoint = "create-token", input = Body, output = Body)]
pub async fn create_token(name: String, role: Role, days: u32) -> Answer<ShownOnce> {
    let (services, actor) = visitor(Role::Viewer)?;
    let issued = answer(services.access.issue_token(&actor, &name, role, days).await)?;
    Ok(ShownOnce { secret: issued.secret.expose_secret().to_owned() })
}

/// Revokes an API token.
#[server(prefix = "/fn", endpoint = "revoke-token", input = Body, output = Body)]
pub async fn revoke_token(id: TokenId) -> Answer<()> {
    let (services, actor) = visitor(Role::Viewer)?;
    answer(services.access.revoke_token(&actor, &id).await)
}

//! `user` and `token`: on the machine of the console, straight at its database.

use clap::{ArgMatches, Subcommand};
use jiff::Timestamp;
use model::{ids::TokenId, people::Role};
use secrecy::ExposeSecret;

use super::{Outcome, say};
use crate::start;

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Add a person; prints a one-time code with which they choose a password
    Add {
        /// Name to sign in with
        name: String,
        /// viewer, operator or administrator
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
    },
    /// Print a one-time code with which a person chooses a new password
    ResetPassword {
        /// Name to sign in with
        name: String,
    },
    /// List people
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Make an API token; it is printed once
    Create {
        /// Whose token
        owner: String,
        /// What it is called
        name: String,
        /// viewer, operator or administrator; never more than its owner's
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
        /// How long it works
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// List tokens
    List,
    /// Revoke a token
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "viewer, operator or administrator".to_owned())
}

pub(crate) async fn user(action: UserAction, matches: &ArgMatches) -> Outcome {
    let access = start::access(matches).await?;
    match action {
        UserAction::Add { name, role } => {
            let added = access.add_person_from_terminal(&name, role).await.map_err(start::told)?;
            say(format_args!(
                "{} ({}) may choose a password with this code within a day:",
                added.user.name, added.user.role
            ));
            say(added.code.expose_secret());
        }
        UserAction::ResetPassword { name } => {
            say(access.reset_password_from_terminal(&name).await.map_err(start::told)?.expose_secret());
        }
        UserAction::List => {
            for user in access.people_from_terminal().await.map_err(start::told)? {
                let state = if user.disabled { "disabled" } else { "" };
                say(format_args!("{}\t{}\t{}\t{state}", user.id, user.name, user.role));
            }
        }
    }
    Ok(())
}

pub(crate) async fn token(action: TokenAction, matches: &ArgMatches) -> Outcome {
    let access = start::access(matches).await?;
    match action {
        TokenAction::Create { owner, name, role, days } => {
            let issued =
                access.issue_token_from_terminal(&owner, &name, role, days).await.map_err(start::told)?;
            say(issued.secret.expose_secret());
        }
        TokenAction::List => {
            for token in access.tokens_from_terminal().await.map_err(start::told)? {
                let until = Timestamp::from_millisecond(token.expires_ms)?;
                say(format_args!(
                    "{}\t{}\t{}\t{}\tuntil {until}",
                    token.id, token.owner, token.name, token.role
                ));
            }
        }
        TokenAction::Revoke { id } => {
            let id = TokenId::parse(&id).ok_or_else(|| anyhow::anyhow!("{id:?} is not the id of a token"))?;
            access.revoke_token_from_terminal(&id).await.map_err(start::told)?;
        }
    }
    Ok(())
}

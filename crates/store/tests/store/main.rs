//! Every table on both engines; files are named after the module they test.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod activity;
mod backup;
mod bad_days;
mod clusters;
mod credentials;
mod drafts;
mod events;
mod executions;
mod findings;
mod intervals;
mod leases;
mod ledger;
mod leftovers;
mod login_failures;
mod open;
mod pages;
mod runs;
mod seal;
mod sessions;
mod settings;
mod tokens;
mod users;

use model::{
    ids::UserId,
    people::{Role, User, UserName},
};
use secrecy::SecretString;
use store::{Store, users::NewUser};

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

async fn person(store: &Store, text: &str, role: Role) -> User {
    let hash = SecretString::from("phc");
    store.users().insert(NewUser { name: &name(text), role, password_hash: Some(&hash) }).await.unwrap()
}

fn nobody() -> UserId {
    store::new_id()
}

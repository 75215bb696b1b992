//! People, sessions, roles, tokens, share links and what was done with them.
//!
//! [`Access`] is the one service. Whoever asks for something is an [`Actor`]; [`Actor::require`] is the one place
//! where a right is refused. What people do is written to the activity list here and nowhere else, worded in both
//! languages at the time.

mod actor;
mod endings;
mod error;
mod links;
mod password;
mod people;
mod random;
mod setup;
mod sign_in;
mod slow;
mod tokens;

use std::sync::{Arc, PoisonError, RwLock};

use model::{
    Say,
    ids::{ClusterId, NodeId, UserId},
    people::ActivityBy,
};
use store::{Store, activity::NewActivity};
use tokio::sync::watch;

pub use actor::{Actor, Via};
pub use error::AccessError;
pub use links::{IssuedLink, has_pass, link_key, link_pass};
pub use people::NewPerson;
pub use setup::Claim;
pub use sign_in::SignedIn;
pub use tokens::Issued;

/// What every call of this crate returns.
pub type Result<T> = std::result::Result<T, AccessError>;

/// The service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    store: Store,
    passwords: Arc<password::Passwords>,
    /// The address people open, read often: each answer with a cookie asks whether it is https.
    public: Arc<RwLock<String>>,
    /// Told when sessions or tokens end.
    ended: Arc<watch::Sender<()>>,
}

impl Access {
    /// The service over a database.
    pub fn new(store: Store) -> Self {
        Self { store, passwords: Arc::default(), public: Arc::default(), ended: Arc::default() }
    }

    /// Reads the address people open from the settings, unless the configuration says it.
    ///
    /// # Errors
    /// The database.
    pub async fn load_public_address(&self, configured: Option<&str>) -> Result<()> {
        let address = match configured {
            Some(address) => address.trim_end_matches('/').to_owned(),
            None => self.store.settings().get(setup::PUBLIC_ADDRESS).await?.unwrap_or_default(),
        };
        self.set_public(address);
        Ok(())
    }

    /// The address people open; `None` until somebody said it.
    pub fn public_address(&self) -> Option<String> {
        let address = self.public.read().unwrap_or_else(PoisonError::into_inner).clone();
        (!address.is_empty()).then_some(address)
    }

    /// Whether people open the console by https, so that cookies can insist on it.
    pub fn is_https(&self) -> bool {
        self.public.read().unwrap_or_else(PoisonError::into_inner).starts_with("https://")
    }

    fn set_public(&self, address: String) {
        *self.public.write().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// Writes down what `by` did; a failure to write is logged and does not undo the deed.
    pub async fn record(
        &self,
        by: &Actor,
        code: &str,
        what: Say,
        cluster: Option<&ClusterId>,
        node: Option<&NodeId>,
    ) {
        self.write_down(&by.activity_by(), &by.address, Some(&by.user.id), code, what, cluster, node).await;
    }

    /// Writes down what was done on the server's command line.
    async fn record_terminal(&self, code: &str, what: Say) {
        self.write_down(&ActivityBy::System, "terminal", None, code, what, None, None).await;
    }

    #[expect(clippy::too_many_arguments, reason = "one row of a table; its two callers name every column")]
    async fn write_down(
        &self,
        by: &ActivityBy,
        address: &str,
        owner: Option<&UserId>,
        code: &str,
        what: Say,
        cluster: Option<&ClusterId>,
        node: Option<&NodeId>,
    ) {
        let params = serde_json::json!(what);
        let entry = NewActivity { by, address, code, params, cluster, node };
        if let Err(error) = self.store.activity().add(entry, owner).await {
            tracing::error!(code, error = %error, "activity could not be written");
        }
    }
}

/// The words of an entry that this service wrote; `None` for another service's.
pub fn words(entry: &model::people::ActivityEntry) -> Option<Say> {
    serde_json::from_value(entry.params.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn refused_sign_ins_cost_the_same_work() {
        store::testing::for_each_db(async |db| {
            let access = Access::new(db.store.clone());
            let code = access.setup_code().await.unwrap().unwrap();
            let claim = Claim {
                code: secrecy::ExposeSecret::expose_secret(&code).to_owned(),
                name: "Anna".into(),
                password: "a hill of beans".to_owned().into(),
                locale: model::Locale::En,
                public_address: String::new(),
            };
            access.claim(claim, "192.0.2.1", "t").await.unwrap();
            let wrong = secrecy::SecretString::from("wrong password");
            for name in ["Anna", "nobody", "", "\u{202e}"] {
                let before = access.passwords.verified();
                let refused = access.sign_in(name, &wrong, "192.0.2.9", "t").await;
                assert!(matches!(refused, Err(AccessError::WrongPassword)), "{name:?}: {refused:?}");
                assert_eq!(access.passwords.verified(), before + 1, "{name:?}");
            }
        })
        .await;
    }
}

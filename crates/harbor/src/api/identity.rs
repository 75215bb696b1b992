//! What a node is and who we are to it.

use std::time::{SystemTime, UNIX_EPOCH};

use model::{HarborVersion, address::Scheme, version::Support};
use serde::Deserialize;

use super::discovery::SystemInfo;
use crate::{Harbor, HarborError, List, inventory::calls, send::Ask, serial};

/// The person signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct User {
    /// Their id.
    pub user_id: i64,
    /// Their name.
    pub username: String,
    /// An administrator by Harbor's own table.
    pub sysadmin_flag: bool,
    /// An administrator by LDAP or OIDC group.
    pub admin_role_in_auth: bool,
    /// ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub creation_time: Option<i64>,
}

/// Who we are to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nobody.
    Anonymous,
    /// A person.
    Person {
        /// Their name.
        username: String,
        /// May do everything.
        admin: bool,
    },
    /// A robot.
    Robot {
        /// Its full name.
        username: String,
    },
}

/// What a node is, and who we are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// From 2.13 known after a login only.
    pub version: Option<HarborVersion>,
    /// Who we are.
    pub who: Who,
    /// The node's clock less ours, in ms, good to half the time of one request; after a login only.
    pub clock_offset_ms: Option<i64>,
    /// How far that may be off, in ms.
    pub clock_error_ms: i64,
    /// Everything else it says of itself.
    pub info: SystemInfo,
}

/// One thing the console may or may not do on a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Endpoints can be read.
    pub registries: bool,
    /// Rules can be read.
    pub policies: bool,
    /// Queues and schedules can be read.
    pub jobs: bool,
    /// Quotas can be read.
    pub quotas: bool,
    /// Robots can be managed (asked by listing them).
    pub robots: bool,
    /// Settings can be read: administrators only.
    pub configurations: bool,
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Harbor {
    /// The person signed in.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] for robots, [`HarborError::Unauthorized`] for nobody.
    pub async fn current_user(&self) -> Result<User, HarborError> {
        self.send(Ask::new(&calls::USERS_CURRENT)).await?.json()
    }

    /// Finds out what a node is and who we are to it, with as few tries of the password as one.
    ///
    /// # Errors
    /// [`HarborError::TooOld`] for 1.x and 2.0 to 2.7, [`HarborError::NeedsHttps`], [`HarborError::NotHarbor`],
    /// [`HarborError::LoginProxy`], [`HarborError::Unauthorized`], or whatever stands in the way.
    pub async fn identify(&self) -> Result<Identity, HarborError> {
        if let Err(e) = self.api_version().await {
            return Err(self.explain(e).await);
        }
        if self.signed_in() {
            // Proves the credential, so that the next answer's time holds the request alone.
            self.systeminfo().await?;
        }
        let before = now_ms();
        let info = self.systeminfo().await?;
        let after = now_ms();
        if let Some(version) = &info.harbor_version
            && matches!(version.support(), Support::TooOldOne | Support::TooOldTwo)
        {
            return Err(HarborError::TooOld(version.clone()));
        }
        let clock_error_ms = (after - before) / 2 + 1;
        let middle = before + (after - before) / 2;
        Ok(Identity {
            version: info.harbor_version.clone(),
            who: self.who().await?,
            clock_offset_ms: info.current_time.map(|theirs| theirs - middle),
            clock_error_ms,
            info,
        })
    }

    async fn who(&self) -> Result<Who, HarborError> {
        let Some(username) = self.username() else { return Ok(Who::Anonymous) };
        match self.current_user().await {
            Ok(user) => {
                let admin = user.sysadmin_flag || user.admin_role_in_auth;
                Ok(Who::Person { username: user.username, admin })
            }
            Err(HarborError::Precondition(_)) => Ok(Who::Robot { username }),
            Err(other) => Err(other),
        }
    }

    /// A better reason than "not a Harbor": an old one, or one that wants https.
    async fn explain(&self, error: HarborError) -> HarborError {
        match error {
            HarborError::NotFound(_) | HarborError::NotHarbor(_) => match self.version_of_1x().await {
                Ok(version) => HarborError::TooOld(version),
                // What was seen first says more.
                Err(_) if matches!(error, HarborError::NotHarbor(_)) => error,
                Err(_) => HarborError::NotHarbor("its API is not there".to_owned()),
            },
            // A TLS port that hears plain HTTP hangs up, in one way or another.
            HarborError::Cut if self.address().scheme() == Scheme::Http && self.speaks_tls().await => {
                HarborError::NeedsHttps
            }
            other => other,
        }
    }

    /// What this credential may read. Harbor tells no robot its rights, so each is tried with the smallest read.
    ///
    /// # Errors
    /// Anything but a refusal.
    pub async fn rights(&self) -> Result<Rights, HarborError> {
        let one = List::new().page(1, 1);
        Ok(Rights {
            registries: allowed(self.registries(&one).await)?,
            policies: allowed(self.policies(&one).await)?,
            jobs: allowed(self.queues().await)?,
            quotas: allowed(self.quota_of(0).await)?,
            robots: allowed(self.page::<serde_json::Value>(Ask::new(&calls::ROBOT_LIST), &one).await)?,
            configurations: allowed(self.configurations().await)?,
        })
    }
}

fn allowed<T>(result: Result<T, HarborError>) -> Result<bool, HarborError> {
    match result {
        // A job service that is away is not a missing right.
        Ok(_) | Err(HarborError::Server { .. }) => Ok(true),
        Err(HarborError::Forbidden(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

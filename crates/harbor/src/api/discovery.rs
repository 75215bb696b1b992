//! What a node says of itself.

use std::collections::BTreeMap;

use model::HarborVersion;
use serde::Deserialize;
use serde_json::Value;

use crate::{Harbor, HarborError, inventory::calls, send::Ask, serial};

/// `/health`: always HTTP 200, the truth is in the body and up to 10 s old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Health {
    /// `healthy` or `unhealthy`.
    pub status: String,
    /// Sorted by name.
    pub components: Vec<Component>,
}

/// One component of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Component {
    /// `core`, `database`, `jobservice`, `portal`, `redis`, `registry`, `registryctl`, perhaps `trivy`, `notary`.
    pub name: String,
    /// `healthy` or `unhealthy`.
    pub status: String,
    /// Why, where Harbor says so.
    pub error: String,
}

impl Health {
    /// Every component is well, and at least one was named.
    pub fn is_healthy(&self) -> bool {
        self.status == "healthy" && !self.components.is_empty() && self.sick().next().is_none()
    }

    /// The components that are not well.
    pub fn sick(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|c| c.status != "healthy")
    }
}

/// `/systeminfo`; most of it is shown after a login only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SystemInfo {
    /// `db_auth`, `ldap_auth`, `oidc_auth`, …
    pub auth_mode: String,
    /// Shown without a login to 2.12 only.
    pub harbor_version: Option<HarborVersion>,
    /// The node's clock, ms since 1970; present after a login only, and so the proof of one.
    #[serde(deserialize_with = "serial::time")]
    pub current_time: Option<i64>,
    /// What Harbor believes its address to be.
    pub external_url: String,
    /// The same without the scheme.
    pub registry_url: String,
    /// No writes at all.
    pub read_only: bool,
    /// `everyone` or `adminonly`.
    pub project_creation_restriction: String,
    /// `filesystem`, `s3`, …
    pub registry_storage_provider_name: String,
    /// Whether a CA can be downloaded.
    pub has_ca_root: bool,
    /// Whether anyone may make themselves an account.
    pub self_registration: bool,
    /// A text shown to everyone.
    pub banner_message: String,
}

/// Space on the storage, as far as Harbor knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Volumes {
    /// One entry per storage; zero where it has no limit (object stores).
    #[serde(deserialize_with = "serial::or_default")]
    pub storage: Vec<Volume>,
}

/// One storage, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// In all.
    pub total: u64,
    /// Left.
    pub free: u64,
}

/// Counts of what the caller may see; a robot sees nearly only zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Statistics {
    /// Private projects.
    pub private_project_count: u64,
    /// Repositories in them.
    pub private_repo_count: u64,
    /// Public projects.
    pub public_project_count: u64,
    /// Repositories in them.
    pub public_repo_count: u64,
    /// All projects; administrators only.
    pub total_project_count: u64,
    /// All repositories; administrators only.
    pub total_repo_count: u64,
    /// Bytes of all blobs, each counted once; administrators only.
    pub total_storage_consumption: u64,
}

/// One setting.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Setting {
    /// False where the environment sets it.
    pub editable: bool,
    /// Its value.
    pub value: Value,
}

/// All settings by name; administrators only.
pub type Configurations = BTreeMap<String, Setting>;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApiVersion {
    version: String,
}

impl Harbor {
    /// `v2.0` on every Harbor from 2.0; 404 before. Sent without a credential.
    ///
    /// # Errors
    /// [`HarborError::NotHarbor`], [`HarborError::LoginProxy`] or whatever stands in the way.
    pub async fn api_version(&self) -> Result<String, HarborError> {
        let answer = self.send(Ask::new(&calls::API_VERSION).by_nobody()).await?;
        let ApiVersion { version } = answer.json()?;
        if version.is_empty() {
            Err(HarborError::NotHarbor("it names no API version".to_owned()))
        } else {
            Ok(version)
        }
    }

    /// The version a 1.x Harbor tells, by the path only those have. Sent without a credential.
    ///
    /// # Errors
    /// Where it is no 1.x Harbor either.
    pub async fn version_of_1x(&self) -> Result<HarborVersion, HarborError> {
        let answer = self.send(Ask::new(&calls::ONE_SYSTEMINFO).by_nobody()).await?;
        let info: SystemInfo = answer.json()?;
        info.harbor_version.ok_or_else(|| HarborError::NotHarbor("it names no version".to_owned()))
    }

    /// `Pong`: core and the proxy before it are alive. Sent without a credential.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn ping(&self) -> Result<(), HarborError> {
        let answer = self.send(Ask::new(&calls::PING).by_nobody()).await?.text()?;
        if answer.trim().eq_ignore_ascii_case("pong") {
            Ok(())
        } else {
            Err(HarborError::NotHarbor("it does not answer a ping".to_owned()))
        }
    }

    /// The components, judged by the body. Sent without a credential.
    ///
    /// # Errors
    /// Whatever stands in the way; with a frozen database or Redis that is [`HarborError::Timeout`].
    pub async fn health(&self) -> Result<Health, HarborError> {
        self.send(Ask::new(&calls::HEALTH).by_nobody()).await?.json()
    }

    /// What the node says of itself to this caller.
    ///
    /// # Errors
    /// [`HarborError::Unauthorized`] where the credential is wrong (Harbor itself would answer 200).
    pub async fn systeminfo(&self) -> Result<SystemInfo, HarborError> {
        self.send(Ask::new(&calls::SYSTEMINFO)).await?.json()
    }

    /// Space on the storage; needs `system-volumes:read`.
    ///
    /// # Errors
    /// As any call.
    pub async fn volumes(&self) -> Result<Volumes, HarborError> {
        self.send(Ask::new(&calls::VOLUMES)).await?.json()
    }

    /// The settings; administrators only, 403 for every robot.
    ///
    /// # Errors
    /// As any call.
    pub async fn configurations(&self) -> Result<Configurations, HarborError> {
        self.send(Ask::new(&calls::CONFIGURATIONS)).await?.json()
    }

    /// Switches read-only mode on or off: in it Harbor refuses every change but that of its settings, pushes and the
    /// start of executions among them. Administrators only, 403 for every robot.
    ///
    /// # Errors
    /// As any call.
    pub async fn set_read_only(&self, on: bool) -> Result<(), HarborError> {
        let body = serde_json::json!({ "read_only": on });
        self.send(Ask::new(&calls::CONFIGURE).json(&body)).await.map(drop)
    }

    /// Counts of what the caller may see.
    ///
    /// # Errors
    /// As any call.
    pub async fn statistics(&self) -> Result<Statistics, HarborError> {
        self.send(Ask::new(&calls::STATISTICS)).await?.json()
    }
}

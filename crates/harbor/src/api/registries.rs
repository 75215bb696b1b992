//! Replication endpoints, which Harbor calls registries.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Harbor, HarborError, List, Page, inventory::calls, send::Ask, serial};

/// A stored endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Registry {
    /// Its id; 0 is the node itself.
    pub id: i64,
    /// Its name, unique.
    pub name: String,
    /// Where it points.
    pub url: String,
    /// `harbor`, `docker-hub`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Free text.
    pub description: String,
    /// The peer's certificate is not verified.
    pub insecure: bool,
    /// `healthy` or `unhealthy`, checked every 5 minutes; stays healthy while the peer is away. Ping it instead.
    pub status: String,
    /// The account, its secret in stars.
    pub credential: RegistryCredential,
    /// PEM, from 2.15.
    pub ca_certificate: String,
    /// When it was made, ms since 1970.
    #[serde(deserialize_with = "serial::time")]
    pub creation_time: Option<i64>,
    /// When it was last changed.
    #[serde(deserialize_with = "serial::time")]
    pub update_time: Option<i64>,
}

/// The account of a stored endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RegistryCredential {
    /// `basic`, or `secret` for the node itself.
    #[serde(rename = "type")]
    pub kind: String,
    /// The user or robot name.
    pub access_key: String,
}

/// A new endpoint of type `harbor`.
#[derive(Clone, Debug, Serialize)]
pub struct NewRegistry {
    /// 1 to 64 characters, unique.
    pub name: String,
    /// Origin of the peer, without a path.
    pub url: String,
    /// `harbor`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Free text.
    pub description: String,
    /// Do not verify the peer's certificate.
    pub insecure: bool,
    /// The account at the peer.
    pub credential: NewCredential,
    /// PEM; kept from 2.15 on, dropped in silence before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

/// The account of a new endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct NewCredential {
    /// `basic`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The user or robot name.
    pub access_key: String,
    /// Its secret.
    #[serde(serialize_with = "serial::secret")]
    pub access_secret: Option<SecretString>,
}

impl NewRegistry {
    /// An endpoint of type `harbor` with basic authentication.
    pub fn harbor(name: &str, url: &str, access_key: &str, access_secret: SecretString) -> Self {
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            kind: "harbor",
            description: String::new(),
            insecure: false,
            credential: NewCredential {
                kind: "basic",
                access_key: access_key.to_owned(),
                access_secret: Some(access_secret),
            },
            ca_certificate: None,
        }
    }

    /// The same, flat, as PUT wants it.
    pub fn as_change(&self) -> RegistryChange {
        RegistryChange {
            name: Some(self.name.clone()),
            description: Some(self.description.clone()),
            url: Some(self.url.clone()),
            credential_type: Some("basic"),
            access_key: Some(self.credential.access_key.clone()),
            access_secret: self.credential.access_secret.clone(),
            insecure: Some(self.insecure),
            ca_certificate: self.ca_certificate.clone(),
        }
    }
}

/// A change of an endpoint. Harbor pings the peer before it stores anything, and fails while the peer is away.
/// Send the secret along with a new URL: 2.16 drops the stored one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RegistryChange {
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// New text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// New address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `basic`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_type: Option<&'static str>,
    /// New account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
    /// New secret.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "serial::secret")]
    pub access_secret: Option<SecretString>,
    /// Do not verify the peer's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<bool>,
    /// PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

/// An endpoint to try out without storing it; flat.
#[derive(Clone, Debug, Serialize)]
pub struct RegistryTrial {
    /// `harbor`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Origin of the peer.
    pub url: String,
    /// `basic`.
    pub credential_type: &'static str,
    /// The user or robot name. A ping without one is 200 as well and proves nothing.
    pub access_key: String,
    /// Its secret.
    #[serde(serialize_with = "serial::secret")]
    pub access_secret: Option<SecretString>,
    /// Do not verify the peer's certificate.
    pub insecure: bool,
    /// PEM, from 2.15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

impl From<&NewRegistry> for RegistryTrial {
    fn from(new: &NewRegistry) -> Self {
        Self {
            kind: new.kind,
            url: new.url.clone(),
            credential_type: "basic",
            access_key: new.credential.access_key.clone(),
            access_secret: new.credential.access_secret.clone(),
            insecure: new.insecure,
            ca_certificate: new.ca_certificate.clone(),
        }
    }
}

/// What rules with an endpoint may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RegistryInfo {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `manual`, `scheduled`, and for the node itself `event_based`.
    #[serde(deserialize_with = "serial::or_default")]
    pub supported_triggers: Vec<String>,
    /// Blobs can be copied in pieces.
    pub supported_copy_by_chunk: bool,
}

#[derive(Serialize)]
struct ById {
    id: i64,
}

impl Harbor {
    /// One page of the endpoints.
    ///
    /// # Errors
    /// As any call.
    pub async fn registries(&self, list: &List) -> Result<Page<Registry>, HarborError> {
        self.page(Ask::new(&calls::REGISTRY_LIST), list).await
    }

    /// All endpoints.
    ///
    /// # Errors
    /// As any call.
    pub async fn all_registries(&self) -> Result<Vec<Registry>, HarborError> {
        self.all(&List::new(), || Ask::new(&calls::REGISTRY_LIST)).await
    }

    /// One endpoint.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn registry(&self, id: i64) -> Result<Registry, HarborError> {
        self.send(Ask::new(&calls::REGISTRY_GET).at("id", id)).await?.json()
    }

    /// Makes an endpoint and gives its id. Harbor pings the peer first.
    ///
    /// # Errors
    /// [`HarborError::Validation`] where the peer refuses the account, a 500 where it is away,
    /// [`HarborError::Conflict`] where the name is taken.
    pub async fn create_registry(&self, new: &NewRegistry) -> Result<i64, HarborError> {
        self.send(Ask::new(&calls::REGISTRY_CREATE).json(new)).await?.created()
    }

    /// Changes an endpoint. Harbor pings the peer first.
    ///
    /// # Errors
    /// As [`Harbor::create_registry`].
    pub async fn put_registry(&self, id: i64, change: &RegistryChange) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::REGISTRY_PUT).at("id", id).json(change)).await.map(drop)
    }

    /// Deletes an endpoint.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] while a rule or a proxy project uses it.
    pub async fn delete_registry(&self, id: i64) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::REGISTRY_DELETE).at("id", id)).await.map(drop)
    }

    /// Has the node ping a peer that is not stored.
    ///
    /// # Errors
    /// [`HarborError::Validation`] ("the registry is unhealthy") where the peer refuses, a 500 where it is away.
    pub async fn ping_registry(&self, trial: &RegistryTrial) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::REGISTRY_PING).json(trial)).await.map(drop)
    }

    /// Has the node ping a stored endpoint with the secret it keeps.
    ///
    /// # Errors
    /// As [`Harbor::ping_registry`]; [`HarborError::NotFound`] for an unknown id.
    pub async fn ping_registry_by_id(&self, id: i64) -> Result<(), HarborError> {
        self.send(Ask::new(&calls::REGISTRY_PING).json(&ById { id })).await.map(drop)
    }

    /// What rules with an endpoint may use.
    ///
    /// # Errors
    /// A 500 while the peer is away.
    pub async fn registry_info(&self, id: i64) -> Result<RegistryInfo, HarborError> {
        self.send(Ask::new(&calls::REGISTRY_INFO).at("id", id)).await?.json()
    }
}

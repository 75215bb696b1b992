//! A small push and pull, the way a docker client does it: a token from the node, then `/v2/` with it.

mod challenge;
pub mod image;
mod token;

use bytes::Bytes;
use reqwest::header::ACCEPT;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use challenge::Challenge;
pub use token::Token;

use crate::{
    Harbor, HarborError,
    inventory::calls,
    send::{Answer, Ask},
    serial,
};

/// Manifests that Harbor gives: without these in `Accept` an OCI manifest is 404.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

const DIGEST: &str = "docker-content-digest";

/// One repository (`project/repository`) of a node, to push to and pull from.
#[derive(Clone, Debug)]
pub struct Oci {
    harbor: Harbor,
    name: String,
    token: Option<SecretString>,
}

/// What a HEAD of a manifest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestHead {
    /// `sha256:…`.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

/// A manifest as it was stored, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// `sha256:…`, computed from the bytes.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// The bytes.
    pub body: Bytes,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tags {
    #[serde(deserialize_with = "serial::or_default")]
    tags: Vec<String>,
}

/// `sha256:` and 64 hexadecimal digits.
pub fn digest_of(bytes: &[u8]) -> String {
    as_digest(&Sha256::digest(bytes))
}

/// A hash as it is written.
pub(crate) fn as_digest(hash: &[u8]) -> String {
    hash.iter().fold(String::from("sha256:"), |text, byte| text + &format!("{byte:02x}"))
}

impl Harbor {
    /// A repository (`project/repository`) to push to and pull from, with a token for both.
    ///
    /// # Errors
    /// As [`Harbor::token`].
    pub async fn oci(&self, name: &str) -> Result<Oci, HarborError> {
        let token = self.token(name, "pull,push,delete").await?;
        Ok(self.oci_with(name, token.secret))
    }

    /// A repository to pull from.
    ///
    /// # Errors
    /// As [`Harbor::token`].
    pub async fn oci_to_pull(&self, name: &str) -> Result<Oci, HarborError> {
        let token = self.token(name, "pull").await?;
        Ok(self.oci_with(name, token.secret))
    }

    /// A repository with a token from elsewhere: of another node, to see whether both sign with one key.
    pub fn oci_with(&self, name: &str, token: SecretString) -> Oci {
        Oci { harbor: self.clone(), name: name.to_owned(), token: Some(token) }
    }

    /// A repository as nobody.
    pub fn oci_anonymous(&self, name: &str) -> Oci {
        Oci { harbor: self.clone(), name: name.to_owned(), token: None }
    }
}

impl Oci {
    fn ask(&self, call: &'static crate::Call) -> Ask {
        let ask = Ask::new(call).at("name", &self.name);
        match &self.token {
            Some(token) => ask.with_bearer(token),
            None => ask.by_nobody(),
        }
    }

    /// Whether a blob is there.
    ///
    /// # Errors
    /// As any call, but for 404.
    pub async fn has_blob(&self, digest: &str) -> Result<bool, HarborError> {
        match self.harbor.send(self.ask(&calls::BLOB_HEAD).at("digest", digest)).await {
            Ok(_) => Ok(true),
            Err(HarborError::NotFound(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// A blob, whole and checked against its digest. A redirect to the storage is followed once, without any
    /// credential.
    ///
    /// # Errors
    /// [`HarborError::Garbled`] where the bytes do not have that digest.
    pub async fn blob(&self, digest: &str) -> Result<Bytes, HarborError> {
        let answer = self.harbor.send(self.ask(&calls::BLOB_GET).at("digest", digest)).await?;
        if digest_of(&answer.body) == digest {
            Ok(answer.body)
        } else {
            Err(HarborError::Garbled("a blob has another digest than asked for".to_owned()))
        }
    }

    /// Pulls a blob of any length, keeps nothing of it, and gives its length.
    ///
    /// # Errors
    /// As [`Oci::blob`].
    pub async fn pull_blob(&self, digest: &str) -> Result<u64, HarborError> {
        let (pulled, length) = self.harbor.hash(self.ask(&calls::BLOB_GET).at("digest", digest)).await?;
        if pulled == digest {
            Ok(length)
        } else {
            Err(HarborError::Garbled("a blob has another digest than asked for".to_owned()))
        }
    }

    /// Pushes a blob in one piece, if it is not there, and gives its digest.
    ///
    /// # Errors
    /// [`HarborError::Forbidden`] without the right, in read-only mode, or over quota.
    pub async fn push_blob(&self, blob: Bytes) -> Result<String, HarborError> {
        let digest = digest_of(&blob);
        if self.has_blob(&digest).await? {
            return Ok(digest);
        }
        let started = self
            .harbor
            .send(self.ask(&calls::UPLOAD_START).bytes(Bytes::new(), "application/octet-stream"))
            .await?;
        let (upload, state) = upload_of(&started, &self.name)?;
        let mut ask = self.ask(&calls::UPLOAD_PUT).at("upload", upload);
        if let Some(state) = state {
            ask = ask.with("_state", state);
        }
        let ask = ask.with("digest", &digest).bytes(blob, "application/octet-stream");
        self.harbor.send(ask).await?;
        Ok(digest)
    }

    /// What a tag or digest points to.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn manifest_head(&self, reference: &str) -> Result<ManifestHead, HarborError> {
        let ask = self.ask(&calls::MANIFEST_HEAD).at("reference", reference).header(ACCEPT, MANIFESTS);
        let answer = self.harbor.send(ask).await?;
        let digest = answer
            .header(DIGEST)
            .ok_or_else(|| HarborError::Garbled("a manifest without a digest".to_owned()))?;
        Ok(ManifestHead {
            digest: digest.to_owned(),
            size: answer.header("content-length").and_then(|l| l.parse().ok()).unwrap_or_default(),
            media_type: answer.header("content-type").unwrap_or_default().to_owned(),
        })
    }

    /// A manifest by tag or digest.
    ///
    /// # Errors
    /// [`HarborError::NotFound`]; [`HarborError::Garbled`] where the bytes are not those of the digest asked for.
    pub async fn manifest(&self, reference: &str) -> Result<Manifest, HarborError> {
        let ask = self.ask(&calls::MANIFEST_GET).at("reference", reference).header(ACCEPT, MANIFESTS);
        let answer = self.harbor.send(ask).await?;
        let digest = digest_of(&answer.body);
        if reference.contains(':') && digest != reference {
            return Err(HarborError::Garbled("a manifest has another digest than asked for".to_owned()));
        }
        let media_type = answer.header("content-type").unwrap_or_default().to_owned();
        Ok(Manifest { digest, media_type, body: answer.body })
    }

    /// Stores a manifest under a tag or its digest and gives its digest.
    ///
    /// # Errors
    /// [`HarborError::Precondition`] where the tag is immutable.
    pub async fn push_manifest(
        &self,
        reference: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<String, HarborError> {
        let digest = digest_of(&body);
        let ask = self.ask(&calls::MANIFEST_PUT).at("reference", reference).bytes(body, media_type);
        self.harbor.send(ask).await?;
        Ok(digest)
    }

    /// Deletes a manifest by digest, **with all its tags**.
    ///
    /// # Errors
    /// [`HarborError::NotFound`].
    pub async fn delete_manifest(&self, digest: &str) -> Result<(), HarborError> {
        self.harbor.send(self.ask(&calls::MANIFEST_DELETE).at("reference", digest)).await.map(drop)
    }

    /// The tags of the repository.
    ///
    /// # Errors
    /// [`HarborError::NotFound`] for an unknown repository.
    pub async fn tag_names(&self) -> Result<Vec<String>, HarborError> {
        let Tags { tags } = self.harbor.send(self.ask(&calls::OCI_TAGS)).await?.json()?;
        Ok(tags)
    }
}

/// The id and state of an upload, out of its `Location`. That is absolute and names whatever host Harbor believes
/// in; the upload goes on at the address we have.
fn upload_of(answer: &Answer, name: &str) -> Result<(String, Option<String>), HarborError> {
    let bad = || HarborError::Garbled("an upload without a usable location".to_owned());
    let location = answer.header("location").ok_or_else(bad)?;
    let base = url::Url::parse("http://upload.invalid/").map_err(|_| bad())?;
    let url = base.join(location).map_err(|_| bad())?;
    let prefix = format!("/v2/{name}/blobs/uploads/");
    let upload = url.path().strip_prefix(&prefix).filter(|u| !u.is_empty()).ok_or_else(bad)?;
    let state = url.query_pairs().find(|(key, _)| key == "_state").map(|(_, value)| value.into_owned());
    Ok((upload.to_owned(), state))
}

//! What `/v2/` answers to nobody: where it wants its clients to get their tokens.

use crate::{Harbor, HarborError, inventory::calls, send::Ask};

/// The realm and service that a registry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Where clients get tokens: to 2.13 the external URL, from 2.14 the host they asked. A client that cannot
    /// reach it cannot push or pull.
    pub realm: String,
    /// `harbor-registry`.
    pub service: String,
}

impl Challenge {
    /// Reads `Bearer realm="…",service="…"`.
    pub fn parse(header: &str) -> Option<Self> {
        let fields =
            header.trim().strip_prefix("Bearer ").or_else(|| header.trim().strip_prefix("bearer "))?;
        let field = |name: &str| {
            let (_, rest) = fields.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        Some(Self { realm: field("realm")?, service: field("service").unwrap_or_default() })
    }
}

impl Harbor {
    /// The challenge of `/v2/`.
    ///
    /// # Errors
    /// [`HarborError::NotHarbor`] where it gives none.
    pub async fn challenge(&self) -> Result<Challenge, HarborError> {
        let header = self.challenged(Ask::new(&calls::OCI_BASE).by_nobody()).await?;
        header
            .as_deref()
            .and_then(Challenge::parse)
            .ok_or_else(|| HarborError::NotHarbor("its registry names no realm".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_realm_and_service() {
        let header =
            r#"Bearer realm="https://h/service/token",service="harbor-registry",scope="repository:p/r:pull""#;
        let challenge = Challenge::parse(header).unwrap();
        assert_eq!(challenge.realm, "https://h/service/token");
        assert_eq!(challenge.service, "harbor-registry");
        for bad in ["", "Basic realm=\"harbor\"", "Bearer service=\"x\""] {
            assert_eq!(Challenge::parse(bad), None, "{bad}");
        }
    }
}

//! Ids of what Breakwater keeps: UUIDv7 as text, one type per thing. They are generated outside `model`.

use serde::{Deserialize, Serialize};

/// A text that was taken for an id and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnId {
    /// Which id was expected, e.g. `RunId`.
    pub expected: &'static str,
}

impl std::fmt::Display for NotAnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a valid {}", self.expected)
    }
}

impl std::error::Error for NotAnId {}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id: 36 characters, hexadecimal digits and hyphens. `None` for anything else, so that an
            /// id from a URL can be put into a query or a path as it is.
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_owned()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::parse(text).ok_or(NotAnId { expected: stringify!($name) })
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

id_type!(
    /// A person's account.
    UserId
);
id_type!(
    /// One signed-in browser.
    SessionId
);
id_type!(
    /// An API token.
    TokenId
);
id_type!(
    /// A cluster.
    ClusterId
);
id_type!(
    /// A node of a cluster.
    NodeId
);
id_type!(
    /// A node's sealed account.
    CredentialId
);
id_type!(
    /// Two Harbors of a cluster that are compared.
    PairId
);
id_type!(
    /// That a person accepted a difference.
    AcceptanceId
);
id_type!(
    /// A wizard's draft.
    DraftId
);
id_type!(
    /// A frozen plan.
    PlanId
);
id_type!(
    /// A run of the journal.
    RunId
);
id_type!(
    /// Something temporary that stands on a node until it is removed.
    LeftoverId
);
id_type!(
    /// A status page.
    PageId
);
id_type!(
    /// A link that shows a status page.
    ShareLinkId
);

/// Names one finding of one draft or cluster: which question, about what. As text `versions-equal@cluster`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FindingKey {
    finding: String,
    subject: String,
}

impl FindingKey {
    /// A key from its parts. `None` when `finding` is not kebab-case or `subject` is empty.
    pub fn new(finding: &str, subject: &str) -> Option<Self> {
        let kebab = !finding.is_empty()
            && finding.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (kebab && !subject.is_empty()).then(|| Self { finding: finding.into(), subject: subject.into() })
    }

    /// The finding's id, e.g. `versions-equal`.
    pub fn finding(&self) -> &str {
        &self.finding
    }

    /// What it is about, in a stable text of the caller's making.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

impl std::fmt::Display for FindingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.finding, self.subject)
    }
}

impl TryFrom<String> for FindingKey {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        // The finding's id has no `@`, the subject may.
        text.split_once('@')
            .and_then(|(finding, subject)| Self::new(finding, subject))
            .ok_or(NotAnId { expected: "FindingKey" })
    }
}

impl From<FindingKey> for String {
    fn from(key: FindingKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_refuses_what_is_not_an_id() {
        assert!(RunId::parse("0193a1b2-0000-7000-8000-00000000abcd").is_some());
        assert!(RunId::parse("../../etc/passwd").is_none());
        assert!(RunId::parse("0193A1B2-0000-7000-8000-00000000ABCD").is_none());
        assert!(RunId::parse("0193a1b2-0000-7000-8000-00000000abc").is_none());
        assert!(RunId::parse("0193a1b2-0000-7000-8000-0000000é0bc").is_none());
    }

    #[test]
    fn ids_travel_as_plain_text() {
        let text = "\"0193a1b2-0000-7000-8000-00000000abcd\"";
        let id: NodeId = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), text);
        assert!(
            serde_json::from_str::<NodeId>("\"x\"").unwrap_err().to_string().contains("not a valid NodeId")
        );
    }

    #[test]
    fn finding_key_keeps_an_at_sign_of_the_subject() {
        let key = FindingKey::new("rights", "node:a@b").unwrap();
        assert_eq!(FindingKey::try_from(key.to_string()).unwrap(), key);
        assert!(FindingKey::new("Rights", "x").is_none());
        assert!(FindingKey::try_from("rights@".to_owned()).is_err());
    }
}

//! A manifest's digest in 32 bytes.

use serde::{Deserialize, Serialize};

/// A SHA-256, the only kind that Harbor's registry gives manifests. As text `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, examples("sha256:9f3c1a7e…")))]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// A text that was taken for a digest and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADigest;

impl std::fmt::Display for NotADigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a sha256 digest")
    }
}

impl std::error::Error for NotADigest {}

impl Digest {
    /// Reads `sha256:…`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?.as_bytes();
        let mut bytes = [0; 32];
        if hex.len() != bytes.len() * 2 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// The digest whose bytes these are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight digits, as people tell digests apart.
    pub fn short(&self) -> String {
        self.0[..4].iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Upper case is no digest: the registry refuses it.
fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;
    fn try_from(text: String) -> Result<Self, NotADigest> {
        Self::parse(&text).ok_or(NotADigest)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_back_what_it_writes_and_nothing_else() {
        let text = format!("sha256:{}", "0f".repeat(32));
        let digest = Digest::parse(&text).unwrap();
        assert_eq!((digest.to_string(), digest.short()), (text.clone(), "0f0f0f0f".to_owned()));
        assert_eq!(serde_json::from_value::<Digest>(text.clone().into()).unwrap(), digest);
        for bad in ["", "sha256:", &text[7..], &text[..70], &text.to_uppercase(), &format!("{text}0")] {
            assert_eq!(Digest::parse(bad), None, "{bad}");
        }
        assert_eq!(Digest::parse(&format!("sha512:{}", "0f".repeat(64))), None);
    }
}

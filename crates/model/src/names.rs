//! Names that people give: clusters and nodes. Any script is welcome; markup is only text.

use serde::{Deserialize, Serialize};

use crate::{AppError, Digest, say};

/// How the name of everything that Breakwater makes on a Harbor begins.
pub const OURS: &str = "breakwater-";

/// What stands between a tag and the first digits of its digest in the name of a tag that keeps what a heal replaced.
const BEFORE_HEAL: &str = "-before-heal-";

/// Longest tag, in bytes (the registry's own rule).
const TAG_MAX: usize = 128;

/// The tag under which what `tag` stood for is kept for a time. Of an artifact without one, no tag is named.
pub fn kept_tag(tag: Option<&str>, digest: &Digest) -> String {
    let tail = format!("{BEFORE_HEAL}{}", digest.short());
    // Tags are ASCII.
    let head: String = tag.unwrap_or("untagged").chars().take(TAG_MAX - tail.len()).collect();
    head + &tail
}

/// Whether a tag is one of [`kept_tag`]: ours, and never compared.
pub fn is_kept_tag(tag: &str) -> bool {
    let digits = |tail: &str| tail.len() == 8 && tail.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    tag.rsplit_once(BEFORE_HEAL).is_some_and(|(head, tail)| !head.is_empty() && digits(tail))
}

/// The project of a repository, which stands before the first `/` of its full name.
pub fn project_of(repository: &str) -> &str {
    repository.split_once('/').map_or(repository, |(project, _)| project)
}

/// Longest name, in characters; what still fits the board on a phone in one line and a half.
pub const NAME_MAX: usize = 40;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Trims and judges what a person typed.
            ///
            /// # Errors
            /// Empty, too long, or with control characters in it.
            pub fn parse(text: &str) -> Result<Self, AppError> {
                judge(text, $max).map(Self).map_err(|e| e.at($field))
            }

            /// The name as typed, without surrounding blanks.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = AppError;
            fn try_from(text: String) -> Result<Self, AppError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

name_type!(
    /// The name of a cluster, unique in a console.
    ClusterName,
    "cluster-name",
    NAME_MAX
);
name_type!(
    /// The name of a node, unique in its cluster.
    NodeName,
    "node-name",
    NAME_MAX
);
impl NodeName {
    /// What stands for a name that is not to be told: its place.
    pub fn numbered(place: usize) -> Self {
        Self(format!("#{place}"))
    }
}

name_type!(
    /// Harbor's name of an endpoint, unique on its Harbor (harbor-facts A.5).
    EndpointName,
    "endpoint-name",
    64
);
name_type!(
    /// What a status page is called in the console.
    PageName,
    "page-name",
    NAME_MAX
);
name_type!(
    /// What stands at the head of a status page.
    PageTitle,
    "page-title",
    80
);
name_type!(
    /// Whom a share link is for.
    LinkName,
    "link-name",
    64
);

fn judge(text: &str, max: usize) -> Result<String, AppError> {
    let name = text.trim();
    let refuse = |code, cause| {
        Err(AppError::new(
            code,
            422,
            cause,
            say!("Give a name of 1 to {max} characters.", "请填写 1 到 {max} 个字符的名称。"),
        ))
    };
    if name.is_empty() {
        return refuse("name.empty", say!("The name is empty.", "名称为空。"));
    }
    if name.chars().count() > max {
        return refuse("name.too_long", say!("The name is too long.", "名称太长。"));
    }
    // Bidirectional overrides would let one name show as another.
    if name.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    {
        return refuse("name.control", say!("The name has invisible characters.", "名称含有不可见字符。"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_tag_is_known_again_and_is_a_tag() {
        let digest = Digest::from_bytes([0xab; 32]);
        assert_eq!(kept_tag(Some("v1"), &digest), "v1-before-heal-abababab");
        assert_eq!(kept_tag(None, &digest), "untagged-before-heal-abababab");
        let long = kept_tag(Some(&"x".repeat(128)), &digest);
        assert_eq!(long.len(), 128);
        assert!(is_kept_tag(&long) && is_kept_tag(&kept_tag(Some("v1"), &digest)));
        // Kept once more, it is still ours.
        assert!(is_kept_tag(&kept_tag(Some("v1-before-heal-abababab"), &digest)));
        for theirs in [
            "v1",
            "v1-before-heal-",
            "v1-before-heal-ababababa",
            "v1-before-heal-ABABABAB",
            "-before-heal-abababab",
        ] {
            assert!(!is_kept_tag(theirs), "{theirs}");
        }
    }

    #[test]
    fn parse_accepts_any_script_and_markup_as_text() {
        assert_eq!(NodeName::parse(" 上海 ").unwrap().as_str(), "上海");
        assert_eq!(NodeName::parse("<b>x</b>").unwrap().as_str(), "<b>x</b>");
    }

    #[test]
    fn parse_refuses_what_cannot_be_shown() {
        assert_eq!(NodeName::parse("  ").unwrap_err().code, "name.empty");
        assert_eq!(NodeName::parse(&"x".repeat(41)).unwrap_err().code, "name.too_long");
        assert_eq!(ClusterName::parse("a\u{202e}b").unwrap_err().code, "name.control");
        assert!(EndpointName::parse(&"x".repeat(64)).is_ok());
        assert_eq!(EndpointName::parse(&"x".repeat(65)).unwrap_err().code, "name.too_long");
    }
}

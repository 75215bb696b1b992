//! What a page shows, to whom, and how.

use serde::{Deserialize, Serialize};

use crate::{
    AppError, Locale,
    ids::{ClusterId, NodeId, PageId},
    names::{ClusterName, NodeName},
    say,
};

pub use crate::names::{PageName, PageTitle};

/// Longest text of a page, in characters.
pub const TEXT_MAX: usize = 4_000;

/// Longest part of an address, in characters.
const SLUG_MAX: usize = 60;

/// How a page is called in its address: 1 to 60 small letters, digits and single hyphens between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageSlug(String);

impl PageSlug {
    /// Trims and judges what a person typed.
    ///
    /// # Errors
    /// `page.slug` for anything else than the above.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let slug = text.trim();
        let letters = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let hyphens = slug.starts_with('-') || slug.ends_with('-') || slug.contains("--");
        if !letters || hyphens || slug.is_empty() || slug.len() > SLUG_MAX {
            return Err(AppError::new(
                "page.slug",
                422,
                say!("The address does not fit into a link.", "该地址不能用于链接。"),
                say!(
                    "Use 1 to {SLUG_MAX} small letters, digits and hyphens, e.g. registry-status.",
                    "请使用 1 到 {SLUG_MAX} 个小写字母、数字和连字符，例如 registry-status。"
                ),
            )
            .at("page-slug"));
        }
        Ok(Self(slug.to_owned()))
    }

    /// As it stands in the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What suits a title: its Latin letters and digits, or `status` where there are none.
    pub fn suggest(title: &str) -> Self {
        let mut slug = String::new();
        for c in title.chars().flat_map(char::to_lowercase) {
            match c {
                'a'..='z' | '0'..='9' => slug.push(c),
                _ if slug.ends_with('-') || slug.is_empty() => {}
                _ => slug.push('-'),
            }
            if slug.len() == SLUG_MAX {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "status" } else { slug }.to_owned())
    }
}

impl std::fmt::Display for PageSlug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PageSlug {
    type Error = AppError;
    fn try_from(text: String) -> Result<Self, AppError> {
        Self::parse(&text)
    }
}

impl From<PageSlug> for String {
    fn from(slug: PageSlug) -> Self {
        slug.0
    }
}

/// Who sees a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageAccess {
    /// Whoever has one of its links, and whoever may sign in to the console.
    #[default]
    Link,
    /// Whoever knows its address.
    Public,
}

impl PageAccess {
    /// Both, in the order of the form.
    pub const ALL: [Self; 2] = [Self::Link, Self::Public];

    /// The stable word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Public => "public",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == word)
    }
}

/// In which colours a page is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageTheme {
    /// As the reader's device wishes.
    #[default]
    Device,
    /// Light.
    Day,
    /// Dark: a screen on a wall.
    Night,
}

impl PageTheme {
    /// All, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Device, Self::Day, Self::Night];

    /// The stable word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Day => "day",
            Self::Night => "night",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word)
    }
}

/// Which parts a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shows {
    /// A line for each node.
    pub nodes: bool,
    /// A line for the entry.
    pub entry: bool,
    /// The parts of a Harbor that are sick, by Harbor's own words.
    pub components: bool,
    /// A line for each link: how far behind its copies are.
    pub freshness: bool,
    /// Ninety days of bars, the share of time that it worked, and past outages.
    pub history: bool,
    /// How many differ between two nodes.
    pub drift: bool,
}

impl Default for Shows {
    fn default() -> Self {
        Self { nodes: false, entry: false, components: false, freshness: true, history: true, drift: false }
    }
}

/// A node on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownNode {
    /// Which.
    pub id: NodeId,
    /// What readers call it: its name, or an alias.
    pub shown_as: NodeName,
}

/// A cluster on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownCluster {
    /// Which.
    pub id: ClusterId,
    /// What readers call it.
    pub shown_as: ClusterName,
    /// What readers call its nodes. One that is not among them has no line of its own
    /// and is called by its place.
    pub nodes: Vec<ShownNode>,
}

/// All that an administrator sets of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSettings {
    /// What it is called in the console.
    pub name: PageName,
    /// What it is called in its address.
    pub slug: PageSlug,
    /// What stands at its head.
    pub title: PageTitle,
    /// What stands below that: Markdown, at most [`TEXT_MAX`] characters.
    #[serde(default)]
    pub text: String,
    /// A picture beside the title, as a `data:` address; judged where pages are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// What is shown, in this order.
    pub clusters: Vec<ShownCluster>,
    /// Which parts are shown of them.
    #[serde(default)]
    pub shows: Shows,
    /// Its language; `None` for that of each reader's browser.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// Its colours.
    #[serde(default)]
    pub theme: PageTheme,
    /// The time zone of its clock times, as the IANA database names it: `Asia/Shanghai`.
    pub zone: String,
    /// Who sees it.
    #[serde(default)]
    pub access: PageAccess,
}

impl PageSettings {
    /// What the types do not say: something must be shown, each cluster once, and the text fits.
    ///
    /// # Errors
    /// `page.text`, `page.clusters`.
    pub fn judge(&self) -> Result<(), AppError> {
        if self.text.chars().count() > TEXT_MAX {
            return Err(AppError::new(
                "page.text",
                422,
                say!("The text is too long.", "文字太长。"),
                say!("Keep it below {TEXT_MAX} characters.", "请控制在 {TEXT_MAX} 个字符以内。"),
            )
            .at("page-text"));
        }
        let twice = |(i, c): (usize, &ShownCluster)| self.clusters[..i].iter().any(|other| other.id == c.id);
        if self.clusters.is_empty() || self.clusters.iter().enumerate().any(twice) {
            return Err(AppError::new(
                "page.clusters",
                422,
                say!("The page shows no cluster, or one twice.", "页面没有显示集群，或重复显示了集群。"),
                say!("Choose what it shows.", "请选择要显示的集群。"),
            )
            .at("page-clusters"));
        }
        Ok(())
    }
}

/// A page as the console lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPage {
    /// Its id.
    pub id: PageId,
    /// Grows with every change; whoever saves says which one they saw.
    pub version: i64,
    /// What was set.
    pub settings: PageSettings,
    /// When it was last changed, UTC milliseconds.
    pub changed_ms: i64,
    /// How many of its links may be used now.
    pub links: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_fits_into_an_address() {
        assert_eq!(PageSlug::parse(" registry-2 ").unwrap().as_str(), "registry-2");
        for bad in ["", "A", "a b", "-a", "a-", "a--b", "上海", "a/b", &"a".repeat(61)] {
            assert_eq!(PageSlug::parse(bad).unwrap_err().field.as_deref(), Some("page-slug"), "{bad}");
        }
    }

    #[test]
    fn suggest_always_gives_a_slug_that_parses() {
        for (title, slug) in [
            ("Registry status", "registry-status"),
            ("镜像仓库状态", "status"),
            ("  Harbor — Köln 2! ", "harbor-k-ln-2"),
        ] {
            assert_eq!(PageSlug::suggest(title).as_str(), slug);
        }
        assert!(PageSlug::parse(PageSlug::suggest(&"ab ".repeat(60)).as_str()).is_ok());
    }

    #[test]
    fn words_read_back() {
        for access in PageAccess::ALL {
            assert_eq!(serde_json::to_value(access).unwrap(), access.as_str());
            assert_eq!(PageAccess::parse(access.as_str()), Some(access));
        }
        for theme in PageTheme::ALL {
            assert_eq!(serde_json::to_value(theme).unwrap(), theme.as_str());
            assert_eq!(PageTheme::parse(theme.as_str()), Some(theme));
        }
    }
}

//! Links that show a page to whoever has them.

use serde::{Deserialize, Serialize};

use crate::{AppError, Locale, ids::ShareLinkId, say};

pub use crate::names::LinkName;

/// Longest life of a link, days.
pub const LINK_DAYS_MAX: u32 = 3650;

/// What a person sets of a link they make. The password travels beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    /// Whom it is for.
    pub name: LinkName,
    /// How long it may be used, days; `None` until it is revoked.
    pub days: Option<u32>,
    /// The language of the page behind it; `None` for the page's own.
    pub locale: Option<Locale>,
}

impl NewLink {
    /// What the types do not say.
    ///
    /// # Errors
    /// `link.days` for a life of none or more than [`LINK_DAYS_MAX`] days.
    pub fn judge(&self) -> Result<(), AppError> {
        match self.days {
            Some(days) if days == 0 || days > LINK_DAYS_MAX => Err(AppError::new(
                "link.days",
                422,
                say!("A link cannot live that long.", "链接的有效期不能是这个值。"),
                say!(
                    "Give 1 to {LINK_DAYS_MAX} days, or none at all.",
                    "请填写 1 到 {LINK_DAYS_MAX} 天，或留空。"
                ),
            )
            .at("link-days")),
            _ => Ok(()),
        }
    }
}

/// A link as its page lists it; its secret was shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareLink {
    /// Its id.
    pub id: ShareLinkId,
    /// Whom it is for.
    pub name: LinkName,
    /// Whether it asks for a password.
    pub has_password: bool,
    /// The language of the page behind it; `None` for the page's own.
    pub locale: Option<Locale>,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// When it ends, UTC milliseconds; `None` for never.
    pub expires_ms: Option<i64>,
    /// When the page was last looked at by it, UTC milliseconds.
    pub seen_ms: Option<i64>,
    /// How often that was.
    pub views: u64,
}

impl ShareLink {
    /// Whether it may still be used.
    pub fn is_live(&self, now_ms: i64) -> bool {
        self.expires_ms.is_none_or(|end| end > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judge_refuses_a_life_that_is_none() {
        let link = |days| NewLink { name: LinkName::parse("Team").unwrap(), days, locale: None };
        assert!(link(None).judge().is_ok() && link(Some(30)).judge().is_ok());
        for days in [0, LINK_DAYS_MAX + 1] {
            assert_eq!(link(Some(days)).judge().unwrap_err().code, "link.days");
        }
    }
}

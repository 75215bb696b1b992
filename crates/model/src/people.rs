//! People, what they may do, and what is shown of their sessions and tokens.

use serde::{Deserialize, Serialize};

use crate::{
    AppError,
    ids::{ClusterId, NodeId, SessionId, TokenId, UserId},
    say,
};

/// What a person or a token may do. Each role may do everything the ones below it may: `Viewer < Operator <
/// Administrator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sees everything but secrets; changes nothing.
    Viewer,
    /// Changes clusters: drafts, checks, runs.
    Operator,
    /// Also people, tokens of others and the console itself.
    Administrator,
}

impl Role {
    /// All, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Administrator];

    /// Whether a holder of this role may do what asks for `needed`.
    pub fn may(self, needed: Self) -> bool {
        self >= needed
    }

    /// The stable word in JSON, the database and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name a person signs in with: 1 to 64 characters of any script, no blanks at its ends, none invisible.
/// Two names that differ only in case are the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    /// Longest name, in characters.
    pub const MAX: usize = 64;

    /// Trims and judges what a person typed.
    ///
    /// # Errors
    /// `user.name`, tied to the field `name`: empty, too long, or with invisible characters.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        let name = text.trim();
        let length = name.chars().count();
        let invisible = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let max = Self::MAX;
        let cause = if length == 0 {
            say!("The name is empty.", "名称为空。")
        } else if length > max {
            say!("The name is longer than {max} characters.", "名称超过 {max} 个字符。")
        } else if name.chars().any(invisible) {
            say!("The name has invisible characters.", "名称含有不可见字符。")
        } else {
            return Ok(Self(name.to_owned()));
        };
        let next = say!("Give a name of 1 to {max} characters.", "请填写 1 到 {max} 个字符的名称。");
        Err(AppError::new("user.name", 422, cause, next).at("name"))
    }

    /// The name as typed, without surrounding blanks.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two names the same: the name in lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::fmt::Display for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for UserName {
    type Error = AppError;
    fn try_from(text: String) -> Result<Self, AppError> {
        Self::parse(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

/// What a new password must be, after NIST SP 800-63B: long enough, not guessable at once; no rules about kinds
/// of characters and no forced change.
pub struct PasswordRules;

impl PasswordRules {
    /// Fewest characters.
    pub const MIN: usize = 10;
    /// Most characters: bounds the work of hashing, far above any passphrase.
    pub const MAX: usize = 256;

    /// Passwords of ten characters and more that every guessing list begins with, in lower case.
    const COMMON: [&str; 24] = [
        "1234567890",
        "0123456789",
        "0987654321",
        "12345678910",
        "123456789a",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "administrator",
        "admin12345",
        "admin123456",
        "administrator1",
        "adminadmin",
        "breakwater",
        "changeme123",
        "harbor12345",
        "iloveyou123",
        "letmein123",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "qwerty1234",
        "qwerty12345",
        "qwertyuiop",
    ];

    /// Judges a new password for a person of that name.
    ///
    /// # Errors
    /// `password.short`, `password.long`, `password.name` (is or contains the name), `password.common`; tied to
    /// the field `password`. The error never holds the password.
    pub fn judge(password: &str, name: &UserName) -> Result<(), AppError> {
        let length = password.chars().count();
        let (min, max) = (Self::MIN, Self::MAX);
        let lower = password.to_lowercase();
        let key = name.key();
        let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
        let (code, cause) = if length < min {
            ("password.short", say!("The password has {length} characters.", "密码只有 {length} 个字符。"))
        } else if length > max {
            ("password.long", say!("The password has more than {max} characters.", "密码超过 {max} 个字符。"))
        } else if lower == key || (key.chars().count() >= 4 && lower.contains(&key)) {
            ("password.name", say!("The password contains the name.", "密码包含用户名。"))
        } else if distinct < 4 || Self::COMMON.contains(&lower.as_str()) {
            (
                "password.common",
                say!("The password is among the first that get tried.", "该密码过于常见，容易被猜中。"),
            )
        } else {
            return Ok(());
        };
        let next = say!(
            "Use {min} characters or more; a few words in a row are good.",
            "请使用至少 {min} 个字符；几个词连在一起就很好。"
        );
        Err(AppError::new(code, 422, cause, next).at("password"))
    }
}

/// A person's account, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    pub name: UserName,
    /// What the person may do.
    pub role: Role,
    /// May not sign in at present.
    pub disabled: bool,
    /// Has a password; without one only a reset code lets the person in.
    pub has_password: bool,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// Last sign-in, UTC milliseconds.
    pub signed_in_ms: Option<i64>,
}

/// One signed-in browser, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Its id (not the secret in the cookie).
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// Where it was seen last.
    pub address: String,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// UTC milliseconds, to the minute.
    pub seen_ms: i64,
    /// When it ends even if used, UTC milliseconds.
    pub until_ms: i64,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// Its id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub owner: UserName,
    /// What it may do; never more than its owner may at the time of use.
    pub role: Role,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// UTC milliseconds.
    pub expires_ms: i64,
    /// UTC milliseconds, to the minute.
    pub used_ms: Option<i64>,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum ActivityBy {
    /// A person in the console.
    User {
        /// Which account.
        id: UserId,
        /// Its name at the time.
        name: String,
    },
    /// A program with an API token.
    Token {
        /// Which token.
        id: TokenId,
        /// Its name at the time.
        name: String,
    },
    /// Breakwater itself, or somebody who was not signed in.
    System,
}

/// One thing that was done or that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// Grows with each entry.
    pub id: i64,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// Who.
    pub by: ActivityBy,
    /// From where; empty for Breakwater itself.
    pub address: String,
    /// Stable code: `session.created`, `node.down`.
    pub code: String,
    /// What the sentence of that code needs; never a secret.
    pub params: serde_json::Value,
    /// The cluster it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// The node it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_include_the_ones_below() {
        assert!(Role::Administrator.may(Role::Operator) && Role::Operator.may(Role::Viewer));
        assert!(!Role::Viewer.may(Role::Operator) && !Role::Operator.may(Role::Administrator));
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }

    #[test]
    fn names_that_differ_in_case_are_the_same() {
        assert_eq!(UserName::parse(" Li Wei ").unwrap().key(), UserName::parse("li wei").unwrap().key());
        assert_eq!(UserName::parse("李伟").unwrap().as_str(), "李伟");
    }

    #[test]
    fn parse_refuses_names_that_cannot_be_seen() {
        for bad in ["", "   ", "a\u{200b}b", "a\u{202e}b", "a\nb", &"x".repeat(65)] {
            assert_eq!(UserName::parse(bad).unwrap_err().code, "user.name", "{bad:?}");
        }
    }

    #[test]
    fn judge_refuses_what_is_guessed_first() {
        let code =
            |p: &str, n: &str| PasswordRules::judge(p, &UserName::parse(n).unwrap()).map_err(|e| e.code);
        assert_eq!(code("short", "anna"), Err("password.short".into()));
        assert_eq!(code(&"ab1-".repeat(65), "anna"), Err("password.long".into()));
        assert_eq!(code("xxAnnaMaria1", "annamaria"), Err("password.name".into()));
        assert_eq!(code("Password123", "anna"), Err("password.common".into()));
        assert_eq!(code("aaaaaaaaaaaa", "anna"), Err("password.common".into()));
        assert_eq!(code("correct horse", "anna"), Ok(()));
        assert_eq!(code("海上生明月天涯共此时", "anna"), Ok(()));
        // A short name inside a passphrase is chance, not weakness.
        assert_eq!(code("a hill of beans", "li"), Ok(()));
    }
}

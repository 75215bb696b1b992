//! Links that show a status page to people without an account, and the passwords on them.

use model::{
    AppError,
    ids::PageId,
    page::{NewLink, ShareLink},
    people::Role,
    say,
};
use secrecy::{ExposeSecret, SecretString};
use store::share_links::{NewShareLink, ShareLinkRow};
use subtle::ConstantTimeEq;

use crate::{Access, Actor, Result, random, slow};

const DAY: i64 = 24 * 60 * 60_000;
/// Longest password of a link, characters.
const PASSWORD_MAX: usize = 200;

/// A link that was just made; its secret is shown once and kept nowhere.
#[derive(Debug)]
pub struct IssuedLink {
    /// As it is listed.
    pub link: ShareLink,
    /// The last part of its address.
    pub secret: SecretString,
}

/// The key under which a link is kept: what its secret hashes to.
pub fn link_key(secret: &str) -> String {
    random::sha256(secret)
}

/// What a browser shows from the time that it gave a link's password; `None` where the link has none. It ends with the
/// link and with its password, and says nothing about either.
pub fn link_pass(row: &ShareLinkRow) -> Option<SecretString> {
    let hash = row.password_hash.as_ref()?;
    Some(random::sha256(&format!("{}:{}", row.link.id, hash.expose_secret())).into())
}

/// Whether a browser has given a link's password.
pub fn has_pass(row: &ShareLinkRow, shown: Option<&str>) -> bool {
    match link_pass(row) {
        None => true,
        Some(pass) => bool::from(pass.expose_secret().as_bytes().ct_eq(shown.unwrap_or_default().as_bytes())),
    }
}

impl Access {
    /// Makes a link to a page.
    ///
    /// # Errors
    /// A role below administrator, `link.days`, `link.password`, `store.not_found` when the page is gone.
    pub async fn make_link(
        &self,
        actor: &Actor,
        page: &PageId,
        new: &NewLink,
        password: Option<&SecretString>,
    ) -> Result<IssuedLink> {
        actor.require(Role::Administrator)?;
        new.judge()?;
        let password = password.filter(|password| !password.expose_secret().is_empty());
        if password.is_some_and(|p| p.expose_secret().chars().count() > PASSWORD_MAX) {
            return Err(too_long().into());
        }
        let hash = match password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let secret = random::link()?;
        let row = self
            .store
            .share_links()
            .insert(NewShareLink {
                token_hash: &link_key(secret.expose_secret()),
                page,
                name: &new.name,
                locale: new.locale,
                password_hash: hash.as_ref(),
                expires_ms: new.days.map(|days| self.store.now_ms() + i64::from(days) * DAY),
            })
            .await?;
        let name = &new.name;
        let what = say!("made the share link \u{201c}{name}\u{201d}", "创建了分享链接“{name}”");
        self.record(actor, "link.created", what, None, None).await;
        Ok(IssuedLink { link: row.link, secret })
    }

    /// Revokes a link.
    ///
    /// # Errors
    /// A role below administrator, `store.not_found`.
    pub async fn revoke_link(&self, actor: &Actor, link: &ShareLink) -> Result<()> {
        actor.require(Role::Administrator)?;
        self.store.share_links().remove(&link.id).await?;
        let name = &link.name;
        let what = say!("revoked the share link \u{201c}{name}\u{201d}", "吊销了分享链接“{name}”");
        self.record(actor, "link.revoked", what, None, None).await;
        Ok(())
    }

    /// Whether a password opens a link; `row` is `None` for a link that is not there any more, or never was. Each try
    /// costs the same work, and who guesses has to wait.
    ///
    /// # Errors
    /// [`crate::AccessError::Slowed`], or the database.
    pub async fn opens(
        &self,
        row: Option<&ShareLinkRow>,
        password: &SecretString,
        address: &str,
    ) -> Result<bool> {
        let attempt = self.attempt(slow::code("link", address)).await?;
        let hash = row.and_then(|row| row.password_hash.as_ref());
        let opened = self.passwords.verify(password, hash).await?;
        if opened {
            self.forgive(attempt).await?;
        }
        Ok(opened)
    }
}

fn too_long() -> AppError {
    AppError::new(
        "link.password",
        422,
        say!("The password is too long.", "密码太长。"),
        say!("Keep it below {PASSWORD_MAX} characters.", "请控制在 {PASSWORD_MAX} 个字符以内。"),
    )
    .at("link-password")
}

#[cfg(test)]
mod tests {
    use store::testing::for_each_db;

    use super::*;
    use crate::AccessError;

    #[tokio::test]
    async fn each_try_costs_the_same_work_and_guessing_is_slowed() {
        for_each_db(async |db| {
            let access = Access::new(db.store.clone());
            let page = db.store.pages().insert("team", &serde_json::json!({})).await.unwrap();
            let hash = access.passwords.hash(&"right".into()).await.unwrap();
            let (links, name) = (db.store.share_links(), model::page::LinkName::parse("Team").unwrap());
            let new = |token_hash, password_hash| NewShareLink {
                token_hash,
                page: &page.id,
                name: &name,
                locale: None,
                password_hash,
                expires_ms: None,
            };
            let locked = links.insert(new("a", Some(&hash))).await.unwrap();
            let open = links.insert(new("b", None)).await.unwrap();
            let before = access.passwords.verified();
            let tries = [Some(&locked), Some(&open), None];
            for (n, row) in tries.into_iter().enumerate() {
                assert!(!access.opens(row, &"wrong".into(), "192.0.2.1").await.unwrap());
                assert_eq!(access.passwords.verified(), before + 1 + n as u64);
            }
            assert!(access.opens(Some(&locked), &"right".into(), "192.0.2.1").await.unwrap());
            // Those before count still, though a link was opened in between.
            for _ in 0..2 {
                assert!(!access.opens(None, &"wrong".into(), "192.0.2.1").await.unwrap());
            }
            let slowed = access.opens(Some(&locked), &"right".into(), "192.0.2.1").await;
            assert!(matches!(slowed, Err(AccessError::Slowed { .. })));
            assert!(access.opens(Some(&locked), &"right".into(), "198.51.100.1").await.unwrap());

            let pass = link_pass(&locked).unwrap();
            assert!(has_pass(&locked, Some(pass.expose_secret())) && has_pass(&open, None));
            assert!(!has_pass(&locked, None) && !has_pass(&locked, Some("")));
        })
        .await;
    }
}

//! The links of a page, and who looked by them.

use std::sync::PoisonError;

use access::{Actor, IssuedLink};
use model::{
    ids::{PageId, ShareLinkId},
    page::{NewLink, ShareLink},
    people::Role,
};
use secrecy::{ExposeSecret, SecretString};
use store::{StoreError, share_links::ShareLinkRow};

use crate::{Answered, Pages, qr};

impl Pages {
    /// The links of a page, newest first, also those that have expired.
    ///
    /// # Errors
    /// The database.
    pub async fn links(&self, page: &PageId) -> Answered<Vec<ShareLink>> {
        self.write_down().await;
        let rows = self.inner().store.share_links().list().await?;
        Ok(rows.into_iter().filter(|row| row.page == *page).map(|row| row.link).collect())
    }

    /// Makes a link; the answer is the only time its secret is told. With it comes the address, where the console knows
    /// its own, else the path.
    ///
    /// # Errors
    /// A role below administrator, `link.days`, `link.password`, `store.not_found`.
    pub async fn make_link(
        &self,
        actor: &Actor,
        page: &PageId,
        new: &NewLink,
        password: Option<&SecretString>,
    ) -> Answered<(IssuedLink, SecretString)> {
        let made = self.inner().access.make_link(actor, page, new, password).await?;
        self.told().await;
        let address = self.address(&format!("/share/{}/", made.secret.expose_secret()));
        Ok((made, address.into()))
    }

    /// Revokes a link at once, also for who looks by it now.
    ///
    /// # Errors
    /// A role below administrator, `store.not_found`.
    pub async fn revoke_link(&self, actor: &Actor, page: &PageId, id: &ShareLinkId) -> Answered<()> {
        actor.require(Role::Administrator)?;
        let link = self.links(page).await?.into_iter().find(|link| link.id == *id);
        let link = link.ok_or(StoreError::NotFound { what: "share link" })?;
        self.inner().access.revoke_link(actor, &link).await?;
        self.told().await;
        Ok(())
    }

    /// A path of this console as people open it.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.inner().access.public_address().unwrap_or_default())
    }

    /// The address of a picture of an address as a QR code; `None` for one that is too long, or only a path.
    pub fn qr(address: &str) -> Option<String> {
        qr::picture(address)
    }

    /// Counts that somebody looked by a link. Written down a little later.
    pub fn seen(&self, row: &ShareLinkRow) {
        self.count(row.link.id.clone(), 1, self.now_ms());
    }

    fn count(&self, id: ShareLinkId, views: u64, at_ms: i64) {
        let mut all = self.inner().views.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last_ms) = all.entry(id).or_default();
        (*count, *last_ms) = (*count + views, at_ms.max(*last_ms));
    }

    /// Writes down who looked. Whoever reads the counts afterwards has those that somebody else was writing.
    pub(crate) async fn write_down(&self) {
        let inner = self.inner();
        let _one = inner.writing.lock().await;
        let views = std::mem::take(&mut *inner.views.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, (count, at_ms)) in views {
            if let Err(error) = inner.store.share_links().seen(&id, count, at_ms).await {
                tracing::warn!(code = error.code(), "who looked by a link cannot be written down now");
                self.count(id, count, at_ms);
            }
        }
    }
}

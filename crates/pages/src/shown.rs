//! What is in memory for readers: every page by its address, and every link by what its secret hashes to.

use std::{collections::HashMap, sync::Arc};

use access::{Actor, link_key};
use model::page::PageAccess;
use store::share_links::ShareLinkRow;

use crate::{Live, Pages};

/// All pages and links, as of the last look.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) pages: HashMap<String, Arc<Live>>,
    pub(crate) links: Links,
}

/// Links by what their secrets hash to.
pub(crate) type Links = HashMap<String, Arc<ShareLinkRow>>;

impl Shown {
    /// Whether the same pages and links are there, so that nobody who looks has to be asked for their right again.
    pub(crate) fn is_like(&self, before: &Self) -> bool {
        let same_page = |(slug, live): (&String, &Arc<Live>)| {
            before.pages.get(slug).is_some_and(|b| Arc::ptr_eq(b, live))
        };
        self.pages.len() == before.pages.len()
            && self.pages.iter().all(same_page)
            && self.links.len() == before.links.len()
            && self.links.keys().all(|key| before.links.contains_key(key))
    }

    fn by_id(&self, id: &model::ids::PageId) -> Option<&Arc<Live>> {
        self.pages.values().find(|live| live.id() == id)
    }
}

/// By what right somebody looks at a page.
#[derive(Clone, Debug)]
pub enum Reader {
    /// Everybody may.
    Public,
    /// They may sign in to the console.
    Person(Box<Actor>),
    /// They have a link.
    Link(Arc<ShareLinkRow>),
}

/// A page that somebody may look at.
#[derive(Clone, Debug)]
pub struct Found {
    /// The page.
    pub live: Arc<Live>,
    /// By what right.
    pub reader: Reader,
}

impl Pages {
    /// The page of an address, for whoever may see it there: everybody, or who is signed in.
    pub fn at(&self, slug: &str, person: Option<&Actor>) -> Option<Found> {
        let live = self.shown().pages.get(slug).cloned()?;
        let reader = match (live.access(), person) {
            (PageAccess::Public, _) => Reader::Public,
            (PageAccess::Link, Some(person)) => Reader::Person(Box::new(person.clone())),
            (PageAccess::Link, None) => return None,
        };
        Some(Found { live, reader })
    }

    /// The link of a secret, whether or not it asks for a password; `None` for one that has ended or never was.
    pub fn link(&self, secret: &str) -> Option<Arc<ShareLinkRow>> {
        let row = self.shown().links.get(&link_key(secret)).cloned()?;
        row.link.is_live(self.now_ms()).then_some(row)
    }

    /// The page behind a link.
    pub fn behind(&self, row: Arc<ShareLinkRow>) -> Option<Found> {
        let live = self.shown().by_id(&row.page).cloned()?;
        Some(Found { live, reader: Reader::Link(row) })
    }

    /// Whether a reader may still look at what they look at.
    pub(crate) fn may(&self, reader: &Reader, live: &Arc<Live>) -> bool {
        let shown = self.shown();
        let same = shown.by_id(live.id()).is_some_and(|now| Arc::ptr_eq(now, live));
        same && match reader {
            Reader::Public => live.access() == PageAccess::Public,
            Reader::Person(_) => true,
            Reader::Link(row) => {
                let known = shown.links.get(&row.token_hash);
                known.is_some_and(|known| known.link.is_live(self.now_ms()))
            }
        }
    }
}

//! The service: pages are made and changed here, and kept as they are now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use access::{Access, Actor};
use clusters::Clusters;
use jiff::tz::TimeZone;
use model::{
    AppError, Locale, Say,
    ids::{ClusterId, PageId, ShareLinkId},
    live::LiveEvent,
    page::{PageSettings, StatusPage},
    people::Role,
    say,
};
use store::{Store, StoreError, pages::PageRow};
use tokio::sync::watch as signal;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use watch::Watch;

use crate::{
    Answered, Found, Live, PageStream, facts, html, judge,
    shown::{Links, Reader, Shown},
    view::View,
};

/// Shortest time between two looks: a state that changes is on open pages soon after, and many changes at once cost
/// one look.
const GAP: Duration = Duration::from_millis(150);
/// How often what readers did is written down.
const WRITE_DOWN: Duration = Duration::from_secs(10);

/// Status pages. Cheap to clone.
#[derive(Clone)]
pub struct Pages(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) access: Access,
    watch: Watch,
    clusters: Clusters,
    facts: facts::Reader,
    /// Apart from them: a page that is being made shows other clusters, and is drawn anew with each pause in typing.
    previewed: facts::Reader,
    shown: RwLock<Arc<Shown>>,
    /// One look at a time.
    looking: tokio::sync::Mutex<()>,
    /// Told after each look at the pages and links.
    changes: signal::Sender<()>,
    /// Views by link that are not written down yet, and the last of them.
    pub(crate) views: Mutex<HashMap<ShareLinkId, (u64, i64)>>,
    /// Held while they are written down.
    pub(crate) writing: tokio::sync::Mutex<()>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Pages {
    /// Shows the pages there are, from now on. Must be called within a tokio runtime.
    pub fn start(store: Store, access: Access, watch: Watch, clusters: Clusters) -> Self {
        let pages = Self(Arc::new(Inner {
            store,
            access,
            watch,
            clusters,
            facts: facts::Reader::default(),
            previewed: facts::Reader::default(),
            shown: RwLock::default(),
            looking: tokio::sync::Mutex::default(),
            changes: signal::Sender::new(()),
            views: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        let looking = pages.clone();
        pages.0.tasks.spawn(async move {
            let stop = looking.0.stop.clone();
            stop.run_until_cancelled(looking.look_on()).await;
        });
        let writing = pages.clone();
        pages.0.tasks.spawn(async move {
            let stop = writing.0.stop.clone();
            while stop.run_until_cancelled(tokio::time::sleep(WRITE_DOWN)).await.is_some() {
                writing.write_down().await;
            }
        });
        pages
    }

    /// Ends open pages, and writes down what readers did.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.write_down().await;
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Now, UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.0.store.now_ms()
    }

    pub(crate) fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.0.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks again whenever the console tells its own viewers something, the beat of every few seconds among it.
    async fn look_on(&self) {
        let mut told = self.0.watch.news();
        loop {
            let began = Instant::now();
            self.look().await;
            // On a slow database, looking takes a sixth of the time at most.
            tokio::time::sleep((began.elapsed() * 5).max(GAP)).await;
            if told.changed().await.is_err() {
                return;
            }
        }
    }

    /// Reads pages and links, and puts together what they show.
    pub(crate) async fn look(&self) {
        let inner = &self.0;
        let _one = inner.looking.lock().await;
        let before = self.shown();
        let (pages, links) = self.read(&before).await;
        if pages.is_empty() && before.pages.is_empty() {
            return;
        }
        let mut of: Vec<ClusterId> =
            pages.iter().flat_map(|(_, settings)| &settings.clusters).map(|shown| shown.id.clone()).collect();
        of.sort();
        of.dedup();
        let now_ms = self.now_ms();
        let facts = inner.facts.read(&inner.watch, &inner.clusters, &of, now_ms).await;
        let pages = pages.into_iter().map(|(row, settings)| {
            let known = before.pages.values().find(|live| live.row == row);
            let zone = known
                .map_or_else(|| judge::zone(&settings.zone).unwrap_or(TimeZone::UTC), |live| live.zone());
            let view = View::of(&settings, zone, &facts);
            let slug = settings.slug.to_string();
            let live = match known {
                Some(live) => {
                    live.put(view, now_ms);
                    Arc::clone(live)
                }
                None => Arc::new(Live::new(row, settings, view, now_ms)),
            };
            (slug, live)
        });
        let shown = Shown { pages: pages.collect(), links };
        let changed = !shown.is_like(&before);
        *inner.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shown);
        if changed {
            inner.changes.send_replace(());
        }
    }

    /// The pages and links there are. While the database is away they are those of the last look: a page is there
    /// also then.
    async fn read(&self, before: &Shown) -> (Vec<(PageRow, PageSettings)>, Links) {
        let store = &self.0.store;
        let read =
            async { Ok::<_, StoreError>((store.pages().list().await?, store.share_links().list().await?)) };
        match read.await {
            Ok((rows, links)) => {
                let pages = rows.into_iter().filter_map(|row| match row.body_as() {
                    Ok(settings) => Some((row, settings)),
                    Err(error) => {
                        tracing::error!(page = %row.id, %error, "a status page cannot be read");
                        None
                    }
                });
                let links = links.into_iter().map(|row| (row.token_hash.clone(), Arc::new(row)));
                (pages.collect(), links.collect())
            }
            Err(error) => {
                tracing::warn!(code = error.code(), "the status pages cannot be read");
                let pages = before.pages.values().map(|live| (live.row.clone(), live.settings.clone()));
                (pages.collect(), before.links.clone())
            }
        }
    }

    /// What an open page hears.
    pub fn listen(&self, found: Found, locale: Locale) -> PageStream {
        PageStream::new(
            self.clone(),
            found.live,
            found.reader,
            locale,
            self.0.changes.subscribe(),
            self.0.stop.clone(),
        )
    }

    /// Whether somebody who is signed in still is; a database that is away for a while shuts nobody out.
    pub(crate) async fn is_known(&self, reader: &Reader) -> bool {
        match reader {
            Reader::Person(actor) => self.0.access.still(actor).await.unwrap_or(true),
            Reader::Public | Reader::Link(_) => true,
        }
    }
}

impl Pages {
    /// All pages, by their address.
    ///
    /// # Errors
    /// The database.
    pub async fn list(&self) -> Answered<Vec<StatusPage>> {
        let (rows, links) = (self.0.store.pages().list().await?, self.0.store.share_links().list().await?);
        let now_ms = self.now_ms();
        rows.iter()
            .map(|row| {
                let live = links.iter().filter(|l| l.page == row.id && l.link.is_live(now_ms)).count();
                listed(row, u32::try_from(live).unwrap_or(u32::MAX))
            })
            .collect()
    }

    /// One page.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn page(&self, id: &PageId) -> Answered<StatusPage> {
        let found = self.list().await?.into_iter().find(|page| page.id == *id);
        Ok(found.ok_or(StoreError::NotFound { what: "status page" })?)
    }

    /// Makes a page.
    ///
    /// # Errors
    /// A role below administrator, `page.slug_taken`, and whatever is wrong with the settings.
    pub async fn make(&self, actor: &Actor, settings: &PageSettings) -> Answered<StatusPage> {
        self.judged(actor, settings, None).await?;
        let row = self.0.store.pages().insert(settings.slug.as_str(), settings).await?;
        let name = &settings.name;
        let what = say!("made the status page \u{201c}{name}\u{201d}", "创建了状态页“{name}”");
        self.changed(actor, "page.created", what).await;
        listed(&row, 0)
    }

    /// Changes a page over the version that the caller has seen.
    ///
    /// # Errors
    /// As above, `store.conflict` where it was changed meanwhile, `store.not_found`.
    pub async fn save(
        &self,
        actor: &Actor,
        id: &PageId,
        seen_version: i64,
        settings: &PageSettings,
    ) -> Answered<StatusPage> {
        self.judged(actor, settings, Some(id)).await?;
        self.0.store.pages().save(id, seen_version, settings.slug.as_str(), settings).await?;
        let name = &settings.name;
        let what = say!("changed the status page \u{201c}{name}\u{201d}", "修改了状态页“{name}”");
        self.changed(actor, "page.changed", what).await;
        self.page(id).await
    }

    /// Removes a page and its links; who looks at it sees it end.
    ///
    /// # Errors
    /// A role below administrator, `store.not_found`.
    pub async fn remove(&self, actor: &Actor, id: &PageId) -> Answered<()> {
        actor.require(Role::Administrator)?;
        let name = self.page(id).await?.settings.name;
        self.0.store.pages().remove(id).await?;
        let what = say!("removed the status page \u{201c}{name}\u{201d}", "移除了状态页“{name}”");
        self.changed(actor, "page.removed", what).await;
        Ok(())
    }

    /// What a page with these settings would look like now: a whole document without a script.
    ///
    /// # Errors
    /// Whatever is wrong with the settings.
    pub async fn preview(&self, settings: &PageSettings, locale: Locale) -> Answered<String> {
        let zone = judge::judge(settings)?;
        let of: Vec<ClusterId> = settings.clusters.iter().map(|shown| shown.id.clone()).collect();
        let now_ms = self.now_ms();
        let facts = self.0.previewed.read(&self.0.watch, &self.0.clusters, &of, now_ms).await;
        let view = View::of(settings, zone, &facts);
        Ok(html::preview(&view, settings.locale.unwrap_or(locale), now_ms))
    }

    /// Judges settings, for a page that is there already or a new one.
    async fn judged(&self, actor: &Actor, settings: &PageSettings, id: Option<&PageId>) -> Answered<()> {
        actor.require(Role::Administrator)?;
        judge::judge(settings)?;
        let others = self.list().await?;
        if others.iter().any(|other| other.settings.slug == settings.slug && Some(&other.id) != id) {
            let slug = &settings.slug;
            return Err(AppError::new(
                "page.slug_taken",
                409,
                say!("Another page has the address {slug} already.", "地址 {slug} 已被其他页面使用。"),
                say!("Choose another one.", "请换一个。"),
            )
            .at("page-slug"));
        }
        Ok(())
    }

    /// Writes down what a person did, and shows it to readers and on every replica.
    pub(crate) async fn changed(&self, actor: &Actor, code: &str, what: Say) {
        self.0.access.record(actor, code, what, None, None).await;
        self.told().await;
    }

    /// Pages or links are others now.
    pub(crate) async fn told(&self) {
        self.look().await;
        self.0.watch.publish(&LiveEvent::Pages);
    }
}

fn listed(row: &PageRow, links: u32) -> Answered<StatusPage> {
    Ok(StatusPage {
        id: row.id.clone(),
        version: row.version,
        settings: row.body_as()?,
        changed_ms: row.changed_ms,
        links,
    })
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

//! One page in memory: its view as of now, and what was rendered from it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use bytes::Bytes;
use jiff::tz::TimeZone;
use model::{
    Locale,
    ids::PageId,
    page::{PageAccess, PageSettings},
};
use serde_json::json;
use store::pages::PageRow;
use tokio::sync::watch;

use crate::{
    html::{self, For},
    rendered::{Piece, Rendered},
    view::View,
    words,
};

/// What was rendered is sent for so long; ages are told in minutes.
const FRESH_MS: i64 = 10_000;
/// Open pages are told at least so often, since ages pass also where nothing changes.
const TELL_MS: i64 = 60_000;
/// So many rendered pieces are kept at most: pieces × languages × links.
const MOST: usize = 256;

/// One page.
#[derive(Debug)]
pub struct Live {
    pub(crate) row: PageRow,
    pub(crate) settings: PageSettings,
    now: RwLock<Arc<Now>>,
    rendered: Mutex<HashMap<(Piece, For), Kept>>,
    told: Mutex<HashMap<Locale, (u64, Bytes)>>,
    /// Counts what open pages were told.
    turn: watch::Sender<u64>,
}

/// What was rendered, when, and at which turn.
type Kept = (i64, u64, Arc<Rendered>);

#[derive(Debug)]
struct Now {
    view: View,
    gist: Vec<(model::health::HealthState, u64)>,
    told_ms: i64,
}

impl Live {
    pub(crate) fn new(row: PageRow, settings: PageSettings, view: View, now_ms: i64) -> Self {
        let now = Now { gist: view.gist(), view, told_ms: now_ms };
        Self {
            row,
            settings,
            now: RwLock::new(Arc::new(now)),
            rendered: Mutex::default(),
            told: Mutex::default(),
            turn: watch::Sender::new(0),
        }
    }

    /// Its id.
    pub fn id(&self) -> &PageId {
        &self.row.id
    }

    /// Who sees it.
    pub fn access(&self) -> PageAccess {
        self.settings.access
    }

    /// The language for a reader: what they chose, what their link says, what the page says, what they prefer.
    pub fn locale(&self, chosen: Option<Locale>, of_link: Option<Locale>, preferred: Locale) -> Locale {
        chosen.or(of_link).or(self.settings.locale).unwrap_or(preferred)
    }

    pub(crate) fn zone(&self) -> TimeZone {
        self.now().view.zone.clone()
    }

    /// Puts another view in place; open pages are told where it says something else.
    pub(crate) fn put(&self, view: View, now_ms: i64) {
        let before = self.now();
        let gist = view.gist();
        let tells = gist != before.gist || now_ms - before.told_ms >= TELL_MS;
        let told_ms = if tells { now_ms } else { before.told_ms };
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Now { view, gist, told_ms });
        if tells {
            self.turn.send_modify(|turn| *turn += 1);
        }
    }

    fn now(&self) -> Arc<Now> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A piece as it is now; what was rendered a moment ago is sent again. `base` is the address of the page as this
    /// reader has it.
    pub fn piece(&self, piece: Piece, locale: Locale, base: Option<String>, now_ms: i64) -> Arc<Rendered> {
        let turn = *self.turn.borrow();
        let key = (piece, For { locale, base });
        let kept = {
            let all = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
            all.get(&key).cloned()
        };
        if let Some((at_ms, of, rendered)) = kept
            && of == turn
            && (now_ms - at_ms).abs() < FRESH_MS
        {
            return rendered;
        }
        let rendered = Arc::new(Rendered::of(&self.now().view.at(now_ms), self.id(), piece, &key.1, now_ms));
        let mut all = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, (now_ms, turn, Arc::clone(&rendered)));
        rendered
    }

    pub(crate) fn turns(&self) -> watch::Receiver<u64> {
        self.turn.subscribe()
    }

    /// What open pages of a language are told now: the same bytes for all of them.
    pub(crate) fn frame(&self, locale: Locale, now_ms: i64) -> Bytes {
        let turn = *self.turn.borrow();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = told.get(&locale).filter(|(of, _)| *of == turn) {
            return frame.clone();
        }
        let now = self.now();
        let view = now.view.at(now_ms);
        let data = json!({
            "content": html::content(&view, locale, now_ms).into_string(),
            "stamp": html::stamp(&view, &words::labels(locale)).into_string(),
        });
        let frame = Bytes::from(format!("event: page\ndata: {data}\n\n"));
        told.insert(locale, (turn, frame.clone()));
        frame
    }

    /// What they are told while nothing changes: the time.
    pub(crate) fn beat(&self, locale: Locale) -> Bytes {
        let now = self.now();
        let stamp = html::stamp(&now.view, &words::labels(locale)).into_string();
        Bytes::from(format!("event: seen\ndata: {}\n\n", json!({ "stamp": stamp })))
    }
}

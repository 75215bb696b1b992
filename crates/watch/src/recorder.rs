//! The one task that writes: states into the history, news into the activity list.
//!
//! Nobody waits for it. While the database is away it keeps the newest state of each subject (so what waits does not
//! grow with time) and the news in their order, and writes them when it is back.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{
    health::HealthState,
    live::{Happening, LiveEvent},
};
use serde_json::json;
use store::StoreError;
use tokio::sync::Notify;

use crate::{happenings, inner::Inner, state::News, subject::Subject};

/// Pause after a write that failed.
const PAUSE: Duration = Duration::from_secs(1);
/// News kept while the database is away; older ones are given up first.
const MOST_NEWS: usize = 10_000;
/// Longest time that a shutdown waits for what is still to be written.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Recorder {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Default)]
struct Waiting {
    states: BTreeMap<Subject, Word>,
    news: VecDeque<News>,
}

/// What is to be written of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    State(HealthState, Option<&'static str>),
    /// Nobody looks at it any more.
    Stop,
}

impl Recorder {
    pub(crate) fn state(&self, subject: Subject, state: HealthState, code: Option<&'static str>) {
        self.lock().states.insert(subject, Word::State(state, code));
        self.wake.notify_one();
    }

    pub(crate) fn stop(&self, subject: Subject) {
        self.lock().states.insert(subject, Word::Stop);
        self.wake.notify_one();
    }

    pub(crate) fn news(&self, news: News) {
        let mut waiting = self.lock();
        if waiting.news.len() >= MOST_NEWS {
            tracing::warn!("the database has been away for so long that old news is given up");
            waiting.news.pop_front();
        }
        waiting.news.push_back(news);
        drop(waiting);
        self.wake.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first_state(&self) -> Option<(Subject, Word)> {
        self.lock().states.first_key_value().map(|(subject, word)| (subject.clone(), word.clone()))
    }

    /// Forgets what was written, unless it changed meanwhile.
    fn wrote_state(&self, subject: &Subject, word: &Word) {
        let mut waiting = self.lock();
        if waiting.states.get(subject) == Some(word) {
            waiting.states.remove(subject);
        }
    }

    fn first_news(&self) -> Option<News> {
        self.lock().news.front().cloned()
    }

    fn wrote_news(&self) {
        self.lock().news.pop_front();
    }
}

/// Writes until cancelled, and then what is still there, for a few seconds at most.
pub(crate) async fn run(inner: &Inner) {
    let stop = &inner.stop;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = inner.recorder.wake.notified() => {}
        }
        while let Err(error) = write_all(inner).await {
            tracing::warn!(code = error.code(), "health cannot be written down now");
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
    if tokio::time::timeout(LAST_WORDS, write_all(inner)).await.is_err() {
        tracing::warn!("the last changes of health were not written down");
    }
}

async fn write_all(inner: &Inner) -> Result<(), StoreError> {
    // News first: people wait for them.
    while let Some(news) = inner.recorder.first_news() {
        let happening = keep(inner, &news).await?;
        inner.recorder.wrote_news();
        inner.tell(&LiveEvent::Happened { event: happening });
    }
    while let Some((subject, word)) = inner.recorder.first_state() {
        inner.break_silence();
        let looker = inner.looker();
        let intervals = inner.store.intervals();
        let result = match &word {
            Word::State(state, code) => {
                let detail = json!({ "code": code });
                intervals.record(&looker, &subject.to_string(), state.as_str(), &detail).await.map(drop)
            }
            Word::Stop => intervals.stop(&looker, Some(&subject.to_string())).await,
        };
        match result {
            // A fault of ours would else stop everything behind it.
            Err(StoreError::Internal(error)) => {
                tracing::error!(%error, %subject, "a state cannot be written down")
            }
            other => other?,
        }
        inner.heard();
        inner.recorder.wrote_state(&subject, &word);
    }
    Ok(())
}

/// Writes news into the activity list.
pub(crate) async fn keep(inner: &Inner, news: &News) -> Result<Happening, StoreError> {
    let entry = inner.store.activity().add(happenings::to_activity(news), None).await?;
    Ok(happenings::from_activity(entry, None))
}

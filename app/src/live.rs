//! One `EventSource` per tab. Whoever shows something that moves listens here; the browser itself resumes by
//! `Last-Event-ID`, and the page says when it is not live.

use leptos::prelude::*;
use model::live::LiveEvent;
#[cfg(any(not(feature = "ssr"), test))]
use model::{
    drift::PairView,
    finding::Finding,
    health::ClusterHealth,
    ids::{ClusterId, DraftId},
    live::{Happening, Seen},
    run::RunView,
};

/// Milliseconds without a beat after which the page no longer calls itself live (beats come every few seconds).
const SILENCE_MS: i64 = 20_000;

/// Where the stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiveState {
    /// Not connected yet.
    Starting,
    /// Events arrive; when the last one did, UTC milliseconds.
    #[cfg_attr(feature = "ssr", expect(dead_code, reason = "only a browser is ever live"))]
    On(i64),
    /// No longer; when the last one arrived, UTC milliseconds.
    Off(i64),
}

type Listener = Callback<LiveEvent>;

/// The stream of this tab; in context since the app began.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    state: RwSignal<LiveState>,
    listeners: StoredValue<Vec<(u64, Listener)>>,
    next: StoredValue<u64>,
}

impl Live {
    /// Puts it into context; where somebody is signed in, the browser connects once the page is alive.
    pub(crate) fn provide(signed_in: bool) -> Self {
        let live = Self {
            state: RwSignal::new(LiveState::Starting),
            listeners: StoredValue::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(live);
        #[cfg(not(feature = "ssr"))]
        if signed_in {
            let owner = Owner::current();
            crate::visit::when_alive(move || {
                if let Some(owner) = owner {
                    owner.with(|| browser::connect(live));
                }
            });
        }
        #[cfg(feature = "ssr")]
        let _ = signed_in;
        live
    }

    /// The stream of this tab.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_else(|| Self::provide(false))
    }

    /// Where it stands now; silence counts as off.
    pub(crate) fn state(self, now_ms: i64) -> LiveState {
        match self.state.get() {
            LiveState::On(at) if now_ms - at > SILENCE_MS => LiveState::Off(at),
            state => state,
        }
    }

    /// The same for work that is no view.
    pub(crate) fn state_untracked(self, now_ms: i64) -> LiveState {
        untrack(|| self.state(now_ms))
    }

    /// Calls `listener` with each event until the calling component is gone.
    pub(crate) fn on(self, listener: impl Fn(LiveEvent) + Send + Sync + 'static) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.listeners.update_value(|all| all.push((id, Callback::new(listener))));
        on_cleanup(move || {
            let _ = self.listeners.try_update_value(|all| all.retain(|(i, _)| *i != id));
        });
    }

    #[cfg(not(feature = "ssr"))]
    fn tell(self, event: &LiveEvent) {
        // A listener may add or remove listeners, so the list is not held while they run.
        for (_, listener) in self.listeners.get_value() {
            listener.run(event.clone());
        }
    }
}

/// Lazy, because all that an event can hold is large and the pages that show it bring most of it with them.
#[cfg(not(feature = "ssr"))]
#[lazy]
fn read_lazily(text: String) -> Option<LiveEvent> {
    read(&text)
}

/// Reads an event kind by kind. The derived reader of a tagged enum would bring every type a second time, read
/// from serde's own buffer instead of from text.
#[cfg(any(not(feature = "ssr"), test))]
fn read(text: &str) -> Option<LiveEvent> {
    fn part<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
        serde_json::from_str(text).ok()
    }
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: String,
    }
    #[derive(serde::Deserialize)]
    struct Cluster {
        cluster: Box<ClusterHealth>,
        cut_off: bool,
    }
    #[derive(serde::Deserialize)]
    struct SeenAt {
        at_ms: i64,
        clusters: Vec<Seen>,
    }
    #[derive(serde::Deserialize)]
    struct Gone {
        id: ClusterId,
    }
    #[derive(serde::Deserialize)]
    struct Found {
        draft: DraftId,
        finding: Box<Finding>,
    }
    #[derive(serde::Deserialize)]
    struct Moved {
        run: Box<RunView>,
    }
    #[derive(serde::Deserialize)]
    struct Compared {
        pair: Box<PairView>,
    }
    #[derive(serde::Deserialize)]
    struct Looked {
        cluster: ClusterId,
        findings: u32,
    }
    #[derive(serde::Deserialize)]
    struct Happened {
        event: Happening,
    }
    let Kind { kind } = part(text)?;
    Some(match kind.as_str() {
        "cluster" => {
            let Cluster { cluster, cut_off } = part(text)?;
            LiveEvent::Cluster { cluster, cut_off }
        }
        "seen" => {
            let SeenAt { at_ms, clusters } = part(text)?;
            LiveEvent::Seen { at_ms, clusters }
        }
        "cluster-gone" => LiveEvent::ClusterGone { id: part::<Gone>(text)?.id },
        "finding" => {
            let Found { draft, finding } = part(text)?;
            LiveEvent::Finding { draft, finding }
        }
        "pair" => LiveEvent::Pair { pair: part::<Compared>(text)?.pair },
        "run" => LiveEvent::Run { run: part::<Moved>(text)?.run },
        "rules" => {
            let Looked { cluster, findings } = part(text)?;
            LiveEvent::Rules { cluster, findings }
        }
        "happened" => LiveEvent::Happened { event: part::<Happened>(text)?.event },
        "pages" => LiveEvent::Pages,
        "reset" => LiveEvent::Reset,
        _ => return None,
    })
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use leptos::prelude::*;
    use model::live::LiveEvent;
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    use super::{Live, LiveState, SILENCE_MS, read_lazily};
    use crate::clock::Clock;

    /// How often the connection is looked after.
    const LOOK: std::time::Duration = std::time::Duration::from_secs(5);

    pub(super) fn connect(live: Live) {
        let clock = Clock::current();
        // Now, while the console that made this page is there: the first event may come after it has gone and returned.
        leptos::task::spawn_local(super::__preload_read_lazily());
        // From what the page shows on: what happened while it came alive arrives as well.
        let first = format!("/live?after={}", crate::visit::Visit::current().live_after);
        let source = StoredValue::new_local(open(&first, live, clock));
        // The browser reconnects by itself after a broken connection, but not after an error status, nor when a
        // connection died without a word.
        let look = move || {
            let now = clock.now.get_untracked();
            let silent = matches!(live.state.get_untracked(), LiveState::On(at) | LiveState::Off(at) if now - at > 2 * SILENCE_MS);
            let closed =
                source.with_value(|s| s.as_ref().is_none_or(|s| s.ready_state() == EventSource::CLOSED));
            if closed || silent {
                source.with_value(|s| s.iter().for_each(EventSource::close));
                source.set_value(open("/live", live, clock));
                live.tell(&LiveEvent::Reset);
            }
        };
        let _ = set_interval_with_handle(look, LOOK);
    }

    fn open(address: &str, live: Live, clock: Clock) -> Option<EventSource> {
        let source = EventSource::new(address).ok()?;
        let on_open =
            Closure::<dyn Fn()>::new(move || live.state.set(LiveState::On(clock.now.get_untracked())));
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        on_open.forget();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            live.state.set(LiveState::On(clock.now.get_untracked()));
            if let Some(text) = message.data().as_string() {
                leptos::task::spawn_local(async move {
                    if let Some(event) = read_lazily(text).await {
                        live.tell(&event);
                    }
                });
            }
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        let on_error = Closure::<dyn Fn()>::new(move || {
            live.state.update(|state| {
                if let LiveState::On(at) = *state {
                    *state = LiveState::Off(at);
                }
            });
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        on_error.forget();
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0193a1b2-0000-7000-8000-00000000abcd";

    fn every_kind() -> Vec<LiveEvent> {
        let say = json!({ "en": "x", "zh": "某" });
        let node = json!({
            "id": ID, "name": "a", "address": "https://a.test", "state": "up", "since_ms": 1, "seen_ms": 2,
            "components": [], "latency_ms": 3, "usual_ms": null, "version": null, "cert_not_after_ms": null,
            "clock_offset_ms": null, "replication_queue": null, "schedules": null, "canary_ms": null
        });
        let cluster = json!({
            "id": ID, "name": "P", "topology": "dual-master", "state": "up", "sentence": say, "nodes": [node],
            "links": [{ "source": "a", "destination": "b", "state": "up", "label": null }], "entry": null
        });
        let finding = json!({
            "id": "x", "subject": { "about": "node", "node": "a" }, "state": "ok", "title": say, "at_ms": 1,
            "took_ms": 1, "cure": { "text": say, "action": { "do": "edit-entry" } }
        });
        let step = json!({ "key": "k", "node": "a", "title": say, "state": "done", "took_ms": 1 });
        let run = json!({
            "id": ID, "revision": 1, "kind": "adopt", "cluster": "P", "state": "running", "by": "x", "started_ms": 1,
            "ended_ms": null, "steps": [step]
        });
        let total = json!({ "kind": "new", "heals": true, "count": 3, "bytes": 9 });
        let pair = json!({
            "id": ID, "version": 1, "cluster": ID, "cluster_name": "P", "a": "a", "b": "b", "direction": "both",
            "read_ms": 1, "compared": 5, "equal": 2, "changes": 1, "policy": "propose", "totals": [total], "comparing": { "done": 1, "of": 2 }
        });
        let event = json!({ "id": 1, "at_ms": 1, "state": "up", "text": say, "by": "", "code": "c" });
        [
            json!({ "kind": "cluster", "cluster": cluster, "cut_off": false }),
            json!({ "kind": "seen", "at_ms": 1, "clusters": [{ "id": ID, "nodes": [[1, 2]] }] }),
            json!({ "kind": "cluster-gone", "id": ID }),
            json!({ "kind": "finding", "draft": ID, "finding": finding }),
            json!({ "kind": "run", "run": run }),
            json!({ "kind": "pair", "pair": pair }),
            json!({ "kind": "rules", "cluster": ID, "findings": 2 }),
            json!({ "kind": "happened", "event": event }),
            json!({ "kind": "pages" }),
            json!({ "kind": "reset" }),
        ]
        .into_iter()
        .map(|value| serde_json::from_value(value).unwrap())
        .collect()
    }

    #[test]
    fn read_knows_every_kind_as_the_derived_reader_does() {
        for event in every_kind() {
            // A kind that is added must be added to the list above and to `read`.
            match event {
                LiveEvent::Cluster { .. }
                | LiveEvent::Seen { .. }
                | LiveEvent::ClusterGone { .. }
                | LiveEvent::Finding { .. }
                | LiveEvent::Run { .. }
                | LiveEvent::Pair { .. }
                | LiveEvent::Rules { .. }
                | LiveEvent::Happened { .. }
                | LiveEvent::Pages
                | LiveEvent::Reset => {}
            }
            assert_eq!(read(&serde_json::to_string(&event).unwrap()).as_ref(), Some(&event));
        }
    }
}

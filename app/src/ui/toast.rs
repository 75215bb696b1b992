//! Short messages after something was done; a screen reader hears them without losing its place.

use std::time::Duration;

use leptos::prelude::*;

/// How long a message stays.
const STAY: Duration = Duration::from_secs(6);

/// The messages of a page; in context since the app began.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<(u32, String)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Puts an empty list into context.
    pub(crate) fn provide() -> Self {
        let toasts = Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Those of this page.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Shows a message for a few seconds.
    pub(crate) fn say(self, text: impl Into<String>) {
        let text = text.into();
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|all| all.push((id, text)));
        set_timeout(move || self.shown.update(|all| all.retain(|(i, _)| *i != id)), STAY);
    }
}

/// Where the messages stand.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::current();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(id, _)| *id let((_, text))>
                <p class="toast-line">{text}</p>
            </For>
        </div>
    }
}

//! What a press of a button does on the server: whether it is at work, and why it failed.

use std::pin::Pin;

use leptos::prelude::*;

use super::parts::refusal;
use crate::api::{Answer, ApiError};

/// What follows from an answer.
type Then = Box<dyn FnOnce()>;

/// One thing that can be done in a page; while it is at work a second press does nothing.
#[derive(Clone, Copy)]
pub(crate) struct Deed {
    busy: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
}

impl Deed {
    /// Not begun.
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Does it, and `then` what follows from the answer.
    pub(crate) fn run<T: 'static>(
        self,
        work: impl Future<Output = Answer<T>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.start(Box::pin(
            async move { work.await.map(|value| -> Then { Box::new(move || then(value)) }) },
        ));
    }

    /// The same for all, so that the browser carries it once.
    fn start(self, work: Pin<Box<dyn Future<Output = Answer<Then>>>>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        leptos::task::spawn_local(async move {
            let answer = work.await;
            // The page may be gone by now.
            self.busy.try_set(false);
            match answer {
                Ok(then) => then(),
                Err(error) => drop(self.error.try_set(Some(error))),
            }
        });
    }

    /// Holds a field at what is chosen. Somebody else may choose meanwhile; what the server refused is not left standing.
    pub(crate) fn holds<T: Send + Sync + 'static>(
        self,
        field: RwSignal<T>,
        chosen: impl Fn() -> T + Copy + Send + Sync + 'static,
    ) {
        Effect::new(move |_| field.set(chosen()));
        Effect::new(move |_| {
            if self.error.with(Option::is_some) {
                field.set(untrack(chosen));
            }
        });
    }

    /// Whether it is at work.
    pub(crate) fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Why it failed last.
    pub(crate) fn error(self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// What is wrong with the form field of that name.
    pub(crate) fn error_at(self, field: &'static str) -> Signal<Option<String>> {
        let locale = crate::visit::locale();
        Signal::derive(move || {
            self.error.with(|e| {
                let error = &e.as_ref().filter(|e| e.0.field.as_deref() == Some(field))?.0;
                Some(format!("{} {}", error.cause.pick(locale), error.next.pick(locale)))
            })
        })
    }

    /// Forgets why it failed last.
    pub(crate) fn forget(self) {
        self.error.set(None);
    }

    /// Says beforehand what the server would refuse.
    pub(crate) fn refuse(self, error: impl Into<ApiError>) {
        self.error.set(Some(error.into()));
    }

    /// The error where it belongs to no field in `fields`.
    pub(crate) fn trouble(self, fields: &'static [&'static str]) -> impl IntoView {
        move || {
            let error = self.error.get()?;
            let shown = error.0.field.as_deref().is_some_and(|f| fields.contains(&f));
            (!shown).then(|| refusal(&error))
        }
    }
}

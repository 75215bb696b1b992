//! Where an error of a form is shown: at the field it belongs to, else beside the button.

use leptos::prelude::*;

use crate::{api::ApiError, pages::parts::refusal, visit::locale};

/// The last error of a form, sorted to its fields.
#[derive(Clone, Copy)]
pub(crate) struct Faults {
    error: Signal<Option<ApiError>>,
    /// Field names, each with a code that can only mean this field (empty for none).
    fields: &'static [(&'static str, &'static str)],
}

impl Faults {
    /// Sorts what `error` holds to `fields`: names as in the error, each with a code that says so without naming it.
    pub(crate) fn new(
        error: impl Fn() -> Option<ApiError> + Send + Sync + 'static,
        fields: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { error: Signal::derive(error), fields }
    }

    fn place(self, error: &ApiError) -> Option<&'static str> {
        let (named, code) = (error.0.field.as_deref(), error.0.code.as_str());
        self.fields
            .iter()
            .find(|(field, means)| named == Some(*field) || code == *means)
            .map(|(field, _)| *field)
    }

    /// What is wrong with one field, and what to do.
    pub(crate) fn at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let error = self.error.get().filter(|e| self.place(e) == Some(field))?;
            let (cause, next) = (error.0.cause.pick(locale()), error.0.next.pick(locale()));
            Some(format!("{cause} {next}"))
        })
    }

    /// Shows what belongs to no field.
    pub(crate) fn elsewhere(self) -> impl IntoView {
        move || self.error.get().filter(|e| self.place(e).is_none()).map(|e| refusal(&e))
    }
}

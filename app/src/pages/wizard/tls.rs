//! How a certificate is judged: a choice, and what each choice needs.

use leptos::prelude::*;

use crate::{
    forms::draft::TlsForm,
    text::nodes::NodesText,
    ui::{AreaField, Choice, Described, Mark, Note, SelectField, TextField},
};

/// The fields of a certificate choice.
#[component]
pub(crate) fn TlsFields(
    /// Begins the ids of its fields.
    id: String,
    /// What is chosen.
    tls: TlsForm,
) -> impl IntoView {
    let text = NodesText::current();
    let choices = vec![
        Choice::new("system", text.tls_system()),
        Choice::new("custom-ca", text.tls_custom()),
        Choice::new("pinned", text.tls_pinned()),
        Choice::new("off", text.tls_off()),
    ];
    let (pem_id, sha_id) = (format!("{id}-pem"), format!("{id}-sha256"));
    let more = move || {
        match tls.mode.get().as_str() {
        "custom-ca" => view! {
            <AreaField
                described=Described::new(pem_id.clone(), text.tls_pem())
                value=tls.pem
                rows=4
                code=true
                placeholder="-----BEGIN CERTIFICATE-----"
            />
        }
        .into_any(),
        "pinned" => view! {
            <TextField described=Described::new(sha_id.clone(), text.tls_fingerprint()) value=tls.sha256 code=true />
        }
        .into_any(),
        "off" => view! { <Note mark=Mark::Warn>{text.tls_off_warning()}</Note> }.into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <SelectField described=Described::new(format!("{id}-tls"), text.tls()) value=tls.mode choices=choices />
        {more}
    }
}

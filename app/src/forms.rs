//! One file per form: the shape of the screen, turned into what a server function takes when it is sent.

pub(crate) mod add_person;
pub(crate) mod claim;
pub(crate) mod create_token;
pub(crate) mod cron;
pub(crate) mod draft;
pub(crate) mod give_account;
pub(crate) mod password;
pub(crate) mod remove_cluster;
pub(crate) mod rename_endpoint;
pub(crate) mod replace_credential;
pub(crate) mod reset_code;
pub(crate) mod rules;
pub(crate) mod scope;
pub(crate) mod share_link;
pub(crate) mod sign_in;
pub(crate) mod status_page;

mod faults;
mod new_password;

pub(crate) use faults::Faults;
pub(crate) use new_password::NewPasswordField;

use leptos::{
    ev::SubmitEvent,
    html::Form,
    prelude::{GetUntracked, NodeRef},
};

/// What stands in a field of a form that is being sent.
pub(crate) fn typed(event: &SubmitEvent, name: &str) -> String {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok())
            .and_then(|form| web_sys::FormData::new_with_form(&form).ok())
            .and_then(|data| data.get(name).as_string())
            .unwrap_or_default()
    }
    #[cfg(feature = "ssr")]
    {
        let _ = (event, name);
        String::new()
    }
}

/// Puts back into the fields of a form what stood in them at first.
pub(crate) fn empty(form: NodeRef<Form>) {
    if let Some(form) = form.get_untracked() {
        form.reset();
    }
}

/// Goes to a page and loads it whole: who looks, or in which language, has changed.
pub(crate) fn load_anew(path: &str) {
    #[cfg(not(feature = "ssr"))]
    {
        let _ = leptos::prelude::window().location().set_href(path);
    }
    #[cfg(feature = "ssr")]
    if leptos::prelude::use_context::<http::request::Parts>().is_some() {
        leptos_axum::redirect(path);
    }
}

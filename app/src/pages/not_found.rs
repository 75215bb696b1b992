//! What stands at an address without a page.

use leptos::prelude::*;

use super::{frame::Page, parts::problem};
use crate::{api::ApiError, text::common::CommonText};

/// Says that there is nothing here, with a way out and the right status.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    let text = CommonText::current();
    view! { <Page crumbs=vec![(text.not_found_title().to_owned(), None)]>{problem(&ApiError::not_found())}</Page> }
}

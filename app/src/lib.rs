//! Everything a browser shows: pages, forms, texts, and the server functions behind them.
//!
//! The same crate renders on the server (feature `ssr`) and takes over in the browser (feature `hydrate`).
//! Only `model` is shared with the services; no type that holds a secret is reachable from the browser's build.
#![recursion_limit = "256"]
#![expect(unreachable_pub, reason = "the component macro makes public items also of private components")]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a view owns what it shows; its caller has no use for it afterwards"
)]

pub mod api;
mod app;
mod clock;
mod forms;
mod leaving;
mod live;
mod pages;
pub mod routes;
#[cfg(feature = "ssr")]
mod shell;
mod text;
mod ui;
mod visit;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::{refused, shell};
pub use visit::{Person, Theme, Visit};

/// Takes over the page that the server rendered. `data-hydrated` is set last: it says that clicks are heard.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let Some(body) = leptos::prelude::document().body() else { return };
    pages::fetch_parts().await;
    leptos::mount::hydrate_from_async(body, App).await.forget();
    visit::mark_hydrated();
}

//! The root: what every page finds in context, and the router.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::Router;

use crate::{clock::Clock, live::Live, routes::Pages, ui::Toasts, visit::Visit};

/// The whole app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "ssr")]
    let visit = use_context::<Visit>().unwrap_or_else(Visit::of_request);
    #[cfg(not(feature = "ssr"))]
    let visit = Visit::of_page();
    Clock::provide(visit.now_ms, visit.zone_minutes);
    Toasts::provide();
    let signed_in = visit.person.is_some();
    provide_context(visit);
    Live::provide(signed_in);
    view! {
        <Router>
            <Pages />
        </Router>
    }
}

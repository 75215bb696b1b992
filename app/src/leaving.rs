//! What a page still does when it goes: the browser waits for nothing then, but sends a beacon to its end.

/// Calls `last` when the browser leaves the page, and when the calling component goes. Only inside an effect.
#[cfg(not(feature = "ssr"))]
pub(crate) fn on_leave(last: impl Fn() + Clone + Send + Sync + 'static) {
    let gone = last.clone();
    let heard = leptos::prelude::window_event_listener_untyped("pagehide", move |_| last());
    leptos::prelude::on_cleanup(move || {
        heard.remove();
        gone();
    });
}

/// Calls a server function without hearing its answer.
#[cfg(not(feature = "ssr"))]
pub(crate) fn send_off<F: leptos::server_fn::ServerFn + serde::Serialize>(arguments: &F) {
    use leptos::server_fn::ContentType;

    let Ok(body) = serde_json::to_string(arguments) else { return };
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(crate::api::body::JsonText::CONTENT_TYPE);
    let parts = js_sys::Array::of1(&body.into());
    if let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind) {
        let sent = leptos::prelude::window().navigator().send_beacon_with_opt_blob(F::PATH, Some(&blob));
        if sent != Ok(true) {
            leptos::logging::warn!("the browser does not send {}", F::PATH);
        }
    }
}

#[cfg(feature = "ssr")]
pub(crate) fn on_leave(_: impl Fn() + Clone + Send + Sync + 'static) {}

#[cfg(feature = "ssr")]
pub(crate) fn send_off<F>(_: &F) {}

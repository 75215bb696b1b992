//! The page around the app. No script or style of ours stands in it, but what Leptos needs to start, with a nonce.

use leptos::{config::LeptosOptions, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};
use model::AppError;

use crate::{App, pages::frame::logo, visit::Visit};

/// The document. Language and theme stand on `<html>` from the first byte, so nothing flashes or jumps.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let visit = Visit::of_request();
    provide_context(visit.clone());
    let Visit { locale, theme, zone_minutes, now_ms, live_after, person } = visit;
    let live_after = person.is_some().then_some(live_after);
    let (name, role) = person.map(|p| (p.name, p.role.as_str())).unzip();
    view! {
        <!DOCTYPE html>
        <html
            lang=locale.tag()
            data-theme=theme.attribute()
            data-zone=zone_minutes
            data-now=now_ms
            data-live=live_after
            data-person=name
            data-role=role
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// A page in place of one that could not be made, in the language and theme of whoever asked. It needs neither the
/// database nor a script.
pub fn refused(options: LeptosOptions, asker: http::request::Parts, error: &AppError) -> String {
    Owner::new().with(|| {
        provide_context(asker);
        let Visit { locale, theme, .. } = Visit::of_request();
        view! {
            <!DOCTYPE html>
            <html lang=locale.tag() data-theme=theme.attribute()>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <title>"Breakwater"</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    <HashedStylesheet options />
                </head>
                <body>
                    <div class="lone">
                        <header class="flex items-center gap-2.5 font-semibold">{logo()} "Breakwater"</header>
                        <main class="grid gap-3">
                            <h1 class="page-title">{error.cause.pick(locale).to_owned()}</h1>
                            <p>{error.next.pick(locale).to_owned()}</p>
                            <p class="quiet small">{error.code.to_string()}</p>
                        </main>
                    </div>
                </body>
            </html>
        }
        .to_html()
    })
}

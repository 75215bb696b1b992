//! What stands where a page is not shown. It is the same for a wrong password, a link that has ended and one that never
//! was: it tells nothing of what is behind it.

use maud::html;
use model::{Locale, page::PageTheme};

use super::document;
use crate::words;

/// Why nothing is shown, as far as a reader may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A link: it may ask for a password.
    Link,
    /// A password did not open it.
    NotOpened,
    /// Too many were tried; a sentence says how long to wait.
    Slowed(String),
    /// An address at which there is no page for this reader.
    NoPage,
}

/// The page that says so, in a language.
pub fn door(refused: &Refused, locale: Locale) -> String {
    let labels = words::labels(locale);
    let (title, text) = match refused {
        Refused::NoPage => (labels.no_page, labels.no_page_text),
        _ => (labels.door, labels.door_text),
    };
    let error = match refused {
        Refused::NotOpened => Some(labels.not_opened),
        Refused::Slowed(text) => Some(text.as_str()),
        Refused::Link | Refused::NoPage => None,
    };
    let head = html! {
        title { (title) }
        meta name="robots" content="noindex";
    };
    let body = html! {
        main.door {
            img.logo src="/favicon.svg" alt="" width="28" height="28";
            h1 { (title) }
            p { (text) }
            @if *refused != Refused::NoPage {
                form method="post" action="" {
                    label for="password" { (labels.password) }
                    input #password type="password" name="password" required autocomplete="current-password"
                        aria-describedby=[error.map(|_| "refused")] aria-invalid=[error.map(|_| "true")];
                    button { (labels.open) }
                    @if let Some(error) = error {
                        p #refused role="alert" { (error) }
                    }
                }
            }
        }
    };
    document(locale, PageTheme::Device, &head, &body)
}

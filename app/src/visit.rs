//! Who looks, in which language and theme: decided once per page on the server, read back from `<html>` by the
//! browser, so that both render the same.

use leptos::prelude::*;
use model::{Locale, people::Role};

/// The look of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Light.
    Day,
    /// Dark.
    Night,
}

impl Theme {
    /// All, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Day, Self::Night];

    /// The word in the cookie and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Day => "day",
            Self::Night => "night",
        }
    }

    /// Reads the word; anything else follows the device.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|t| t.as_str() == word).unwrap_or_default()
    }

    /// The value of `data-theme`; none lets the style sheet follow the device.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::Auto).then(|| self.as_str())
    }
}

/// The signed-in person as the pages need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

/// What is known about a visit before any page is rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The language.
    pub locale: Locale,
    /// The theme.
    pub theme: Theme,
    /// Minutes east of UTC, from the browser's last visit; 0 before the first.
    pub zone_minutes: i32,
    /// The server's time when the page was made, UTC milliseconds.
    pub now_ms: i64,
    /// The newest live event when the page was made; the browser listens from there on, so that what happens while
    /// the page comes alive is not missed. 0 where nobody is signed in.
    pub live_after: u64,
    /// Who is signed in.
    pub person: Option<Person>,
}

/// Name of the cookie that keeps the language.
#[cfg(feature = "ssr")]
pub(crate) const LOCALE_COOKIE: &str = "locale";
/// Name of the cookie that keeps the theme.
#[cfg(feature = "ssr")]
pub(crate) const THEME_COOKIE: &str = "theme";
/// Name of the cookie in which the browser tells its offset from UTC in minutes.
pub(crate) const ZONE_COOKIE: &str = "zone";

impl Visit {
    /// The visit of this page; in context since the app began.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_default()
    }

    /// Whether the signed-in person may do what asks for `role`.
    pub(crate) fn may(&self, role: Role) -> bool {
        self.person.as_ref().is_some_and(|p| p.role.may(role))
    }
}

/// The language of this page.
pub(crate) fn locale() -> Locale {
    use_context::<Visit>().map(|v| v.locale).unwrap_or_default()
}

#[cfg(feature = "ssr")]
impl Visit {
    /// Reads the cookies and `Accept-Language` of the request in context; who is signed in is what the server
    /// put into context as `Option<Person>`.
    pub(crate) fn of_request() -> Self {
        let now_ms = crate::clock::system_ms();
        let Some(parts) = use_context::<http::request::Parts>() else {
            return Self { now_ms, ..Self::default() };
        };
        let header = |name| parts.headers.get(name).and_then(|v: &http::HeaderValue| v.to_str().ok());
        let accepted =
            || Locale::from_accept_language(header(http::header::ACCEPT_LANGUAGE).unwrap_or_default());
        Self {
            locale: cookie(&parts, LOCALE_COOKIE).and_then(Locale::from_tag).unwrap_or_else(accepted),
            theme: cookie(&parts, THEME_COOKIE).map(Theme::parse).unwrap_or_default(),
            zone_minutes: cookie(&parts, ZONE_COOKIE)
                .and_then(|m| m.parse().ok())
                .filter(|m| (-14 * 60..=14 * 60).contains(m))
                .unwrap_or_default(),
            now_ms,
            live_after: use_context::<crate::api::Services>().map(|s| s.watch.live_id()).unwrap_or_default(),
            person: crate::api::person(),
        }
    }
}

/// One cookie of a request.
#[cfg(feature = "ssr")]
pub(crate) fn cookie<'a>(parts: &'a http::request::Parts, name: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(not(feature = "ssr"))]
pub(crate) use browser::*;

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::cell::RefCell;

    use super::{Person, Theme, Visit, ZONE_COOKIE};
    use leptos::prelude::document;
    use model::{Locale, people::Role};

    impl Visit {
        /// Reads what the server wrote on `<html>`.
        pub(crate) fn of_page() -> Self {
            let read = |name: &str| document().document_element().and_then(|e| e.get_attribute(name));
            let number = |name: &str| read(name).and_then(|v| v.parse::<i64>().ok()).unwrap_or_default();
            Self {
                locale: read("lang").and_then(|l| Locale::from_tag(&l)).unwrap_or_default(),
                theme: read("data-theme").map(|t| Theme::parse(&t)).unwrap_or_default(),
                zone_minutes: number("data-zone") as i32,
                now_ms: number("data-now"),
                live_after: u64::try_from(number("data-live")).unwrap_or_default(),
                person: read("data-person").map(|name| Person {
                    name,
                    role: read("data-role").and_then(|r| Role::parse(&r)).unwrap_or(Role::Viewer),
                }),
            }
        }
    }

    /// Something to do later.
    type Work = Box<dyn FnOnce()>;

    thread_local! {
        /// What waits for the page to be alive; `None` once it is.
        static WAITING: RefCell<Option<Vec<Work>>> = RefCell::new(Some(Vec::new()));
    }

    /// Does something once the page is alive: what changes a signal earlier may disturb the taking over, since a
    /// lazy route is awaited in the middle of it.
    pub(crate) fn when_alive(work: impl FnOnce() + 'static) {
        let now = WAITING.with_borrow_mut(|waiting| match waiting {
            Some(waiting) => {
                waiting.push(Box::new(work));
                None
            }
            None => Some(work),
        });
        if let Some(work) = now {
            work();
        }
    }

    /// Says on `<html>` that the page is alive.
    pub(crate) fn mark_hydrated() {
        for work in WAITING.take().unwrap_or_default() {
            work();
        }
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "");
        }
    }

    /// Keeps the browser's offset from UTC for the next page that the server renders.
    pub(crate) fn keep_zone(minutes: i32) {
        use wasm_bindgen::JsCast;
        if let Ok(html) = document().dyn_into::<web_sys::HtmlDocument>() {
            let _ = html.set_cookie(&format!("{ZONE_COOKIE}={minutes};path=/;max-age=31536000;samesite=lax"));
        }
    }
}

/// Whether the page is alive: what the server drew without may be shown from then on. Never on the server.
pub(crate) fn alive() -> RwSignal<bool> {
    let alive = RwSignal::new(false);
    #[cfg(not(feature = "ssr"))]
    when_alive(move || {
        // Whoever asked may be gone by then.
        let _ = alive.try_set(true);
    });
    alive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theme_reads_back_and_auto_leaves_the_attribute_out() {
        for theme in Theme::ALL {
            assert_eq!(Theme::parse(theme.as_str()), theme);
        }
        assert_eq!(Theme::parse("<script>"), Theme::Auto);
        assert_eq!((Theme::Auto.attribute(), Theme::Night.attribute()), (None, Some("night")));
    }
}

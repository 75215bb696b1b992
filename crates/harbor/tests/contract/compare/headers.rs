//! The headers that mean something.

use serde_json::Value;

use super::{Answer, Comparison};
use crate::{mapping::collection, recording::Response};

impl Comparison<'_> {
    pub(super) fn headers(&mut self, recorded: &Response, now: &Answer, foreign: bool) {
        // A few answers were recorded by another way that kept no headers at all.
        if recorded.headers.is_empty() {
            return;
        }
        for name in ["content-type", "www-authenticate", "docker-distribution-api-version", "range"] {
            let (was, is) = (recorded.header(name), now.header(name));
            // The recorder kept no empty challenge apart from none.
            if was.unwrap_or_default() != is.unwrap_or_default() {
                self.differ(name, was.unwrap_or("-"), is.unwrap_or("-"));
            }
        }
        for name in ["x-total-count", "link"] {
            let (was, is) = (recorded.header(name), now.header(name));
            // Rows of other experiments count too, so neither number nor next page can be the same.
            let was = was.map(|w| self.link(w));
            let same =
                if foreign { was.is_some() == is.is_some() || name == "link" } else { was.as_deref() == is };
            if !same {
                self.differ(name, was.as_deref().unwrap_or("-"), is.unwrap_or("-"));
            }
        }
        for name in ["x-request-id", "x-harbor-csrf-token", "content-length"] {
            let is = now.header(name).is_some();
            let was = recorded.headers.contains_key(name);
            if was && !is || name == "x-harbor-csrf-token" && was != is {
                self.differ(name, was, is);
            }
        }
        let cookies = |values: Vec<&str>| {
            let mut names: Vec<_> =
                values.iter().filter_map(|v| v.split('=').next()).map(str::to_owned).collect();
            names.sort();
            names.dedup();
            names.join(" ")
        };
        let was = recorded
            .headers
            .get("set-cookie")
            .and_then(Value::as_array)
            .map(|l| l.iter().filter_map(Value::as_str).collect());
        let (was, is) = (cookies(was.unwrap_or_default()), cookies(now.all("set-cookie").collect()));
        if was != is {
            self.differ("set-cookie", was, is);
        }
        if let Some(was) = recorded.header("location") {
            self.location(was, now.header("location").unwrap_or("-"));
        } else if let Some(is) = now.header("location") {
            self.differ("location", "-", is);
        }
        if let Some(was) = recorded.header("docker-content-digest") {
            self.string("docker-content-digest", was, now.header("docker-content-digest").unwrap_or("-"));
        }
    }

    /// The paths between the angles of a `Link`, as they are now.
    fn link(&self, text: &str) -> String {
        let parts = text.split_inclusive(['<', '>']);
        parts.map(|p| if p.starts_with('/') { self.mapping.path(p) } else { p.to_owned() }).collect()
    }

    fn location(&mut self, was: &str, is: &str) {
        let was_parts: Vec<_> = was.split('/').collect();
        let is_parts: Vec<_> = is.split('/').collect();
        if was_parts.len() != is_parts.len() {
            return self.differ("location", was, is);
        }
        let kind = collection(was);
        for (w, i) in was_parts.iter().zip(&is_parts) {
            match (w.parse::<i64>(), i.parse::<i64>()) {
                (Ok(w), Ok(i)) => {
                    if !self.mapping.bind(kind, w, i) {
                        self.differ("location", was, is);
                    }
                }
                _ if w.contains("_state=") && i.contains("_state=") => {}
                _ => self.string("location", w, i),
            }
        }
    }
}

//! Whether an answer is what was recorded: status, headers, shape, and values that are no clocks, ids or sizes.

mod crowd;
mod headers;
mod text;

use serde_json::{Map, Value};

use crate::{
    mapping::{Mapping, collection, digests, inner, kind_of},
    recording::{Exchange, Response},
};
use text::{plain, time_shape, without_uuids};

/// An answer of the simulator.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Lists that also held rows of other experiments on the recorded Harbors.
const CROWDED: [&str; 10] = [
    "/api/v2.0/registries",
    "/api/v2.0/replication/policies",
    "/api/v2.0/replication/executions",
    "/api/v2.0/projects",
    "/api/v2.0/repositories",
    "/api/v2.0/quotas",
    "/api/v2.0/auditlog-exts",
    "/api/v2.0/audit-logs",
    "/api/v2.0/schedules",
    "/api/v2.0/robots",
];

/// Values that depend on bytes, processes and time.
const LOOSE: [&str; 11] = [
    "size",
    "pid",
    "latency",
    "expires_at",
    "exp",
    "iat",
    "nbf",
    "jti",
    "total_storage_consumption",
    "pull_count",
    "icon",
];

pub(crate) struct Comparison<'a> {
    pub(crate) mapping: &'a mut Mapping,
    pub(crate) differences: Vec<String>,
    path: String,
    crowded: bool,
    paged: bool,
    /// `page_size`, or Harbor's own.
    size: usize,
    /// The recorded `X-Total-Count`.
    total: Option<usize>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(mapping: &'a mut Mapping, exchange: &Exchange) -> Self {
        let (path, query) = exchange.request.path.split_once('?').unwrap_or((&exchange.request.path, ""));
        let later = query
            .split('&')
            .any(|p| p.starts_with("page=") && p != "page=1" && p != "page=0" && p != "page=-1");
        Self {
            mapping,
            differences: Vec::new(),
            path: path.to_owned(),
            crowded: CROWDED.contains(&path) || path.ends_with("/workers"),
            size: query.split('&').find_map(|p| p.strip_prefix("page_size=")?.parse().ok()).unwrap_or(10),
            total: exchange.response.header("x-total-count").and_then(|t| t.parse().ok()),
            paged: later || query.contains("sort="),
        }
    }

    fn differ(&mut self, at: &str, recorded: impl std::fmt::Display, now: impl std::fmt::Display) {
        let cut = |text: String| text.chars().take(160).collect::<String>();
        self.differences.push(format!(
            "{at}: recorded {}, now {}",
            cut(recorded.to_string()),
            cut(now.to_string())
        ));
    }

    /// The whole answer.
    pub(crate) fn answer(&mut self, recorded: &Response, now: &Answer) {
        if recorded.status != now.status {
            let body = String::from_utf8_lossy(&now.body).into_owned();
            self.differ("status", recorded.status, format!("{} {body}", now.status));
            return;
        }
        let foreign = self.body(&recorded.body, now);
        self.headers(recorded, now, foreign);
    }

    /// Compares bodies; true if the recorded list holds rows of other experiments.
    fn body(&mut self, recorded: &Value, now: &Answer) -> bool {
        match recorded {
            Value::String(text) if text.starts_with("<an HTML page") => {
                let is = String::from_utf8_lossy(&now.body).to_lowercase();
                if !is.contains("<html") && !is.contains("<!doctype") {
                    self.differ("body", "an HTML page", is);
                }
                false
            }
            Value::String(text) if self.path.ends_with("/log") && !text.is_empty() => {
                self.log(text, &String::from_utf8_lossy(&now.body));
                false
            }
            Value::Null => false,
            Value::String(text) => {
                let is = String::from_utf8_lossy(&now.body).into_owned();
                self.string("body", text, &is);
                false
            }
            _ => match now.json() {
                None => {
                    self.differ("body", recorded, String::from_utf8_lossy(&now.body));
                    false
                }
                Some(is) => {
                    let top = collection(&self.path.clone());
                    if let (Value::Array(was), Value::Array(is), true) = (recorded, &is, self.crowded) {
                        return self.crowded_list(was, is, top);
                    }
                    self.value("", "", top, recorded, &is);
                    false
                }
            },
        }
    }

    /// A task's log: lines of time, level and place. Their wording is nobody's contract.
    fn log(&mut self, was: &str, is: &str) {
        let level = |line: &str| line.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        let first = |text: &str| text.lines().next().map(level).unwrap_or_default();
        if first(was) != first(is) {
            self.differ("log", was.lines().next().unwrap_or_default(), is.lines().next().unwrap_or_default());
        }
        if was.contains("[ERROR]") != is.contains("[ERROR]") && !was.contains("more characters)") {
            self.differ("log", "errors in it", was.contains("[ERROR]"));
        }
    }

    fn value(&mut self, at: &str, key: &str, top: &str, was: &Value, is: &Value) {
        match (was, is) {
            (Value::Object(was), Value::Object(is)) => self.object(at, inner(key).unwrap_or(top), was, is),
            (Value::Array(was), Value::Array(is)) => self.array(at, key, top, was, is),
            (Value::Number(w), Value::Number(i)) => self.number(at, key, top, w.as_f64(), i.as_f64()),
            (Value::String(was), Value::String(is)) => self.keyed_string(at, key, was, is),
            (was, is) if was == is => {}
            (was, is) => self.differ(at, was, is),
        }
    }

    fn object(&mut self, at: &str, top: &str, was: &Map<String, Value>, is: &Map<String, Value>) {
        let elided = was.keys().any(|k| k.starts_with('…'));
        for (key, w) in was {
            match is.get(key) {
                Some(i) => self.value(&format!("{at}.{key}"), key, top, w, i),
                None if key.starts_with('…') => {}
                None => self.differ(&format!("{at}.{key}"), w, "no such field"),
            }
        }
        for (key, i) in is.iter().filter(|(key, _)| !was.contains_key(*key) && !elided) {
            self.differ(&format!("{at}.{key}"), "no such field", i);
        }
    }

    fn array(&mut self, at: &str, key: &str, top: &str, was: &[Value], is: &[Value]) {
        let shown = was.iter().take_while(|v| !v.as_str().is_some_and(|s| s.starts_with('…'))).count();
        // The recorder kept only the first rows of some lists; all of the page must be there now.
        let page = self.total.filter(|_| at.is_empty() && !self.paged).map(|total| total.min(self.size));
        let kept_whole = shown == was.len() && page.is_none_or(|page| page <= shown || page != is.len());
        if kept_whole && was.len() != is.len() || is.len() < shown {
            return self.differ(
                &format!("{at}[]"),
                format!("{} rows", was.len()),
                format!("{} rows", is.len()),
            );
        }
        // A robot's rights come out of a Go map, in another order each time.
        let unordered = top == "robots" && matches!(key, "permissions" | "access") && shown == was.len();
        let sorted = |list: &[Value]| {
            let mut list: Vec<Value> =
                list.iter().take(if unordered { list.len() } else { shown }).cloned().collect();
            if unordered {
                list.sort_by_key(|v| {
                    v["kind"].to_string() + &v["resource"].to_string() + &v["action"].to_string()
                });
            }
            list
        };
        for (i, (w, n)) in sorted(was).iter().zip(&sorted(is)).enumerate() {
            self.value(&format!("{at}[{i}]"), key, top, w, n);
        }
    }

    fn number(&mut self, at: &str, key: &str, top: &str, was: Option<f64>, is: Option<f64>) {
        let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
        if LOOSE.contains(&key) || at.ends_with("used.storage") {
            if (was > 0.0) != (is > 0.0) {
                self.differ(at, was, is);
            }
            return;
        }
        if self.path.ends_with("/statistics") || self.path.ends_with("/volumes") {
            return;
        }
        match kind_of(key, top) {
            Some(kind) if !self.mapping.bind(&kind, was as i64, is as i64) => {
                self.differ(&format!("{at} (id of {kind})"), was, is);
            }
            None if (was - is).abs() > f64::EPSILON => self.differ(at, was, is),
            _ => {}
        }
    }

    fn keyed_string(&mut self, at: &str, key: &str, was: &str, is: &str) {
        match key {
            _ if LOOSE.contains(&key) => {}
            "job_id" | "pool_id" | "worker_pool_id" => {
                if was.is_empty() != is.is_empty() || !was.is_empty() && !self.mapping.bind_mark(was, is) {
                    self.differ(at, was, is);
                }
            }
            "id" => drop(self.mapping.bind_mark(was, is)),
            // The build after the numbers is the recorded rig's own.
            "harbor_version" => {
                let numbers = |v: &str| v.split('-').next().unwrap_or_default().to_owned();
                if numbers(was) != numbers(is) {
                    self.differ(at, was, is);
                }
            }
            "message" | "status_text" | "operation_description" | "error" => {
                self.string(at, &plain(was), &plain(is))
            }
            _ => self.string(at, was, is),
        }
    }

    /// Two texts that may hold times, digests, ids of uploads and markers of the recorder.
    fn string(&mut self, at: &str, was: &str, is: &str) {
        if was == is
            || matches!(was, "<jwt>" | "<secret>" | "<csrf>" | "<present>" | "<value>") && !is.is_empty()
        {
            return;
        }
        if let (Some(w), Some(i)) = (time_shape(was), time_shape(is)) {
            if w != i {
                self.differ(at, was, is);
            }
            return;
        }
        let (found, now) = (digests(was), digests(is));
        let mut was = was.to_owned();
        if found.len() == now.len() {
            for (w, i) in found.iter().zip(&now) {
                // An invented digest such as sha256:000… stands for itself.
                if self.mapping.mark(w).is_none() && w == i || self.mapping.bind_mark(w, i) {
                    was = was.replace(&w[7..], &i[7..]);
                }
            }
        }
        let cut = was.find("…(").map_or(was.len(), |end| end);
        let is_cut = is.chars().take(was[..cut].chars().count()).collect::<String>();
        let same =
            if cut < was.len() { was[..cut] == is_cut } else { without_uuids(&was) == without_uuids(is) };
        if !same {
            self.differ(at, was, is);
        }
    }
}

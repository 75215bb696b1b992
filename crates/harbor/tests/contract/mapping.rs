//! From the names, hosts, ids and digests of a recording to those of a replay.

use std::{
    collections::{HashMap, HashSet},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::recording::{Exchange, Recording};

/// The seed of this run.
pub(crate) fn seed() -> u64 {
    let set = std::env::var("CONTRACT_SEED").ok().and_then(|s| s.parse().ok());
    set.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into())
}

/// Pairs of recorded and replayed values. A recorded id means one replayed id and the other way round.
#[derive(Clone, Default)]
pub(crate) struct Mapping {
    texts: Vec<(String, String)>,
    prefix: String,
    /// The node that is asked: each counts its ids for itself.
    pub(crate) node: String,
    ids: HashMap<(String, i64), i64>,
    taken: HashSet<(String, i64)>,
    queries: Vec<(String, String)>,
    marks: HashMap<String, String>,
    marks_taken: HashSet<String>,
}

/// Ids that mean the same everywhere: nothing, "none", one that does not exist.
fn fixed(id: i64) -> bool {
    matches!(id, -1 | 0 | 99999 | 999)
}

/// Collections whose rows have ids, as they stand in paths.
const COLLECTIONS: [&str; 16] = [
    "registries",
    "policies",
    "executions",
    "tasks",
    "projects",
    "repositories",
    "artifacts",
    "tags",
    "robots",
    "users",
    "quotas",
    "labels",
    "immutabletagrules",
    "schedules",
    "auditlog-exts",
    "audit-logs",
];

impl Mapping {
    /// Names that begin with `rec-` get another beginning of the same length, above `library` in any order.
    pub(crate) fn new(seed: u64) -> Self {
        let letter = |shift: u32, first: u8, count: u64| char::from(first + ((seed >> shift) % count) as u8);
        let prefix: String =
            [letter(0, b'm', 14), letter(7, b'a', 26), letter(13, b'a', 26)].iter().collect();
        let capital = prefix[..1].to_uppercase() + &prefix[1..];
        let texts = vec![
            ("rec-".to_owned(), format!("{prefix}-")),
            ("Rec-".to_owned(), format!("{capital}-")),
            ("REC-".to_owned(), format!("{}-", prefix.to_uppercase())),
        ];
        Self { texts, prefix: format!("{prefix}-"), node: "a".to_owned(), ..Self::default() }
    }

    /// A host, or any other text, of the recording and what stands for it now.
    pub(crate) fn text(&mut self, recorded: &str, now: &str) {
        self.texts.push((recorded.to_owned(), now.to_owned()));
    }

    /// Whether a text names something that this replay made.
    pub(crate) fn is_ours(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.prefix)
    }

    /// The text with names and hosts replaced.
    pub(crate) fn apply(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    fn apply_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.apply(text).into(),
            Value::Array(list) => list.iter().map(|v| self.apply_value(v)).collect(),
            Value::Object(map) => map.iter().map(|(k, v)| (self.apply(k), self.apply_value(v))).collect(),
            other => other.clone(),
        }
    }

    /// A recording with names and hosts replaced everywhere.
    pub(crate) fn renamed(&self, recording: &Recording) -> Recording {
        let mut renamed = recording.clone();
        for exchange in &mut renamed.exchanges {
            let Exchange { request, response, .. } = exchange;
            request.path = self.apply(&request.path);
            for value in request.headers.values_mut() {
                *value = self.apply(value);
            }
            request.body = self.apply_value(&request.body);
            for value in response.headers.values_mut() {
                *value = self.apply_value(value);
            }
            response.body = self.apply_value(&response.body);
        }
        renamed
    }

    /// Notes that a recorded id is this one now; false where either already means another.
    pub(crate) fn bind(&mut self, kind: &str, recorded: i64, now: i64) -> bool {
        if fixed(recorded) || fixed(now) {
            return recorded == now;
        }
        let kind = format!("{}/{kind}", self.node);
        if let Some(known) = self.ids.get(&(kind.clone(), recorded)) {
            return *known == now;
        }
        if !self.taken.insert((kind.clone(), now)) {
            return false;
        }
        self.ids.insert((kind, recorded), now);
        true
    }

    /// A text inside paths that stands for another now.
    pub(crate) fn mark_as(&mut self, recorded: &str, now: &str) {
        self.queries.push((recorded.to_owned(), now.to_owned()));
    }

    /// What a recorded id is now.
    pub(crate) fn id(&self, kind: &str, recorded: i64) -> Option<i64> {
        let key = (format!("{}/{kind}", self.node), recorded);
        if fixed(recorded) { Some(recorded) } else { self.ids.get(&key).copied() }
    }

    /// The same for digests and other marks (job ids, pools).
    pub(crate) fn bind_mark(&mut self, recorded: &str, now: &str) -> bool {
        if let Some(known) = self.marks.get(recorded) {
            return known == now;
        }
        if !self.marks_taken.insert(now.to_owned()) {
            return false;
        }
        self.marks.insert(recorded.to_owned(), now.to_owned());
        true
    }

    pub(crate) fn mark(&self, recorded: &str) -> Option<&str> {
        self.marks.get(recorded).map(String::as_str)
    }

    /// A path as it must be asked for now: ids by the collection before them, digests and marks wherever they stand.
    pub(crate) fn path(&self, path: &str) -> String {
        let path = self.queries.iter().fold(path.to_owned(), |p, (from, to)| p.replace(from, to));
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut kind = "";
        let segment = |segment: &str| {
            let id = segment.parse().ok().and_then(|id| self.id(kind, id));
            kind = COLLECTIONS.iter().find(|c| **c == segment).copied().unwrap_or("");
            id.map_or_else(|| self.marked(segment), |id| id.to_string())
        };
        let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
        if query.is_empty() { path } else { format!("{path}?{}", self.query(query)) }
    }

    fn query(&self, query: &str) -> String {
        let one = |pair: &str| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let id = |kind| value.parse().ok().and_then(|id| self.id(kind, id)).map(|id| id.to_string());
            let value = match key {
                "policy_id" => id("policies"),
                "reference_id" => id("projects"),
                "q" => value
                    .strip_prefix("dest_registry_id%3D")
                    .and_then(|v| v.parse().ok().and_then(|v| self.id("registries", v)))
                    .map(|id| format!("dest_registry_id%3D{id}")),
                _ => None,
            }
            .unwrap_or_else(|| self.marked(value));
            if pair.contains('=') { format!("{key}={value}") } else { key.to_owned() }
        };
        query.split('&').map(one).collect::<Vec<_>>().join("&")
    }

    /// A text with its digests and marks replaced by what they are now.
    pub(crate) fn marked(&self, text: &str) -> String {
        if let Some(now) = self.mark(text) {
            return now.to_owned();
        }
        // `sha256-<digits>.sig` names a digest too.
        let mut out = text.to_owned();
        for digest in digests(text) {
            let hex = &digest[7..];
            if let Some(now) = self.mark(&format!("sha256:{hex}")) {
                out = out.replace(hex, &now[7..]);
            }
        }
        out
    }

    /// A request body with ids, digests and secrets that work now. `top` is the collection it is sent to.
    pub(crate) fn body(&self, value: &Value, key: &str, top: &str) -> Value {
        match value {
            Value::Number(n) => match (n.as_i64(), kind_of(key, top)) {
                (Some(id), Some(kind)) => self.id(&kind, id).unwrap_or(id).into(),
                _ => value.clone(),
            },
            Value::String(text) => self.marked(text).into(),
            Value::Array(list) => list.iter().map(|v| self.body(v, key, top)).collect(),
            Value::Object(map) => {
                let top = inner(key).unwrap_or(top);
                map.iter().map(|(k, v)| (k.clone(), self.body(v, k, top))).collect()
            }
            other => other.clone(),
        }
    }
}

/// The digests in a text, each as `sha256:…`.
pub(crate) fn digests(text: &str) -> Vec<String> {
    let starts = text.match_indices("sha256").map(|(i, _)| i + 7);
    let hex = starts.filter_map(|i| text.get(i..i + 64));
    hex.filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit())).map(|h| format!("sha256:{h}")).collect()
}

/// The collection whose ids a key holds; `top` is where the object itself lives.
pub(crate) fn kind_of(key: &str, top: &str) -> Option<String> {
    let kind = match key {
        "id" => top,
        "policy_id" | "vendor_id" => "policies",
        "execution_id" => "executions",
        "project_id" => "projects",
        "repository_id" => "repositories",
        "artifact_id" | "child_id" | "parent_id" => "artifacts",
        "registry_id" => "registries",
        "user_id" | "owner_id" | "creator_ref" => "users",
        _ => return None,
    };
    Some(kind.to_owned())
}

/// The collection of an object that stands under a key.
pub(crate) fn inner(key: &str) -> Option<&'static str> {
    Some(match key {
        "src_registry" | "dest_registry" => "registries",
        "tags" => "tags",
        "ref" => "projects",
        "labels" => "labels",
        "cve_allowlist" => "allowlists",
        _ => return None,
    })
}

/// The collection that a path's answer has rows of.
pub(crate) fn collection(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let last = path.split('/').rev().find_map(|s| COLLECTIONS.iter().find(|c| **c == s));
    last.copied().unwrap_or("others")
}

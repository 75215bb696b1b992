//! The recordings: one folder per version, one file per topic, in the order the calls were made.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use serde_json::Value;

pub(crate) const VERSIONS: [&str; 4] = ["v2.8.6", "v2.12.4", "v2.14.4", "v2.15.2"];

pub(crate) const TOPICS: [&str; 10] = [
    "01-discovery",
    "02-auth",
    "03-registries",
    "04-policies",
    "05-executions",
    "06-projects-artifacts",
    "07-audit",
    "08-jobservice-schedules",
    "09-robots",
    "10-oci",
];

/// One file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recording {
    #[serde(skip)]
    pub(crate) topic: &'static str,
    pub(crate) harbor: String,
    pub(crate) exchanges: Vec<Exchange>,
}

/// One call and its answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) id: String,
    #[serde(rename = "as")]
    pub(crate) actor: String,
    #[serde(default)]
    pub(crate) who: Option<String>,
    pub(crate) node: String,
    pub(crate) request: Request,
    pub(crate) response: Response,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: Value,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Response {
    /// 0 where no answer came within the recorder's limit.
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(Value::as_str)
    }
}

impl Recording {
    /// `2.15.2`.
    pub(crate) fn version(&self) -> &str {
        self.harbor.trim_start_matches('v')
    }

    pub(crate) fn at_least(&self, minor: u16) -> bool {
        self.version().parse::<model::HarborVersion>().unwrap().minor() >= minor
    }

    pub(crate) fn exchange(&self, id: &str) -> Option<&Exchange> {
        self.exchanges.iter().find(|e| e.id == id)
    }

    /// The number at the end of an exchange's path: `/policies/239` is 239.
    pub(crate) fn path_id(&self, id: &str) -> Option<i64> {
        self.exchange(id)?.request.path_only().split('/').find_map(|s| s.parse().ok())
    }

    /// The id that an exchange's answer to a create names.
    pub(crate) fn created_id(&self, id: &str) -> Option<i64> {
        self.exchange(id)?.response.header("location")?.rsplit('/').next()?.parse().ok()
    }

    /// A number in an exchange's request body, by JSON pointer.
    pub(crate) fn sent_id(&self, id: &str, pointer: &str) -> Option<i64> {
        self.exchange(id)?.request.body.pointer(pointer)?.as_i64()
    }
}

/// The folder of all recordings.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// From `HARBOR_CONTRACT_DIR`. Without it nothing is replayed; in CI that is a failure.
    pub(crate) fn find() -> Option<Self> {
        let set = std::env::var_os("HARBOR_CONTRACT_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
        if set.is_none() {
            let ci = std::env::var("CI").is_ok_and(|v| v == "true");
            assert!(!ci, "HARBOR_CONTRACT_DIR must name the folder of recordings in CI");
            println!(
                "skipped: HARBOR_CONTRACT_DIR names no folder, so no recording of a real Harbor was compared"
            );
        }
        set.map(Self)
    }

    pub(crate) fn read(&self, version: &str, topic: &'static str) -> Option<Recording> {
        let text = std::fs::read_to_string(self.0.join(version).join(format!("{topic}.json"))).ok()?;
        let mut recording: Recording = serde_json::from_str(&text).unwrap();
        recording.topic = topic;
        Some(recording)
    }
}

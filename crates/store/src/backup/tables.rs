//! Every table with its columns, for copying rows between engines. A test holds this list against both schemas.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use sqlx::{Database, Decode, Encode, Row, Type, query::Query};

use crate::{Result, StoreError};

/// The number of the newest migration; a copy is only taken over between equal ones.
pub(crate) const SCHEMA: i64 = 12;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Truth,
    /// Written as base64 in a file of lines.
    Bytes,
}

/// A table and its columns.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

use Kind::{Bytes, Number, Text, Truth};

/// In an order in which every row's references exist before it. Leases are not copied: they belong to processes.
pub(crate) const TABLES: &[Table] = &[
    Table { name: "settings", columns: &[("key", Text), ("value", Text), ("changed_ms", Number)] },
    Table { name: "counters", columns: &[("name", Text), ("value", Number)] },
    Table {
        name: "users",
        columns: &[
            ("id", Text),
            ("name", Text),
            ("name_key", Text),
            ("role", Text),
            ("password_hash", Text),
            ("reset_hash", Text),
            ("reset_until_ms", Number),
            ("created_ms", Number),
            ("disabled_ms", Number),
            ("signed_in_ms", Number),
        ],
    },
    Table {
        name: "sessions",
        columns: &[
            ("token_hash", Text),
            ("id", Text),
            ("user_id", Text),
            ("created_ms", Number),
            ("seen_ms", Number),
            ("idle_until_ms", Number),
            ("until_ms", Number),
            ("user_agent", Text),
            ("address", Text),
        ],
    },
    Table {
        name: "tokens",
        columns: &[
            ("token_hash", Text),
            ("id", Text),
            ("user_id", Text),
            ("name", Text),
            ("role", Text),
            ("created_ms", Number),
            ("expires_ms", Number),
            ("used_ms", Number),
        ],
    },
    Table {
        name: "login_failures",
        columns: &[("subject", Text), ("failures", Number), ("first_ms", Number), ("last_ms", Number)],
    },
    Table {
        name: "activity",
        columns: &[
            ("id", Number),
            ("at_ms", Number),
            ("user_id", Text),
            ("token_id", Text),
            ("by_name", Text),
            ("address", Text),
            ("code", Text),
            ("params", Text),
            ("cluster_id", Text),
            ("node_id", Text),
        ],
    },
    Table {
        name: "clusters",
        columns: &[
            ("id", Text),
            ("name", Text),
            ("name_key", Text),
            ("topology", Text),
            ("spec", Text),
            ("created_ms", Number),
            ("changed_ms", Number),
            ("version", Number),
        ],
    },
    Table {
        name: "nodes",
        columns: &[
            ("id", Text),
            ("cluster_id", Text),
            ("position", Number),
            ("name", Text),
            ("address", Text),
            ("tls", Text),
            ("role", Text),
            ("tier", Number),
            ("credential_id", Text),
            ("created_ms", Number),
        ],
    },
    Table {
        name: "credentials",
        columns: &[
            ("id", Text),
            ("owner", Text),
            ("kind", Text),
            ("username", Text),
            ("secret", Text),
            ("created_ms", Number),
            ("changed_ms", Number),
        ],
    },
    Table {
        name: "drafts",
        columns: &[
            ("id", Text),
            ("owner", Text),
            ("body", Text),
            ("version", Number),
            ("created_ms", Number),
            ("changed_ms", Number),
        ],
    },
    Table {
        name: "findings",
        columns: &[
            ("scope", Text),
            ("finding", Text),
            ("subject", Text),
            ("state", Text),
            ("facts", Text),
            ("measured_ms", Number),
            ("waiver", Text),
        ],
    },
    Table {
        name: "plans",
        columns: &[("id", Text), ("scope", Text), ("body", Text), ("made_by", Text), ("made_ms", Number)],
    },
    Table {
        name: "runs",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("scope", Text),
            ("owner", Text),
            ("body", Text),
            ("state", Text),
            ("undoing", Truth),
            ("cancel_asked", Truth),
            ("started_ms", Number),
            ("ended_ms", Number),
            ("revision", Number),
        ],
    },
    Table {
        name: "steps",
        columns: &[
            ("run_id", Text),
            ("position", Number),
            ("key", Text),
            ("state", Text),
            ("made", Truth),
            ("output", Text),
            ("error", Text),
            ("attempts", Number),
            ("started_ms", Number),
            ("ended_ms", Number),
        ],
    },
    Table {
        name: "leftovers",
        columns: &[
            ("id", Text),
            ("node", Text),
            ("kind", Text),
            ("name", Text),
            ("reference", Text),
            ("run_id", Text),
            ("made_ms", Number),
            ("removed_ms", Number),
            ("attempts", Number),
            ("last_error", Text),
            ("due_ms", Number),
        ],
    },
    Table {
        name: "intervals",
        columns: &[
            ("subject", Text),
            ("from_ms", Number),
            ("to_ms", Number),
            ("state", Text),
            ("detail", Text),
            ("looker", Text),
        ],
    },
    Table { name: "lookers", columns: &[("name", Text), ("seen_ms", Number)] },
    Table {
        name: "events",
        columns: &[("id", Number), ("at_ms", Number), ("cluster_id", Text), ("kind", Text), ("body", Text)],
    },
    Table {
        name: "pairs",
        columns: &[
            ("id", Text),
            ("cluster_id", Text),
            ("node_a", Text),
            ("node_b", Text),
            ("state", Text),
            ("version", Number),
            ("accepts", Number),
        ],
    },
    Table { name: "bases", columns: &[("pair_id", Text), ("repository", Text), ("body", Bytes)] },
    Table {
        name: "readings",
        columns: &[
            ("pair_id", Text),
            ("repository", Text),
            ("compared", Number),
            ("equal", Number),
            ("tags_a", Number),
            ("tags_b", Number),
            ("artifacts_a", Number),
            ("artifacts_b", Number),
            ("behind_a_ms", Number),
            ("behind_b_ms", Number),
            ("copied", Number),
        ],
    },
    Table {
        name: "drifts",
        columns: &[
            ("pair_id", Text),
            ("repository", Text),
            ("thing", Text),
            ("kind", Text),
            ("heals", Truth),
            ("bytes", Number),
            ("body", Text),
            ("found_ms", Number),
        ],
    },
    Table {
        name: "drift_history",
        columns: &[("pair_id", Text), ("at_ms", Number), ("total", Number), ("kinds", Text)],
    },
    Table {
        name: "acceptances",
        columns: &[
            ("pair_id", Text),
            ("repository", Text),
            ("thing", Text),
            ("id", Text),
            ("until_ms", Number),
            ("body", Text),
        ],
    },
    Table {
        name: "acts",
        columns: &[
            ("node_id", Text),
            ("line", Number),
            ("at_ms", Number),
            ("repository", Text),
            ("body", Text),
        ],
    },
    Table {
        name: "executions",
        columns: &[
            ("node_id", Text),
            ("id", Number),
            ("cluster_id", Text),
            ("started_ms", Number),
            ("state", Text),
            ("body", Text),
        ],
    },
    Table {
        name: "status_pages",
        columns: &[
            ("id", Text),
            ("slug", Text),
            ("body", Text),
            ("version", Number),
            ("created_ms", Number),
            ("changed_ms", Number),
        ],
    },
    Table {
        name: "share_links",
        columns: &[
            ("token_hash", Text),
            ("id", Text),
            ("page_id", Text),
            ("name", Text),
            ("locale", Text),
            ("password_hash", Text),
            ("created_ms", Number),
            ("expires_ms", Number),
            ("seen_ms", Number),
            ("views", Number),
        ],
    },
];

impl Table {
    /// The columns' names, comma-separated.
    pub(crate) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Reads a whole table. The parts are constants above.
    pub(crate) fn select(&self) -> String {
        format!("SELECT {} FROM {}", self.names(), self.name)
    }

    /// Writes one row.
    pub(crate) fn insert(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|i| format!("${i}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, self.names(), places.join(", "))
    }

    /// A row as JSON values in the order of the columns.
    pub(crate) fn read<'r, R>(&self, row: &'r R) -> Result<Vec<Value>>
    where
        R: Row,
        usize: sqlx::ColumnIndex<R>,
        Option<String>: Decode<'r, R::Database> + Type<R::Database>,
        Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
        Option<bool>: Decode<'r, R::Database> + Type<R::Database>,
        Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
    {
        self.columns
            .iter()
            .enumerate()
            .map(|(i, (_, kind))| {
                Ok(match kind {
                    Text => row.try_get::<Option<String>, _>(i)?.into(),
                    Number => row.try_get::<Option<i64>, _>(i)?.into(),
                    Truth => row.try_get::<Option<bool>, _>(i)?.into(),
                    Bytes => row.try_get::<Option<Vec<u8>>, _>(i)?.map(|b| STANDARD.encode(b)).into(),
                })
            })
            .collect()
    }

    /// Binds a row of JSON values to the insert.
    pub(crate) fn bind<'q, DB: Database>(
        &self,
        mut query: Query<'q, DB, DB::Arguments>,
        values: Vec<Value>,
    ) -> Result<Query<'q, DB, DB::Arguments>>
    where
        Option<String>: Encode<'q, DB> + Type<DB>,
        Option<i64>: Encode<'q, DB> + Type<DB>,
        Option<bool>: Encode<'q, DB> + Type<DB>,
        Option<Vec<u8>>: Encode<'q, DB> + Type<DB>,
    {
        let wrong = || StoreError::Restore(format!("a row of {} does not fit its table", self.name));
        if values.len() != self.columns.len() {
            return Err(wrong());
        }
        for ((_, kind), value) in self.columns.iter().zip(values) {
            query = match (kind, value) {
                (Text, Value::Null) => query.bind(None::<String>),
                (Number, Value::Null) => query.bind(None::<i64>),
                (Truth, Value::Null) => query.bind(None::<bool>),
                (Bytes, Value::Null) => query.bind(None::<Vec<u8>>),
                (Text, Value::String(text)) => query.bind(Some(text)),
                (Bytes, Value::String(text)) => query.bind(Some(STANDARD.decode(text).map_err(|_| wrong())?)),
                (Number, Value::Number(number)) => query.bind(Some(number.as_i64().ok_or_else(wrong)?)),
                (Truth, Value::Bool(truth)) => query.bind(Some(truth)),
                _ => return Err(wrong()),
            };
        }
        Ok(query)
    }
}

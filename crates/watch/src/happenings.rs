//! The activity list: changes of state, written here, and acts of people, written by other services.

use model::{
    Say,
    health::HealthState,
    ids::{ClusterId, NodeId},
    live::Happening,
    people::{ActivityBy, ActivityEntry},
};
use serde_json::json;
use store::{
    Store, StoreError,
    activity::{ActivityFilter, NewActivity},
};

use crate::{config::Words, state::News};

/// Which happenings to list; `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HappeningFilter {
    /// Of this cluster.
    pub cluster: Option<ClusterId>,
    /// Of this node.
    pub node: Option<NodeId>,
    /// Codes that begin so: `node.`, `session.`.
    pub code_prefix: Option<String>,
    /// Words that stand in the text, in either language, or in the code; upper and lower case are the same.
    pub text: Option<String>,
    /// Done by somebody whose name contains this.
    pub by: Option<String>,
    /// Older than this one: the last id of the page before.
    pub before_id: Option<i64>,
}

/// Rows that are read at most for one page: text is looked for here and not in the database, because sentences of
/// other services are worded when they are read.
const MOST_ROWS: usize = 20_000;
const CHUNK: u32 = 500;

/// Happenings that fit, newest first.
pub(crate) async fn list(
    store: &Store,
    words: Option<&Words>,
    filter: &HappeningFilter,
    limit: usize,
) -> Result<Vec<Happening>, StoreError> {
    let text = filter.text.as_ref().map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty());
    let by = filter.by.as_ref().map(|t| t.trim().to_lowercase()).filter(|t| !t.is_empty());
    let fits = |h: &Happening| {
        let in_text = |t: &String| {
            [&h.text.en, &h.text.zh, &h.code].into_iter().any(|part| part.to_lowercase().contains(t.as_str()))
        };
        text.as_ref().is_none_or(in_text)
            && by.as_ref().is_none_or(|b| h.by.to_lowercase().contains(b.as_str()))
    };
    let exact = text.is_none() && by.is_none();
    let chunk = if exact { u32::try_from(limit).unwrap_or(CHUNK).min(CHUNK) } else { CHUNK };
    let mut before = filter.before_id;
    let mut found = Vec::new();
    let mut read = 0;
    while found.len() < limit && read < MOST_ROWS {
        let asked = ActivityFilter {
            cluster: filter.cluster.clone(),
            node: filter.node.clone(),
            code_prefix: filter.code_prefix.clone(),
            before,
            ..ActivityFilter::default()
        };
        let rows = store.activity().list(&asked, chunk).await?;
        let (last, count) = (rows.last().map(|r| r.id), rows.len());
        read += count;
        found.extend(rows.into_iter().map(|row| from_activity(row, words)).filter(&fits));
        if count < chunk as usize {
            break;
        }
        before = last;
    }
    found.truncate(limit);
    Ok(found)
}

/// The row of a piece of news. Its words travel with it: they were made where the facts were known.
pub(crate) fn to_activity(news: &News) -> NewActivity<'_> {
    NewActivity {
        by: &ActivityBy::System,
        address: "",
        code: &news.code,
        params: json!({ "state": news.state, "text": news.text, "by": news.by }),
        cluster: news.cluster.as_ref(),
        node: news.node.as_ref(),
    }
}

/// A row as the list shows it: with its own words, else with those of the service that wrote it, else with its code.
pub(crate) fn from_activity(row: ActivityEntry, words: Option<&Words>) -> Happening {
    let param = |key: &str| row.params.get(key).cloned().unwrap_or_default();
    let own: Option<Say> = serde_json::from_value(param("text")).ok();
    let (state, text) = match own {
        Some(text) => (serde_json::from_value(param("state")).unwrap_or_default(), text),
        None => {
            let worded = words.and_then(|words| words(&row));
            worded.unwrap_or_else(|| (HealthState::Unknown, Say::same(row.code.as_str())))
        }
    };
    let by = match &row.by {
        ActivityBy::User { name, .. } | ActivityBy::Token { name, .. } => name.clone(),
        ActivityBy::System => param("by").as_str().unwrap_or_default().to_owned(),
    };
    Happening {
        id: row.id,
        at_ms: row.at_ms,
        state,
        text,
        by,
        code: row.code,
        cluster: row.cluster,
        node: row.node,
    }
}

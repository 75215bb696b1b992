//! What happened, and who did it.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {
    super::{answer, visitor},
    model::people::Role,
    watch::HappeningFilter,
};

use super::{
    Answer,
    body::Body,
    types::{ActivityFilter, ActivityPageData},
};

/// How many rows a page has.
#[cfg(feature = "ssr")]
const ROWS: usize = 50;

/// Happenings that fit, newest first, older than `before` where it is given.
#[server(prefix = "/fn", endpoint = "activity", input = Body, output = Body)]
pub async fn read_activity(filter: ActivityFilter, before: Option<i64>) -> Answer<ActivityPageData> {
    let (services, _) = visitor(Role::Viewer)?;
    let given = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let wanted = HappeningFilter {
        cluster: filter.cluster,
        node: filter.node,
        code_prefix: given(filter.kind).map(|kind| format!("{kind}.")),
        text: given(filter.text),
        by: given(filter.person),
        before_id: before,
    };
    // One more than is shown tells whether there is more.
    let mut rows = answer(services.watch.happenings(&wanted, ROWS + 1).await)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let clusters = services.watch.board().clusters.into_iter().map(|c| (c.id, c.name)).collect();
    Ok(ActivityPageData { rows, more, clusters })
}

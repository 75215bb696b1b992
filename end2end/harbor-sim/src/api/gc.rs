//! Garbage collection and audit purge, as far as they are read.

use serde_json::json;

use super::Call;
use crate::http::{Answer, Refusal, Reply};
use crate::query::ListQuery;

pub(super) fn serve(call: &Call<'_>, path: &[&str]) -> Answer {
    match path {
        ["system", "gc"] => history(call, "garbage-collection", "list"),
        ["system", "purgeaudit"] => history(call, "purge-audit", "list"),
        ["system", "gc", _] => schedule(call, "garbage-collection"),
        ["system", _, _] => schedule(call, "purge-audit"),
        _ => Err(Refusal::internal()),
    }
}

fn history(call: &Call<'_>, resource: &str, action: &str) -> Answer {
    let query = ListQuery::read(call.request)?;
    call.who.require(resource, action)?;
    let page = query.page(Vec::<()>::new());
    Ok(query.reply(page, |()| json!({})))
}

/// No schedule: an answer of type JSON without a body.
fn schedule(call: &Call<'_>, resource: &str) -> Answer {
    call.who.require(resource, "read")?;
    Ok(Reply::typed(200, "application/json", ""))
}

//! Schedules of the job service.

use serde_json::json;

use super::Call;
use crate::clock::rfc3339;
use crate::http::{Answer, Refusal, Reply};
use crate::node::lock;
use crate::query::ListQuery;
use crate::state::rows::Schedule;

pub(super) fn serve(call: &Call<'_>, path: &[&str]) -> Answer {
    match path {
        [] => {
            let query = ListQuery::read(call.request)?;
            call.who.require("jobservice-monitor", "list")?;
            let rows: Vec<Schedule> = call.node.db().schedules.values().cloned().collect();
            let page = query.page(rows);
            Ok(query.reply(page, |s| {
                let mut body = json!({
                    "cron": s.cron, "id": s.id, "update_time": rfc3339(s.updated), "vendor_type": s.vendor_type,
                });
                if s.vendor_id != 0 {
                    body["vendor_id"] = json!(s.vendor_id);
                }
                body
            }))
        }
        [kind, _] => {
            if call.who.is_anonymous() {
                return Err(Refusal::unauthorized());
            }
            if *kind != "all" {
                return Err(Refusal::bad("job_type can only be 'all'"));
            }
            let paused = lock(&call.node.jobs.queue).paused.contains("SCHEDULER");
            Ok(Reply::json(&json!({"paused": paused})))
        }
        _ => Err(Refusal::internal()),
    }
}

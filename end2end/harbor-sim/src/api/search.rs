//! The search of the portal's head line.

use serde_json::{Value, json};

use super::Call;
use crate::http::{Answer, Refusal, Reply};

pub(super) fn serve(call: &Call<'_>) -> Answer {
    let Some(q) = call.request.param("q") else { return Err(Refusal::invalid("q in query is required")) };
    let db = call.node.db();
    // Robots find nothing but public projects here.
    let robot = matches!(call.who, crate::auth::Identity::Robot(_));
    let seen: Vec<_> =
        db.projects.values().filter(|p| if robot { p.public() } else { call.who.sees(p) }).collect();
    let projects: Vec<Value> = seen
        .iter()
        .filter(|p| p.name.contains(q))
        .map(|p| {
            let mut row = super::projects::show(call, &db, p, false);
            row["metadata"] = json!(p.metadata);
            row["repo_count"] = json!(db.repositories_of(p.id).count());
            row
        })
        .collect();
    let repositories: Vec<Value> = seen
        .iter()
        .flat_map(|p| db.repositories_of(p.id).map(move |r| (p, r)))
        .filter(|(_, r)| r.name.contains(q))
        .map(|(p, r)| {
            json!({
                "artifact_count": r.artifact_count(), "project_id": p.id, "project_name": p.name,
                "project_public": p.public(), "pull_count": r.pulls, "repository_name": r.name,
            })
        })
        .collect();
    Ok(Reply::json(&json!({"project": projects, "repository": repositories})))
}

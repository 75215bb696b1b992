//! Immutable-tag rules of a project.

use serde_json::{Value, json};

use super::{Call, id_in_path, project_for};
use crate::http::{Answer, Refusal, Reply};
use crate::query::ListQuery;
use crate::state::Database;
use crate::state::rows::ImmutableRule;

pub(super) fn serve(call: &Call<'_>, method: &str, p: &str, path: &[&str]) -> Answer {
    match (method, path) {
        ("GET", []) => {
            let query = ListQuery::read(call.request)?;
            let project = project_for(call, p, "immutable-tag", "list")?;
            let db = call.node.db();
            let rows: Vec<&ImmutableRule> =
                db.immutables.values().filter(|r| r.project == project.id).collect();
            let page = query.page(rows);
            Ok(query.reply(page, |r| r.body.clone()))
        }
        ("POST", []) => {
            let body = call.request.json("ImmutableRule")?;
            let project = project_for(call, p, "immutable-tag", "create")?;
            let mut db = call.node.db();
            let id = db.next("immutable");
            db.immutables.insert(id, rule(id, project.id, body));
            Ok(Reply::created(call.request, id))
        }
        ("PUT", [id]) => {
            let id = id_in_path(id, "immutable_rule_id")?;
            let body = call.request.json("ImmutableRule")?;
            let project = project_for(call, p, "immutable-tag", "update")?;
            call.node.db().immutables.insert(id, rule(id, project.id, body));
            Ok(Reply::ok())
        }
        ("DELETE", [id]) => {
            let id = id_in_path(id, "immutable_rule_id")?;
            project_for(call, p, "immutable-tag", "delete")?;
            call.node.db().immutables.remove(&id);
            Ok(Reply::ok())
        }
        _ => Err(Refusal::internal()),
    }
}

fn rule(id: i64, project: i64, mut body: Value) -> ImmutableRule {
    let patterns = |list: &Value| {
        let one = |s: &Value| {
            let excludes =
                s["decoration"].as_str().is_some_and(|d| d.to_ascii_lowercase().contains("exclude"));
            Some((s["pattern"].as_str()?.to_owned(), excludes))
        };
        list.as_array().into_iter().flatten().filter_map(one).collect()
    };
    let tags = patterns(&body["tag_selectors"]);
    let repositories = patterns(&body["scope_selectors"]["repository"]);
    let disabled = body["disabled"].as_bool().unwrap_or(false);
    body["id"] = json!(id);
    ImmutableRule { id, project, disabled, body, repositories, tags }
}

/// Adds a rule for the tags of a pattern in all repositories of a project.
pub(crate) fn protect(db: &mut Database, project: i64, pattern: &str) {
    let id = db.next("immutable");
    let body = json!({
        "disabled": false,
        "action": "immutable",
        "template": "immutable_template",
        "tag_selectors": [{"kind": "doublestar", "decoration": "matches", "pattern": pattern}],
        "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]},
    });
    db.immutables.insert(id, rule(id, project, body));
}

/// Whether a rule protects this tag.
pub(crate) fn protects(db: &Database, project: i64, repository: &str, tag: &str) -> bool {
    let fits = |patterns: &[(String, bool)], text: &str| {
        patterns.iter().any(|(pattern, excludes)| crate::glob::matches(pattern, text) != *excludes)
    };
    db.immutables
        .values()
        .filter(|r| r.project == project && !r.disabled && r.id > 0)
        .any(|r| fits(&r.repositories, repository) && fits(&r.tags, tag))
}

/// 412 when the tag may not go.
pub(super) fn check(db: &Database, project: i64, repository: &str, tag: &str) -> Result<(), Refusal> {
    if protects(db, project, repository, tag) {
        let text = format!("the tag {tag} configured as immutable, cannot be deleted");
        return Err(Refusal::precondition(text));
    }
    Ok(())
}

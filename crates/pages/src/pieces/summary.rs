//! The state of a page in the shape of Statuspage's `/api/v2/summary.json`, which existing tools read. Incidents that
//! people write have no place in the console yet: the lists are there and empty.

use model::{Say, health::HealthState, ids::PageId};
use serde_json::{Value, json};

use crate::{
    digest,
    html::For,
    view::{ClusterView, View},
    words,
};

/// The summary of a page.
pub(crate) fn summary(view: &View, page: &PageId, reader: &For, now_ms: i64) -> String {
    let locale = reader.locale;
    let at = words::rfc3339(now_ms);
    let id = |what: &str| digest(format!("{page}/{what}").as_bytes())[..12].to_owned();
    let component = |place: usize, what: &str, name: &str, state: HealthState, group: Option<&str>| {
        json!({
            "id": id(what), "name": name, "status": status(state), "created_at": at, "updated_at": at,
            "position": place + 1, "description": null, "showcase": true, "start_date": null,
            "group_id": group, "page_id": page, "group": false, "only_show_if_degraded": false,
        })
    };
    let mut components: Vec<Value> = Vec::new();
    for (place, cluster) in view.clusters.iter().enumerate() {
        let group = id(&format!("{place}"));
        let lines = lines(cluster);
        let of: Vec<Value> = lines
            .iter()
            .enumerate()
            .map(|(n, (name, state))| {
                component(n, &format!("{place}/{n}"), name.pick(locale), *state, Some(&group))
            })
            .collect();
        let mut head = component(place, &format!("{place}"), &cluster.name, cluster.state, None);
        head["group"] = json!(true);
        head["components"] = of.iter().map(|component| component["id"].clone()).collect();
        components.push(head);
        components.extend(of);
    }
    json!({
        "page": {
            "id": page, "name": view.title, "url": reader.base, "updated_at": at,
            "time_zone": view.zone.iana_name().unwrap_or("UTC"),
        },
        "components": components,
        "incidents": [],
        "scheduled_maintenances": [],
        "status": { "indicator": indicator(view), "description": words::headline(view, now_ms).pick(locale) },
    })
    .to_string()
}

/// The lines of a cluster by name and state.
fn lines(cluster: &ClusterView) -> Vec<(Say, HealthState)> {
    let rows = cluster.rows.iter().map(|row| (row.name.clone(), row.state));
    let copies = cluster.copies.iter().map(|c| (Say::same(format!("{} → {}", c.from, c.to)), c.state));
    rows.chain(copies).collect()
}

fn status(state: HealthState) -> &'static str {
    match state {
        HealthState::Up => "operational",
        HealthState::Degraded => "degraded_performance",
        HealthState::Down | HealthState::Unreachable => "major_outage",
        // The shape has no word for not knowing; this one says that nothing can be relied on.
        HealthState::Unknown => "under_maintenance",
    }
}

fn indicator(view: &View) -> &'static str {
    let nobody = |pick: fn(&ClusterView) -> HealthState| {
        view.clusters.iter().all(|cluster| pick(cluster) == HealthState::Down)
    };
    match view.state {
        HealthState::Up => "none",
        HealthState::Degraded => "minor",
        HealthState::Unknown => "minor",
        _ if nobody(|c| c.serving.pull) => "critical",
        HealthState::Down | HealthState::Unreachable => "major",
    }
}

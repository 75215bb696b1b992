//! Lists that differ by version: settings, rights, adapters, audit events, queues.

use serde_json::{Map, Value, json};

use crate::version::Version;

/// Values of `/configurations` after installation.
pub(crate) fn configuration(version: Version) -> Map<String, Value> {
    let Ok(Value::Object(mut all)) = serde_json::from_str(include_str!("data/configuration.json")) else {
        return Map::new();
    };
    if !version.since(9, 0) {
        all.remove("banner_message");
        all.remove("ldap_group_attach_parallel");
    }
    if !version.audit_exts() {
        all.remove("disabled_audit_log_event_types");
        all.remove("oidc_logout");
    }
    all
}

/// `resource:action` that a robot may get, `kind` being `system` or `project`.
pub(crate) fn rights(kind: &str, version: Version) -> Vec<(String, String)> {
    let all: Value = serde_json::from_str(include_str!("data/rights.json")).unwrap_or_default();
    let later = ["ldap-user", "robot", "user", "user-group"];
    let known = |resource: &str, action: &str| {
        version.since(12, 0)
            || kind != "system"
            || !(later.contains(&resource) || (resource == "quota" && action == "update"))
    };
    let list = all[kind].as_array().cloned().unwrap_or_default();
    list.iter()
        .filter_map(|v| v.as_str()?.split_once(':'))
        .filter(|(resource, action)| known(resource, action))
        .map(|(resource, action)| (resource.to_owned(), action.to_owned()))
        .collect()
}

/// Types an endpoint may have.
pub(crate) fn adapters(version: Version) -> Vec<&'static str> {
    let all = [
        "ali-acr",
        "aws-ecr",
        "azure-acr",
        "docker-hub",
        "docker-registry",
        "dtr",
        "github-ghcr",
        "gitlab",
        "google-gcr",
        "harbor",
        "huawei-SWR",
        "jfrog-artifactory",
        "quay",
        "tencent-tcr",
        "volcengine-cr",
    ];
    let listed = |name: &&str| match *name {
        // The whitelist of 2.14 leaves these out.
        "dtr" | "gitlab" | "quay" => !version.since(14, 0),
        "volcengine-cr" => version.since(12, 0),
        _ => true,
    };
    all.into_iter().filter(listed).collect()
}

/// Patterns of addresses and credentials by adapter.
pub(crate) fn adapter_infos(version: Version) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("data/adapterinfos.json")).unwrap_or_default();
    if let Value::Object(map) = &mut all {
        let listed = adapters(version);
        map.retain(|name, _| listed.contains(&name.as_str()));
    }
    all
}

/// Kinds of events of the newer audit log.
pub(crate) fn audit_events() -> Value {
    let names = [
        "create_artifact",
        "delete_artifact",
        "pull_artifact",
        "create_project",
        "delete_project",
        "delete_repository",
        "login_user",
        "logout_user",
        "create_user",
        "delete_user",
        "update_user",
        "create_robot",
        "delete_robot",
        "update_configuration",
    ];
    names.iter().map(|name| json!({"event_type": name})).collect()
}

/// Kinds of jobs.
pub(crate) fn queues(version: Version) -> Vec<&'static str> {
    let all = [
        "AUDIT_LOGS_GDPR_COMPLIANT",
        "EXECUTION_SWEEP",
        "GARBAGE_COLLECTION",
        "IMAGE_SCAN",
        "P2P_PREHEAT",
        "PURGE_AUDIT_LOG",
        "REPLICATION",
        "RETENTION",
        "SCAN_DATA_EXPORT",
        "SCHEDULER",
        "SLACK",
        "SYSTEM_ARTIFACT_CLEANUP",
        "WEBHOOK",
    ];
    all.into_iter().filter(|name| *name != "AUDIT_LOGS_GDPR_COMPLIANT" || version.since(10, 0)).collect()
}

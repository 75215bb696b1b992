//! The rules between a cluster's nodes as they stand on the Harbors, and what they did.

mod endpoints;
mod harvest;
mod limits;
mod read;

use harbor::api::policies::Policy;
use model::{
    HarborVersion, Link, NodeAddress, Say,
    cron::Cron,
    names::NodeName,
    plan::PlannedRule,
    rule::{Differing, RuleFilter, StoredRule, Trigger},
    say,
    spec::ClusterSpec,
};

use crate::{bodies, plan::scope};

pub(crate) use endpoints::read_endpoints;
pub(crate) use harvest::{Harvests, harvest, task_of};
pub(crate) use limits::{Limits, ProjectLimits, UNLIMITED, read_limits};
pub(crate) use read::{NodeRead, read};

/// Whether an endpoint's address is that of a node.
pub(crate) fn leads_to(url: &str, address: &NodeAddress) -> bool {
    NodeAddress::parse(url).is_ok_and(|a| a.authority() == address.authority())
}

/// Which way a rule copies, where that is from one node of the cluster to another; `true` where it pulls.
pub(crate) fn link_of(policy: &Policy, on: &NodeName, spec: &ClusterSpec) -> Option<(Link, bool)> {
    let peer = |url: &str| endpoints::peer_at(url, spec).cloned();
    let (to, from) = (&policy.dest_registry, &policy.src_registry);
    let (link, pulls) = if to.id != 0 {
        (Link::new(on.clone(), peer(&to.url)?), false)
    } else {
        (Link::new(peer(&from.url)?, on.clone()), true)
    };
    (link.source != link.destination).then_some((link, pulls))
}

/// A rule as it is shown, with what is otherwise than planned.
pub(crate) fn stored(
    policy: Policy,
    (link, pulls): (Link, bool),
    version: &HarborVersion,
    planned: &[PlannedRule],
) -> StoredRule {
    let trigger = match policy.trigger.as_ref().map(|t| (t.kind.as_str(), t.cron())) {
        Some(("scheduled", cron)) => Trigger::Scheduled { cron: cron.unwrap_or_default().to_owned() },
        Some(("event_based", _)) => Trigger::EventBased,
        _ => Trigger::Manual,
    };
    let endpoint = if pulls { policy.src_registry } else { policy.dest_registry };
    let plan = planned.iter().find(|p| p.name == policy.name && p.link == link && !pulls);
    let mut rule = StoredRule {
        id: policy.id,
        ours: plan.is_some(),
        link,
        pulls,
        enabled: policy.enabled,
        schedule: in_words(&trigger, version),
        trigger,
        filters: policy.filters.into_iter().map(filter).collect(),
        namespace: policy.dest_namespace,
        flattening: policy.dest_namespace_replace_count,
        r#override: policy.overwrite,
        deletion: policy.deletion,
        speed: policy.speed,
        copy_by_chunk: policy.copy_by_chunk,
        single_active_replication: policy.single_active_replication.unwrap_or(false),
        endpoint: endpoint.name,
        account: endpoint.credential.access_key,
        endpoint_status: endpoint.status,
        differs: Vec::new(),
        name: policy.name,
    };
    if let Some(plan) = plan {
        rule.differs = differing(&rule, plan, version);
    }
    rule
}

/// What starts a rule, in words.
fn in_words(trigger: &Trigger, version: &HarborVersion) -> Say {
    match trigger {
        Trigger::Manual => say!("by hand", "手动"),
        Trigger::EventBased => say!("at each push", "每次推送时"),
        Trigger::Scheduled { cron } => match Cron::parse(cron, version) {
            Ok(read) => read.in_words().unwrap_or_else(|| Say::same(cron)),
            Err(refused) => refused.meaning.unwrap_or_else(|| Say::same(cron)),
        },
    }
}

/// A filter as it is shown.
pub(crate) fn filter(filter: harbor::api::policies::Filter) -> RuleFilter {
    let value = match &filter.value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(all) => all.iter().filter_map(|v| v.as_str()).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    RuleFilter { excludes: filter.decoration == "excludes", kind: filter.kind, value }
}

/// The fields of one of our rules that are not as planned, in Harbor's order; whether it is on is no field of the
/// plan.
fn differing(rule: &StoredRule, plan: &PlannedRule, version: &HarborVersion) -> Vec<Differing> {
    let switch = |on: bool| if on { say!("on", "开启") } else { say!("off", "关闭") };
    let speed =
        |kbps: i32| if kbps > 0 { Say::same(format!("{kbps} kbit/s")) } else { say!("unlimited", "不限") };
    let planned_filters: Vec<RuleFilter> = bodies::filters(&plan.scope).into_iter().map(filter).collect();
    let (planned_namespace, planned_flattening) = bodies::lands(&plan.scope);
    let planned_trigger = match &plan.cron {
        Some(cron) => Trigger::Scheduled { cron: cron.clone() },
        None => Trigger::EventBased,
    };
    let start = |trigger: &Trigger| match trigger.cron() {
        Some(cron) => Say::same(cron),
        None => in_words(trigger, version),
    };
    let fields = [
        (scope::filter_field(), scope::filter_words(&planned_filters), scope::filter_words(&rule.filters)),
        (
            scope::namespace_field(),
            scope::namespace_words(&planned_namespace, planned_flattening.unwrap_or_default()),
            scope::namespace_words(&rule.namespace, rule.flattening),
        ),
        (say!("Trigger", "触发模式"), start(&planned_trigger), start(&rule.trigger)),
        (say!("Override", "覆盖"), switch(plan.r#override), switch(rule.r#override)),
        (
            say!("Delete remote resources when locally deleted", "本地删除资源时同时也删除远程的资源"),
            switch(plan.deletion),
            switch(rule.deletion),
        ),
        (say!("Bandwidth", "带宽"), speed(plan.speed), speed(rule.speed)),
        (say!("Copy by chunk", "按块复制"), switch(plan.copy_by_chunk), switch(rule.copy_by_chunk)),
        (
            say!("Single active replication", "单一活动复制"),
            switch(plan.single_active_replication),
            switch(rule.single_active_replication),
        ),
    ];
    let other = |(field, planned, is)| (planned != is).then_some(Differing { field, planned, is });
    fields.into_iter().filter_map(other).collect()
}

//! Reading what Harbor never replicates: what is set for projects, quotas, immutability, retention, labels, members and
//! robots (harbor-facts C.5). Names and values, never a secret.

mod words;

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use harbor::{HarborError, api::projects::Project};
use model::{
    Say,
    names::OURS,
    say,
    settings::{Setting, SettingKey, SettingKind, Settings},
};

use crate::{LedgerError, PairSide};

/// Projects whose own lists are read: four requests each.
const MOST: usize = 500;
/// Requests that run at once on one Harbor (scan-costs.md section 2).
const AT_ONCE: usize = 4;

/// What one project, or the whole Harbor, has; in place of a kind that may not be seen stands nothing.
#[derive(Default)]
struct Found {
    all: Vec<(SettingKey, Setting)>,
    unseen: Vec<SettingKind>,
}

/// Reads the settings of one side of a pair.
///
/// # Errors
/// The first request that fails. That the account may not see a kind is no error but told.
pub async fn read_settings(side: &PairSide) -> Result<Settings, LedgerError> {
    let read = async {
        let mut projects = side.projects.all_projects().await?;
        projects.retain(|p| !p.name.starts_with(OURS));
        projects.sort_by(|a, b| a.name.cmp(&b.name));
        let left_out = projects.len().saturating_sub(MOST) as u64;
        projects.truncate(MOST);
        let mut found = vec![of_all(side).await?, quotas(side).await?];
        let mut each =
            stream::iter(projects).map(|project| of_project(side, project)).buffer_unordered(AT_ONCE);
        while let Some(more) = each.next().await {
            found.push(more?);
        }
        Ok::<_, HarborError>((found, left_out))
    };
    let (found, left_out) = read.await.map_err(|error| side.fault(error))?;
    let mut settings = Settings { left_out, ..Settings::default() };
    for one in found {
        settings.all.extend(one.all);
        settings.unseen.extend(one.unseen);
    }
    let known: Vec<String> =
        settings.all.keys().filter(|k| k.kind == SettingKind::Project).map(|k| k.project.clone()).collect();
    // Quotas come for all projects at once, also for those that are left out here.
    settings.all.retain(|key, _| key.project.is_empty() || known.binary_search(&key.project).is_ok());
    Ok(settings)
}

impl Found {
    fn add(&mut self, project: &str, kind: SettingKind, name: &str, called: Say, value: Say) {
        let key = SettingKey { project: project.to_owned(), kind, name: name.to_owned() };
        self.all.push((key, Setting { name: called, value }));
    }

    /// What was answered; nothing where the account may not see it.
    fn seen<T>(
        &mut self,
        kind: SettingKind,
        answer: Result<Vec<T>, HarborError>,
    ) -> Result<Vec<T>, HarborError> {
        match answer {
            Err(HarborError::Forbidden(_) | HarborError::Unauthorized) => {
                self.unseen.push(kind);
                Ok(Vec::new())
            }
            // A project that was deleted meanwhile.
            Err(HarborError::NotFound(_)) => Ok(Vec::new()),
            answer => answer,
        }
    }
}

/// Robots of the system and labels of all.
async fn of_all(side: &PairSide) -> Result<Found, HarborError> {
    let mut found = Found::default();
    let robots = side.system.robots().await;
    for robot in found.seen(SettingKind::Robot, robots)? {
        if !robot.name.contains(OURS) {
            let rights = robot.permissions.iter().map(|p| p.access.len()).sum();
            let value = words::robot(!robot.disable, robot.duration, rights);
            found.add("", SettingKind::Robot, &robot.name, Say::same(&*robot.name), value);
        }
    }
    let labels = side.system.labels(None).await;
    for label in found.seen(SettingKind::Label, labels)? {
        found.add("", SettingKind::Label, &label.name, Say::same(&*label.name), words::label(&label));
    }
    Ok(found)
}

async fn quotas(side: &PairSide) -> Result<Found, HarborError> {
    let mut found = Found::default();
    let quotas = side.system.quotas().await;
    for quota in found.seen(SettingKind::Quota, quotas)? {
        let value = words::storage(quota.hard.storage);
        found.add(&quota.project.name, SettingKind::Quota, "", Say::default(), value);
    }
    Ok(found)
}

async fn of_project(side: &PairSide, project: Project) -> Result<Found, HarborError> {
    let (harbor, name) = (&side.projects, project.name.as_str());
    let mut found = Found::default();
    let kind = if project.is_proxy_cache() {
        say!("there, a proxy cache", "存在，代理缓存")
    } else {
        say!("there", "存在")
    };
    found.add(name, SettingKind::Project, "", Say::default(), kind);
    for (key, value) in &project.metadata {
        // An id says nothing to the other side, and what is off may as well not be there.
        if key != "retention_id" && value != "false" && !value.is_empty() {
            found.add(name, SettingKind::Metadata, key, words::metadata(key), words::value(value));
        }
    }
    let rules = harbor.immutable_rules(name).await;
    for rule in found.seen(SettingKind::Immutability, rules)? {
        let called = words::selected(&rule.scope_selectors, &rule.tag_selectors);
        let value = words::on(!rule.disabled);
        found.add(name, SettingKind::Immutability, &called.en.clone(), called, value);
    }
    if let Some(id) = project.retention_id() {
        let policy = harbor.retention(id).await.map(|policy| vec![policy]);
        for policy in found.seen(SettingKind::Retention, policy)? {
            for rule in &policy.rules {
                let called = words::retention(rule);
                let on = words::on(rule["disabled"] != true);
                found.add(name, SettingKind::Retention, &called.en.clone(), called, on);
            }
            let called = say!("runs", "运行时间");
            found.add(name, SettingKind::Retention, "", called, words::trigger(&policy.trigger));
        }
    }
    let labels = harbor.labels(Some(project.project_id)).await;
    for label in found.seen(SettingKind::Label, labels)? {
        found.add(name, SettingKind::Label, &label.name, Say::same(&*label.name), words::label(&label));
    }
    let members = harbor.members(name).await;
    // Who is in a project by name and in it as a group is told once for each.
    let mut roles: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
    for member in found.seen(SettingKind::Member, members)? {
        roles.entry((member.entity_name, member.entity_type == "g")).or_default().push(member.role_name);
    }
    for ((who, is_group), roles) in roles {
        let called = if is_group { say!("{who} (group)", "{who}（组）") } else { Say::same(&*who) };
        found.add(name, SettingKind::Member, &called.en.clone(), called, words::roles(&roles));
    }
    Ok(found)
}

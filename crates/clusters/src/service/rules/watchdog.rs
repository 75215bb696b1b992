//! The watchdog: what is wrong with the rules is found without a page, told once, and where the team lets it, mended.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use model::{
    Say,
    finding::{CureAction, Finding, FindingState, Subject},
    health::HealthState,
    ids::ClusterId,
    live::LiveEvent,
    names::{ClusterName, NodeName},
    rule::RuleDeed,
    run::RunState,
    say,
    spec::ClusterSpec,
};

use super::{
    super::{Answered, BY_ITSELF, Clusters},
    Kept, Reading,
};
use crate::{
    announce::News,
    lint, pairs,
    records::{self, Noted, RunBody},
    rules,
    trouble::Trouble,
};

/// How often the rules of a cluster are looked at. A round asks each node ten small questions (who it is, ping,
/// rules, executions, schedules, queues; one more for each further hundred rules), all of them reads, the nodes at once
/// and ten seconds long at most.
pub(in super::super) const WATCHING: Duration = Duration::from_secs(60);

/// In each so many rounds it is read what the projects refuse: a request or two for each project.
const LIMITS: u32 = 15;

impl Clusters {
    /// Whether what one safe press mends is mended by itself in a cluster from now on: a paused queue goes on, a rule is
    /// scheduled anew.
    ///
    /// # Errors
    /// `store.not_found`, `rules.none`.
    pub async fn set_mending(&self, id: &ClusterId, mends: bool, by: &str) -> Answered<()> {
        let Kept { row, mut record, .. } = self.kept(id).await?;
        if record.mends == mends {
            return Ok(());
        }
        record.mends = mends;
        records::put_cluster_record(&self.store, id, &record).await?;
        let name = &row.name;
        let text = if mends {
            say!(
                "In the cluster {name} paused queues go on and lost schedules are made anew by themselves.",
                "集群 {name} 现会自动恢复已暂停的队列，并重新安排丢失的定时计划。"
            )
        } else {
            say!(
                "In the cluster {name} nothing is mended by itself any more.",
                "集群 {name} 不再自动修正任何问题。"
            )
        };
        self.tell_of_rules(id, "rules.policy", HealthState::Unknown, text, by).await;
        self.harvests.watch_soon(id);
        Ok(())
    }

    /// How much each question of lint and watchdog found in each cluster whose nodes copy, also where that is nothing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn rule_findings(&self) -> Answered<Vec<(ClusterName, BTreeMap<&'static str, u64>)>> {
        let mut out = Vec::new();
        for row in self.store.clusters().list().await? {
            let spec: ClusterSpec = row.spec_as()?;
            // Before the first look nothing is said: none found and not looked are two things.
            let Some(noted) = records::noted(&self.store, &row.id).await? else { continue };
            if spec.topology.copies() {
                let of = |id| noted.iter().filter(|found| found.id == id).count() as u64;
                out.push((row.name, lint::ids().map(|id| (id, of(id))).collect()));
            }
        }
        Ok(out)
    }
}

impl Clusters {
    /// How much is to be looked at among the rules of a cluster.
    pub(super) async fn count_noted(&self, id: &ClusterId) -> Answered<u32> {
        let noted = records::noted(&self.store, id).await?.unwrap_or_default();
        Ok(u32::try_from(noted.len()).unwrap_or(u32::MAX))
    }

    /// Looks at the rules of the clusters whose time has come.
    pub(in super::super) async fn watch_due(&self) -> Answered<()> {
        let mut due = Vec::new();
        for row in self.store.clusters().list().await? {
            let spec: ClusterSpec = row.spec_as()?;
            if spec.topology.copies() && self.harvests.watch_due(&row.id, self.watching) {
                due.push(row.id);
            }
        }
        let done = join_all(due.iter().map(|id| self.watch_cluster(id))).await;
        done.into_iter().collect()
    }

    async fn watch_cluster(&self, id: &ClusterId) -> Answered<()> {
        let kept = self.kept(id).await?;
        if self.is_worked_on(&kept).await? {
            // What is half done is no finding; its end says that it is time again.
            return Ok(());
        }
        if self.harvests.limits_due(id, self.watching * LIMITS) {
            self.read_limits(id).await?;
        }
        let reading = self.read_rules(&kept).await?;
        // A run that began meanwhile was read halfway.
        if self.is_worked_on(&kept).await? {
            return Ok(());
        }
        self.note(id, &kept, &reading).await?;
        if kept.record.mends { self.mend_by_itself(id, &reading.findings).await } else { Ok(()) }
    }

    /// Reads what the projects of the nodes refuse; of a node that does not say it, what it said last is kept.
    pub(in super::super) async fn read_limits(&self, id: &ClusterId) -> Answered<()> {
        let Kept { row, spec, .. } = self.kept(id).await?;
        let reach = self.reach(&spec, self.cluster_accounts(&row.id).await?)?;
        let before = records::limits(&self.store, &row.id).await?;
        let read = join_all(
            reach
                .iter()
                .map(|(name, reach)| async move { (name.clone(), rules::read_limits(reach).await.ok()) }),
        );
        let now: BTreeMap<_, _> = read
            .await
            .into_iter()
            .filter_map(|(name, read)| Some((name.clone(), read.or_else(|| before.get(&name).cloned())?)))
            .collect();
        if now != before {
            records::put_limits(&self.store, &row.id, &now).await?;
        }
        Ok(())
    }

    /// Whether a run works on the cluster, its adoption too.
    async fn is_worked_on(&self, kept: &Kept) -> Answered<bool> {
        for run in self.store.runs().in_state(RunState::Running).await? {
            let body: RunBody = run.body_as()?;
            if body.cluster.as_ref() == Some(&kept.row.id) || body.spec.name == kept.row.name {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps what is to be looked at, and tells what is new and what is over, each once.
    async fn note(&self, id: &ClusterId, kept: &Kept, reading: &Reading) -> Answered<()> {
        let known = records::noted(&self.store, id).await?;
        let first = known.is_none();
        let before = known.unwrap_or_default();
        let mut now: Vec<Noted> = reading.findings.iter().map(noted).collect();
        let unseen = before.iter().filter(|old| !now.iter().any(|new| new.is(old)));
        now.extend(unseen.filter(|old| is_open(old, reading)).cloned().collect::<Vec<_>>());
        if now == before && !first {
            return Ok(());
        }
        records::put_noted(&self.store, id, &now).await?;
        let name = &kept.row.name;
        for found in now.iter().filter(|new| !before.iter().any(|old| old.is(new))) {
            let state = match found.state {
                FindingState::Failed => HealthState::Degraded,
                _ => HealthState::Unknown,
            };
            let Say { en, zh } = &found.title;
            let text = say!("{name}: {en}.", "{name}：{zh}。");
            self.tell_of_rules(id, "rules.found", state, text, "").await;
        }
        for over in before.iter().filter(|old| !now.iter().any(|new| new.is(old))) {
            let Say { en, zh } = &over.title;
            let text = say!("{name}: no longer: {en}.", "{name}：已不再是：{zh}。");
            self.tell_of_rules(id, "rules.cured", HealthState::Up, text, "").await;
        }
        let findings = u32::try_from(now.len()).unwrap_or(u32::MAX);
        self.announce.publish(LiveEvent::Rules { cluster: id.clone(), findings });
        for pair in pairs::of_cluster(&self.store, id).await? {
            self.tell_pair(&pair.row.id).await;
        }
        Ok(())
    }

    async fn tell_of_rules(
        &self,
        id: &ClusterId,
        code: &'static str,
        state: HealthState,
        text: Say,
        by: &str,
    ) {
        self.announce.record(News::of_cluster(id, code, state, text, by)).await;
    }

    /// Presses what is safe to press; what it does not help is pressed again much later.
    async fn mend_by_itself(&self, id: &ClusterId, findings: &[Finding]) -> Answered<()> {
        let pressed = |found: &'_ Finding| match found.cure.as_ref()?.action.as_ref()? {
            CureAction::Rule { deed } if deed.is_safe() => Some(deed.clone()),
            _ => None,
        };
        let deeds: Vec<RuleDeed> = findings.iter().filter_map(pressed).collect();
        self.harvests.mended_but(id, &deeds);
        for deed in deeds.iter().filter(|deed| self.harvests.mend_again(id, deed)) {
            self.do_rule(id, deed, BY_ITSELF).await?;
        }
        Ok(())
    }
}

fn noted(found: &Finding) -> Noted {
    Noted {
        id: found.id.clone(),
        subject: found.subject.clone(),
        state: found.state,
        title: found.title.clone(),
    }
}

/// Whether what was found before may still be so, because a node that it is about could not be read.
fn is_open(old: &Noted, reading: &Reading) -> bool {
    let about = |node: &NodeName| match &old.subject {
        Subject::Node { node: one } => one == node,
        Subject::Link { source, destination } => source == node || destination == node,
        Subject::Cluster | Subject::Entry => true,
    };
    let unread = |read: &Result<crate::rules::NodeRead, Trouble>| match read {
        Ok(read) => read.jobs.is_none() && lint::is_of_jobs(&old.id),
        Err(_) => true,
    };
    reading.nodes.iter().any(|(node, read)| about(node) && unread(read))
}

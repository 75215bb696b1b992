//! Asking the checks, and the writing probes.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use model::{
    Say,
    finding::{Finding, FindingState, Subject},
    ids::{DraftId, RunId},
    live::LiveEvent,
    plan::PlannedStep,
    run::RunKind,
    say,
    spec::ClusterSpec,
};
use tokio_util::sync::CancellationToken;

use super::{Answered, Clusters, drafts::Typed, random_tag};
use crate::{
    change::Change,
    error,
    findings::{self, Answer, Check},
    plan,
    records::{self, FindingFacts, RunBody},
    survey::Survey,
};

/// Longest time for one answer; each request has its own, shorter limit.
const ANSWER_LIMIT: Duration = Duration::from_secs(90);
/// The same for answers that read every artifact of two nodes.
const SCAN_LIMIT: Duration = Duration::from_secs(1000);

/// Pause before an answer that could not be kept is tried to be kept again.
const PAUSE: Duration = Duration::from_secs(1);

impl Clusters {
    /// Asks all reading checks of a draft, or one of them. Returns at once; answers come as
    /// [`LiveEvent::Finding`] and are kept. A new round ends the one before.
    ///
    /// # Errors
    /// Where what was typed is not a cluster yet.
    pub async fn run_checks(&self, id: &DraftId, only: Option<(String, Subject)>) -> Answered<()> {
        let Typed { spec, accounts, change, .. } = self.typed(id).await?;
        let reach = self.reach(&spec, accounts)?;
        let asked: Vec<(&'static dyn Check, Subject)> = findings::asked(&spec, change.as_ref())
            .into_iter()
            .filter(|(check, _)| !check.writes())
            .filter(|(check, s)| only.as_ref().is_none_or(|(id, of)| check.id() == id && s == of))
            .collect();
        let survey = Arc::new(self.survey(spec, &reach)?.with_change(change));
        for (check, subject) in &asked {
            let waiting = Finding::waiting(check.id(), subject.clone(), check.title(subject), false);
            self.answered(id, waiting, None).await?;
        }
        let round = CancellationToken::new();
        if only.is_none()
            && let Some(before) = self.asking().insert(id.clone(), round.clone())
        {
            before.cancel();
        }
        let (clusters, id) = (self.clone(), id.clone());
        self.spawn(async move {
            tokio::select! {
                () = round.cancelled() => {}
                () = clusters.ask_all(&id, &survey, asked) => {}
            }
        });
        Ok(())
    }

    async fn ask_all(&self, id: &DraftId, survey: &Survey, asked: Vec<(&'static dyn Check, Subject)>) {
        // All at once: what they read is shared, and each node's gate keeps the requests few.
        let mut open = futures::stream::FuturesUnordered::new();
        for (check, subject) in asked {
            open.push(self.ask(id, survey, check, subject));
        }
        while open.next().await.is_some() {}
    }

    async fn ask(&self, id: &DraftId, survey: &Survey, check: &'static dyn Check, subject: Subject) {
        let began = std::time::Instant::now();
        let limit = if matches!(check.id(), "tags-differ" | "destination-limits") {
            SCAN_LIMIT
        } else {
            ANSWER_LIMIT
        };
        let answer = match tokio::time::timeout(limit, check.ask(survey, &subject)).await {
            Ok(answer) => answer,
            Err(_) => late(limit),
        };
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let waiting = Finding::waiting(check.id(), subject.clone(), check.title(&subject), false);
        let finding = answer.into_finding(waiting, self.now_ms(), took);
        let first_copy = match (check.id(), &subject) {
            ("tags-differ", Subject::Link { source, destination }) => {
                let link = model::Link::new(source.clone(), destination.clone());
                survey.first_copy(&link).await.ok()
            }
            _ => None,
        };
        // An answer that is not kept would leave its question open for ever; without its draft there is none.
        while let Err(fault) = self.answered(id, finding.clone(), first_copy.clone()).await {
            tracing::warn!(draft = %id, %fault, "an answer could not be kept");
            if fault.status == 404 {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The calls of the writing probes, for a person to read and confirm; empty where the topology has none.
    ///
    /// # Errors
    /// Where what was typed is not a cluster yet, or the first node does not answer.
    pub async fn probe_steps(&self, id: &DraftId) -> Answered<Vec<PlannedStep>> {
        let Typed { spec, accounts, change, .. } = self.typed(id).await?;
        if !probes_arise(&spec, change.as_ref()) {
            return Ok(Vec::new());
        }
        let reach = self.reach(&spec, accounts)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let Some(first) = survey.nodes().first() else { return Ok(Vec::new()) };
        let basics = first.basics().await.map_err(|t| t.app_of(first.name()))?;
        Ok(plan::probe_steps(&spec, &basics.version, "…"))
    }

    /// Starts the writing probes; their answers come as [`LiveEvent::Finding`].
    ///
    /// # Errors
    /// `probes.unconfirmed` before their calls were confirmed in the draft, `probes.none`.
    pub async fn run_probes(&self, id: &DraftId, by: &str) -> Answered<RunId> {
        let Typed { draft, spec, accounts, change } = self.typed(id).await?;
        if !probes_arise(&spec, change.as_ref()) {
            return Err(error::no_probes());
        }
        if !draft.probes_confirmed {
            return Err(error::unconfirmed());
        }
        let reach = self.reach(&spec, accounts)?;
        let survey = self.survey(spec.clone(), &reach)?;
        let versions = survey.all_basics().await.map_err(|(node, t)| t.app_of(&node))?;
        let Some((_, first)) = versions.first() else { return Err(error::no_probes()) };
        let steps = plan::probe_steps(&spec, &first.version, &random_tag()?);
        if steps.is_empty() {
            return Err(error::no_probes());
        }
        self.wait_for_probes(id, &spec).await?;
        let sealed = self.sealed_for(&draft, &spec, &reach).await?;
        let body = RunBody {
            pair: None,
            kind: RunKind::Probe,
            scope: id.to_string(),
            draft: Some(id.clone()),
            cluster: change.as_ref().map(|c| c.before.cluster.clone()),
            change,
            versions: versions.iter().map(|(n, b)| (n.clone(), b.version.clone())).collect(),
            clock_offset_ms: Default::default(),
            make_robot: Default::default(),
            steps,
            rules: Vec::new(),
            vault: uuid_text(),
            by: by.to_owned(),
            made_ms: self.now_ms(),
            spec,
        };
        self.begin(body, &sealed).await
    }

    async fn wait_for_probes(&self, id: &DraftId, spec: &ClusterSpec) -> Answered<()> {
        for check in findings::all().iter().filter(|c| c.writes()) {
            for subject in check.subjects(spec) {
                let title = check.title(&subject);
                self.answered(id, Finding::waiting(check.id(), subject, title, true), None).await?;
            }
        }
        Ok(())
    }
}

/// Whether there is something to probe; where a cluster only loses nodes there is not.
fn probes_arise(spec: &ClusterSpec, change: Option<&Change>) -> bool {
    findings::asked(spec, change).iter().any(|(check, _)| check.writes())
}

/// A name for the sealed accounts of one run.
pub(super) fn uuid_text() -> String {
    store::new_id::<RunId>().to_string()
}

fn late(limit: Duration) -> Answer {
    let seconds = limit.as_secs();
    Answer::not_proven(
        say!("no answer within {seconds} s", "{seconds} 秒内没有应答"),
        say!("One of the nodes is slow or hangs.", "有节点响应缓慢或无响应。"),
    )
}

impl Clusters {
    /// Keeps an answer and sends it to every open page.
    pub(super) async fn answered(
        &self,
        id: &DraftId,
        finding: Finding,
        first_copy: Option<model::plan::FirstCopySize>,
    ) -> Answered<()> {
        let facts = FindingFacts { finding, first_copy };
        records::put_facts(&self.store, id.as_str(), &facts).await?;
        let mut finding = facts.finding;
        if finding.state == FindingState::Warning {
            let key = records::finding_key(&finding.id, &finding.subject)?;
            let rows = self.store.findings().list(id.as_str()).await?;
            finding.waiver = rows.into_iter().find(|r| r.key == key).and_then(|r| r.waiver);
        }
        self.announce.publish(LiveEvent::Finding { draft: id.clone(), finding: Box::new(finding) });
        Ok(())
    }

    /// Probes that a stopped run left without an answer say so.
    pub(super) async fn settle_probes(&self, id: &DraftId, spec: &ClusterSpec, why: Say) -> Answered<()> {
        let rows = self.store.findings().list(id.as_str()).await?;
        for finding in super::drafts::merged(spec, None, &rows) {
            if finding.writes && finding.state == FindingState::Waiting {
                let answer = Answer::not_proven(
                    why.clone(),
                    say!("The probes stopped before this was asked.", "探测在检查此项之前停止。"),
                )
                .cure(say!("Run the probes again.", "请重新运行探测。"));
                let finding = answer.into_finding(finding, self.now_ms(), 0);
                self.answered(id, finding, None).await?;
            }
        }
        Ok(())
    }
}

//! The probes of a shared storage: what they stand on, their questions, and the broom.

use async_trait::async_trait;
use harbor::HarborError;
use model::{
    Say, finding::Finding, live::LiveEvent, names::NodeName, plan::BenchPart, say, spec::CredentialKind,
};

use super::{AtNode, Cx, Done, Made, StepError, Work, clean, proof, robot};
use crate::{
    bodies::{self, PROOF_REPOSITORY, PROOF_TAG},
    findings, names, records,
    survey::Survey,
};

/// One thing the probes stand on.
pub(super) struct Bench {
    pub(super) part: BenchPart,
    pub(super) tag: String,
}

/// One question.
pub(super) struct Ask {
    pub(super) finding: String,
    pub(super) tag: String,
}

/// The broom.
pub(super) struct Clean {
    pub(super) tag: String,
}

fn first(cx: &Cx) -> Done<&NodeName> {
    cx.body.spec.nodes.first().map(|n| &n.name).ok_or_else(|| {
        StepError::refused(
            "probe.no_node",
            say!("There is no node to probe.", "没有可探测的节点。"),
            say!("Add nodes first.", "请先添加节点。"),
        )
    })
}

#[async_trait]
impl Work for Bench {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let project = names::temporary("probe", &self.tag);
        let node = first(cx)?;
        let reach = cx.at(node)?;
        let id = match self.part {
            BenchPart::Endpoint => endpoint_id(cx, &project).await?,
            BenchPart::Rule => rule_id(cx, &project).await?,
            BenchPart::Robot => match robot::sealed(cx, &records::probe_owner(&cx.body.vault)).await? {
                Some(_) => robot::find(reach, node, &project).await?.map(|r| r.id),
                None => None,
            },
            // Making these again does no harm.
            BenchPart::Project | BenchPart::Image => None,
        };
        Ok(id.map(|id| Made { id: Some(id), outcome: say!("there already", "已存在") }))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let project = names::temporary("probe", &self.tag);
        let node = first(cx)?;
        let reach = cx.at(node)?;
        let id = match self.part {
            BenchPart::Project => {
                cx.leaves(node, clean::PROJECT, &project).await?;
                match reach.projects.create_project(&bodies::proof_project(&project, false)).await {
                    Ok(id) => Some(id),
                    Err(HarborError::Conflict(_)) => None,
                    Err(other) => return Err(other).at(node),
                }
            }
            BenchPart::Image => {
                proof::push(cx, node, &project, false).await?;
                None
            }
            BenchPart::Robot => {
                cx.leaves(node, clean::ROBOT, &project).await?;
                let (id, name, secret) = match robot::find(reach, node, &project).await? {
                    // Made before a crash, its secret never heard.
                    Some(there) => {
                        (there.id, there.name, reach.system.refresh_robot(there.id).await.at(node)?)
                    }
                    None => {
                        let made =
                            reach.system.create_robot(&bodies::bench_robot(&project)).await.at(node)?;
                        (made.id, made.name, made.secret)
                    }
                };
                let owner = records::probe_owner(&cx.body.vault);
                cx.store.credentials().put(&owner, CredentialKind::Robot, &name, &secret).await?;
                Some(id)
            }
            BenchPart::Endpoint => {
                cx.leaves(node, clean::ENDPOINT, &project).await?;
                let account = account(cx).await?;
                let spec = &cx.body.spec.nodes[0];
                let version = cx.version(node);
                let body = bodies::bench_endpoint(
                    &project,
                    spec,
                    &version,
                    &account.username,
                    account.secret.clone(),
                );
                Some(reach.system.create_registry(&body).await.at(node)?)
            }
            BenchPart::Rule => {
                cx.leaves(node, clean::RULE, &project).await?;
                let endpoint = endpoint_id(cx, &project).await?.ok_or_else(|| lost(node))?;
                let body = bodies::proof_rule(&project, endpoint);
                Some(reach.system.create_policy(&body).await.at(node)?)
            }
        };
        let outcome = match id {
            Some(id) => say!("id {id}", "编号 {id}"),
            None => say!("made", "已创建"),
        };
        Ok(Made { id, outcome })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        // Each question has a control that fails where one of these is not as it should be.
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        sweep(cx, &self.tag).await
    }
}

#[async_trait]
impl Work for Ask {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let project = names::temporary("probe", &self.tag);
        let Some(check) = findings::by_id(&self.finding) else {
            return Ok(Made { id: None, outcome: say!("no such question", "没有这个问题") });
        };
        let node = first(cx)?;
        let account = account(cx).await?;
        let bench = crate::survey::Bench {
            repository: PROOF_REPOSITORY.to_owned(),
            tag: PROOF_TAG.to_owned(),
            seed: project.clone(),
            robot: account.username,
            secret: account.secret,
            endpoint: endpoint_id(cx, &project).await?.ok_or_else(|| lost(node))?,
            rule: rule_id(cx, &project).await?.ok_or_else(|| lost(node))?,
            project,
        };
        let survey = Survey::new(&cx.outside, cx.body.spec.clone(), &cx.reach, cx.store.clock().clone())
            .at(node)?
            .with_bench(bench);
        let mut outcome = Say::default();
        for subject in check.subjects(&cx.body.spec) {
            let began = survey.now_ms();
            let answer = check.ask(&survey, &subject).await;
            let waiting = Finding::waiting(check.id(), subject.clone(), check.title(&subject), true);
            let now = survey.now_ms();
            let finding = answer.into_finding(waiting, now, now - began);
            outcome = finding.measured.clone().unwrap_or_default();
            records::put_finding(&cx.store, &cx.body.scope, &finding).await?;
            if let Some(draft) = &cx.body.draft {
                let (draft, finding) = (draft.clone(), Box::new(finding));
                cx.announce.publish(LiveEvent::Finding { draft, finding });
            }
        }
        Ok(Made { id: None, outcome })
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // An answer is not taken back.
        Ok(())
    }
}

#[async_trait]
impl Work for Clean {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        sweep(cx, &self.tag).await?;
        Ok(Made { id: None, outcome: say!("nothing is left", "没有残留") })
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let node = first(cx)?;
        let project = names::temporary("probe", &self.tag);
        if cx.at(node)?.projects.project_exists(&project).await.at(node)? {
            return Err(StepError::refused(
                "probe.left",
                say!("The project {project} is still there.", "项目 {project} 仍然存在。"),
                say!("Try again; it is also tried again by itself.", "请重试；系统也会自动重试。"),
            ));
        }
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        sweep(cx, &self.tag).await
    }
}

async fn sweep(cx: &Cx, tag: &str) -> Done<()> {
    let project = names::temporary("probe", tag);
    cx.sweep(|name| name == project).await?;
    Ok(records::forget(&cx.store, &records::probe_owner(&cx.body.vault)).await?)
}

async fn account(cx: &Cx) -> Done<crate::reach::Account> {
    let owner = records::probe_owner(&cx.body.vault);
    robot::sealed(cx, &owner).await?.ok_or_else(|| match first(cx) {
        Ok(node) => StepError::no_account(node),
        Err(none) => none,
    })
}

async fn endpoint_id(cx: &Cx, name: &str) -> Done<Option<i64>> {
    let node = first(cx)?;
    let all = cx.at(node)?.system.all_registries().await.at(node)?;
    Ok(all.iter().find(|r| r.name == name).map(|r| r.id))
}

async fn rule_id(cx: &Cx, name: &str) -> Done<Option<i64>> {
    let node = first(cx)?;
    let all = cx.at(node)?.system.all_policies().await.at(node)?;
    Ok(all.iter().find(|p| p.name == name).map(|p| p.id))
}

fn lost(node: &NodeName) -> StepError {
    StepError::not_kept(node, &say!("what the probes stand on", "探测所需的临时对象"))
}

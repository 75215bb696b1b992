//! The proof: a tiny image really crosses, and is then removed everywhere.
//!
//! What is made stands among the leftovers before it is made, so that a crash leaves nothing behind for good.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use harbor::{Harbor, HarborError, oci::image::TinyImage};
use model::{Link, Say, names::NodeName, say};

use super::{AtNode, Cx, Done, Made, StepError, Work, clean, delete_rule, endpoint, until};
use crate::{
    bodies::{self, PROOF_REPOSITORY, PROOF_TAG},
    names,
};

/// Longest time for a tiny image to cross; a healthy pair takes 2 to 4 s, a busy job service longer.
const CROSSING: Duration = Duration::from_secs(180);

/// Over one link, by a narrow rule through the link's own endpoint.
pub(super) struct Crossing {
    pub(super) link: Link,
    pub(super) tag: String,
}

/// Through one node of a shared storage and out of every other.
pub(super) struct Shared {
    pub(super) first: NodeName,
    pub(super) tag: String,
}

/// In through the nodes and out of the entry.
pub(super) struct Entry {
    pub(super) tag: String,
}

fn name(project: &str) -> String {
    format!("{project}/{PROOF_REPOSITORY}")
}

fn seconds(since: Instant) -> String {
    format!("{:.1}", since.elapsed().as_secs_f64())
}

/// Makes the project, unless an interrupted run has, and pushes the image into it.
pub(super) async fn push(cx: &Cx, node: &NodeName, project: &str, public: bool) -> Done<TinyImage> {
    cx.leaves(node, clean::PROJECT, project).await?;
    let harbor = &cx.at(node)?.projects;
    match harbor.create_project(&bodies::proof_project(project, public)).await {
        Ok(_) | Err(HarborError::Conflict(_)) => {}
        Err(other) => return Err(other).at(node),
    }
    let image = TinyImage::new(project);
    let oci = harbor.oci(&name(project)).await.at(node)?;
    image.push(&oci, PROOF_TAG).await.at(node)?;
    Ok(image)
}

/// Pulls the image and compares every byte.
async fn pull(harbor: &Harbor, node: &NodeName, project: &str, image: &TinyImage) -> Done<()> {
    let oci = harbor.oci(&name(project)).await.at(node)?;
    image.pull(&oci, PROOF_TAG).await.at(node)
}

/// The work, then the broom: what the work found is told even where sweeping fails, which is tried again later.
async fn swept(cx: &Cx, project: &str, work: impl Future<Output = Done<Made>>) -> Done<Made> {
    let made = work.await;
    let clean = cx.sweep(|name| name == project).await;
    let made = made?;
    clean?;
    Ok(made)
}

#[async_trait]
impl Work for Crossing {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let project = names::temporary("proof", &self.tag);
        swept(cx, &project, self.cross(cx, &project)).await
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let project = names::temporary("proof", &self.tag);
        cx.sweep(|name| name == project).await
    }
}

impl Crossing {
    async fn cross(&self, cx: &Cx, project: &str) -> Done<Made> {
        let Link { source, destination } = &self.link;
        let image = push(cx, source, project, false).await?;
        cx.leaves(destination, clean::PROJECT, project).await?;
        let there = &cx.at(destination)?.projects;
        let here = &cx.at(source)?.system;
        self.run_rule(cx, project).await?;
        let began = Instant::now();
        let execution = self.start(cx, project).await?;
        let arrived = until(CROSSING, || async {
            match there.artifact(project, PROOF_REPOSITORY, PROOF_TAG).await {
                Ok(artifact) if artifact.digest == image.digest() => return Ok(Some(true)),
                // A project that is not there yet is forbidden to all but administrators.
                Ok(_) | Err(HarborError::NotFound(_) | HarborError::Forbidden(_)) => {}
                Err(other) => return Err(other).at(destination),
            }
            let run = here.execution(execution).await.at(source)?;
            Ok((run.is_final() && run.status != "Succeed").then_some(false))
        })
        .await?;
        let took = seconds(began);
        if arrived != Some(true) {
            return Err(self.failure(cx, execution, arrived.is_none()).await?);
        }
        pull(there, destination, project, &image).await?;
        // The rule cannot be removed before its execution is over.
        until(CROSSING, || async { Ok(here.execution(execution).await.at(source)?.is_done().then_some(())) })
            .await?;
        Ok(Made {
            id: None,
            outcome: say!(
                "crossed from {source} to {destination} in {took} s, every byte equal",
                "{took} 秒内从 {source} 到达 {destination}，内容完全一致"
            ),
        })
    }

    /// Makes the narrow rule, unless an interrupted run has.
    async fn run_rule(&self, cx: &Cx, project: &str) -> Done<()> {
        let source = &self.link.source;
        cx.leaves(source, clean::RULE, project).await?;
        let endpoint = endpoint::id_of(cx, &self.link).await?;
        match cx.at(source)?.system.create_policy(&bodies::proof_rule(project, endpoint)).await {
            Ok(_) | Err(HarborError::Conflict(_)) => Ok(()),
            Err(other) => Err(other).at(source),
        }
    }

    async fn start(&self, cx: &Cx, project: &str) -> Done<i64> {
        let source = &self.link.source;
        let harbor = &cx.at(source)?.system;
        let rules = harbor.all_policies().await.at(source)?;
        let rule = rules
            .iter()
            .find(|p| p.name == project)
            .ok_or_else(|| StepError::not_kept(source, &say!("the proof's rule", "证明用的规则")))?;
        harbor.start_execution(rule.id).await.at(source)
    }

    /// Why the image did not arrive, in Harbor's own words.
    async fn failure(&self, cx: &Cx, execution: i64, late: bool) -> Done<StepError> {
        let Link { source, destination } = &self.link;
        let next = say!(
            "Look at the job service of {source}, and whether it reaches {destination}; then try again.",
            "请查看 {source} 的任务服务，以及它能否到达 {destination}，然后重试。"
        );
        if late {
            let limit = CROSSING.as_secs();
            return Ok(StepError::refused(
                "proof.late",
                say!(
                    "The image did not get from {source} to {destination} within {limit} s.",
                    "镜像在 {limit} 秒内没有从 {source} 到达 {destination}。"
                ),
                next,
            ));
        }
        let run = cx.at(source)?.system.execution(execution).await.at(source)?;
        let why: String = run.status_text.chars().take(300).collect();
        let why = if why.is_empty() { run.status } else { why };
        Ok(StepError::refused(
            "proof.failed",
            say!(
                "{source} failed to copy the image to {destination}: {why}",
                "{source} 未能把镜像复制到 {destination}：{why}"
            ),
            next,
        ))
    }
}

#[async_trait]
impl Work for Shared {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let project = names::temporary("proof", &self.tag);
        let work = async {
            let image = push(cx, &self.first, &project, false).await?;
            let mut legs = Vec::new();
            for node in cx.body.spec.nodes.iter().map(|n| &n.name).filter(|n| **n != self.first) {
                let began = Instant::now();
                pull(&cx.at(node)?.projects, node, &project, &image).await?;
                legs.push(format!("{node} {} s", seconds(began)));
            }
            let (first, legs) = (&self.first, legs.join(", "));
            Ok(Made {
                id: None,
                outcome: say!(
                    "pushed through {first}, pulled with every byte equal through {legs}",
                    "通过 {first} 推送；从各节点拉取，内容完全一致：{legs}"
                ),
            })
        };
        swept(cx, &project, work).await
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let project = names::temporary("proof", &self.tag);
        cx.sweep(|name| name == project).await
    }
}

#[async_trait]
impl Work for Entry {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let project = names::temporary("proof", &self.tag);
        swept(cx, &project, self.pull_through(cx, &project)).await
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let project = names::temporary("proof", &self.tag);
        cx.sweep(|name| name == project).await
    }
}

impl Entry {
    /// The project is public, so that whichever node answers can be asked as nobody: the nodes of a pair do not
    /// know each other's accounts.
    async fn pull_through(&self, cx: &Cx, project: &str) -> Done<Made> {
        let spec = &cx.body.spec;
        let Some(entry) = &spec.entry else {
            return Ok(Made { id: None, outcome: say!("no entry", "没有入口") });
        };
        let mut image = TinyImage::new(project);
        let copies = spec.topology.copies();
        for node in spec.nodes.iter().take(if copies { usize::MAX } else { 1 }) {
            image = push(cx, &node.name, project, true).await?;
        }
        let began = Instant::now();
        let pulled = async {
            let harbor =
                Harbor::new(&cx.outside, entry.address.clone(), &entry.tls, harbor::Credential::Anonymous)?;
            let token = harbor.token(&name(project), "pull").await?;
            image.pull(&harbor.oci_with(&name(project), token.secret), PROOF_TAG).await
        }
        .await;
        let took = seconds(began);
        match pulled {
            Ok(()) => Ok(Made {
                id: None,
                outcome: say!(
                    "pulled through the entry in {took} s, every byte equal",
                    "{took} 秒内通过入口拉取，内容完全一致"
                ),
            }),
            Err(error) => {
                let trouble = crate::trouble::Trouble::from(error);
                let Say { en, zh } = trouble.cause();
                Err(StepError::refused(
                    "proof.entry",
                    say!("Nothing could be pulled through the entry: {en}", "无法通过入口拉取：{zh}"),
                    trouble.next(),
                ))
            }
        }
    }
}

/// Removes the rule of that name.
pub(super) async fn remove_rule(cx: &Cx, node: &NodeName, rule: &str) -> Done<()> {
    let harbor = &cx.at(node)?.system;
    let rules = harbor.all_policies().await.at(node)?;
    match rules.iter().find(|p| p.name == rule) {
        Some(found) => delete_rule(harbor, found.id, node).await,
        None => Ok(()),
    }
}

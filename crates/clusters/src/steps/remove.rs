//! What leaves: rules, endpoints and robots of links that are no more, and what the console knew.
//!
//! Only what bears a run's mark is removed; what was there before Breakwater came is left. Taking such a step back
//! makes the thing again, with the steps that made it first.

use async_trait::async_trait;
use harbor::HarborError;
use model::{Link, Say, names::NodeName, plan::RemovedPart, say};

use super::{
    AtNode, Cx, Done, Made, StepError, Work, delete_rule,
    endpoint::{self, Endpoint},
    gone,
    robot::{self, Console, OfLink},
    rule::{self, Enable, Rule},
};
use crate::{announce::News, bodies, change::Change, records};

/// One thing that Breakwater made.
pub(super) struct Remove {
    pub(super) part: RemovedPart,
    pub(super) node: NodeName,
    pub(super) name: String,
    pub(super) link: Option<Link>,
}

/// The account of a node that left.
pub(super) struct Forget {
    pub(super) node: NodeName,
}

/// The whole cluster.
pub(super) struct ForgetCluster;

fn done(outcome: Say) -> Made {
    Made { id: None, outcome }
}

#[async_trait]
impl Work for Remove {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        Ok(match self.find(cx).await? {
            None => Some(done(say!("is not there", "不存在"))),
            Some((_, description)) if !description.contains(bodies::MARK) => {
                Some(done(say!("was there before Breakwater; left", "在 Breakwater 之前就有，已保留")))
            }
            Some(_) => None,
        })
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let harbor = &cx.at(&self.node)?.system;
        if let Some((id, _)) = self.find(cx).await? {
            match self.part {
                RemovedPart::Rule => {
                    // Off first: no run of it may begin while the ones before end.
                    if let Some(there) = rule::find(cx, &self.node, &self.name).await?
                        && there.enabled
                    {
                        let off = harbor::api::policies::NewPolicy {
                            enabled: false,
                            ..harbor::api::policies::NewPolicy::from(&there)
                        };
                        harbor.put_policy(id, &off).await.at(&self.node)?;
                    }
                    delete_rule(harbor, id, &self.node).await?;
                }
                RemovedPart::Endpoint => gone(harbor.delete_registry(id).await).at(&self.node)?,
                RemovedPart::LinkRobot | RemovedPart::ConsoleRobot => {
                    gone(harbor.delete_robot(id).await).at(&self.node)?;
                }
            }
        }
        self.forget_secret(cx).await?;
        Ok(done(say!("removed", "已删除")))
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        match self.find(cx).await? {
            None => Ok(()),
            Some(_) => {
                let name = &self.name;
                Err(StepError::not_kept(&self.node, &say!("that {name} is removed", "{name} 的删除")))
            }
        }
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let Some(before) = cx.before() else { return Ok(()) };
        match (self.part, &self.link) {
            (RemovedPart::ConsoleRobot, _) => {
                let node = self.former(cx);
                Console { node }.apply(&before).await.map(drop)
            }
            (RemovedPart::LinkRobot, Some(link)) => {
                again(&OfLink { link: link.clone() }, &before).await?;
                // An endpoint that was made again before has the secret of the robot that took over the name.
                let met = before.reach.contains_key(&link.source);
                if met && endpoint::find(&before, link).await?.is_some() {
                    again(&Endpoint { link: link.clone() }, &before).await?;
                }
                Ok(())
            }
            (RemovedPart::Endpoint, Some(link)) => {
                // The secret of its robot may be gone with what took over the name.
                again(&OfLink { link: link.clone() }, &before).await?;
                again(&Endpoint { link: link.clone() }, &before).await
            }
            (RemovedPart::Rule, Some(link)) => {
                let Some(change) = &cx.body.change else { return Ok(()) };
                let mut rules = change.before.rules.iter();
                let Some(rule) = rules.find(|r| r.name == self.name && r.link == *link) else {
                    return Ok(());
                };
                again(&OfLink { link: link.clone() }, &before).await?;
                again(&Endpoint { link: link.clone() }, &before).await?;
                again(&Rule { rule: rule.clone() }, &before).await?;
                if change.before.waiting {
                    return Ok(());
                }
                again(&Enable { link: link.clone(), name: self.name.clone() }, &before).await
            }
            (_, None) => Ok(()),
        }
    }
}

/// Makes something again, unless it is there.
async fn again(work: &dyn Work, cx: &Cx) -> Done<()> {
    if work.look(cx).await?.is_none() {
        work.apply(cx).await?;
    }
    Ok(())
}

impl Remove {
    /// Its id and description.
    async fn find(&self, cx: &Cx) -> Done<Option<(i64, String)>> {
        let reach = cx.at(&self.node)?;
        match self.part {
            RemovedPart::Rule => {
                let found = rule::find(cx, &self.node, &self.name).await?;
                Ok(found.map(|r| (r.id, r.description)))
            }
            RemovedPart::Endpoint => {
                let all = reach.system.all_registries().await.at(&self.node)?;
                let found = match &self.link {
                    // It may be called otherwise by now.
                    Some(link) => {
                        bodies::endpoint_of(&all, &cx.body.spec, link, |r| (&r.name, &r.description))
                    }
                    None => all.iter().find(|r| r.name == self.name),
                };
                Ok(found.map(|r| (r.id, r.description.clone())))
            }
            RemovedPart::LinkRobot => {
                let found = robot::find(reach, &self.node, &self.name).await?;
                Ok(found.map(|r| (r.id, r.description)))
            }
            RemovedPart::ConsoleRobot => match reach.system.robots().await {
                Ok(_) => {
                    let found = robot::find(reach, &self.node, &self.name).await?;
                    Ok(found.map(|r| (r.id, r.description)))
                }
                // It was the account itself: once removed it opens no door.
                Err(HarborError::Unauthorized | HarborError::CredentialRefused) => Ok(None),
                Err(other) => Err(other).at(&self.node),
            },
        }
    }

    /// What the node was called before the change.
    fn former(&self, cx: &Cx) -> NodeName {
        let gone = cx.body.change.as_ref().map(Change::gone).unwrap_or_default();
        let mut gone = gone.into_iter();
        gone.find(|g| g.called == self.node).map_or_else(|| self.node.clone(), |g| g.spec.name)
    }

    /// The secret of a robot that is gone, unless another run of the name has it already.
    async fn forget_secret(&self, cx: &Cx) -> Done<()> {
        let (RemovedPart::LinkRobot, Some(link)) = (self.part, &self.link) else { return Ok(()) };
        let taken_over =
            cx.body.change.as_ref().is_some_and(|c| !c.stays(&self.node) && c.new_links().contains(link));
        if !taken_over {
            records::forget(&cx.store, &records::link_owner(&cx.body.spec.name, link)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Work for Forget {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let vault = records::vault_owner(&cx.body.vault, &self.node);
        records::forget(&cx.store, &vault).await?;
        records::forget(&cx.store, &format!("{vault}/projects")).await?;
        // Where a new node took the name over, what is sealed under it is the new one's.
        if cx.body.spec.node(&self.node).is_none() && cx.body.spec.topology.copies() {
            for second in [false, true] {
                let owner = records::console_owner(&cx.body.spec.name, &self.node, second);
                records::forget(&cx.store, &owner).await?;
            }
        }
        Ok(done(say!("forgotten", "已忘记")))
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // Making its robots again asks for its administrator.
        Ok(())
    }
}

#[async_trait]
impl Work for ForgetCluster {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let there = cx.store.clusters().find(&cx.body.spec.name).await?;
        let ours = there.is_some_and(|row| cx.body.cluster.as_ref() == Some(&row.id));
        Ok((!ours).then(|| done(say!("forgotten", "已忘记"))))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        if let Some(id) = &cx.body.cluster {
            let row = cx.store.clusters().get(id).await?;
            records::forget_cluster(&cx.store, &row).await?;
            for node in &cx.body.spec.nodes {
                let vault = records::vault_owner(&cx.body.vault, &node.name);
                records::forget(&cx.store, &vault).await?;
                records::forget(&cx.store, &format!("{vault}/projects")).await?;
            }
            cx.announce.remove_cluster(id).await;
            let name = &cx.body.spec.name;
            cx.announce
                .record(News {
                    code: "cluster.removed",
                    state: model::health::HealthState::Unknown,
                    text: say!(
                        "The cluster {name} was removed with what was made for it.",
                        "集群 {name} 及为其创建的内容已移除。"
                    ),
                    by: cx.body.by.clone(),
                    cluster: Some(id.clone()),
                    node: None,
                })
                .await;
        }
        Ok(done(say!("forgotten", "已忘记")))
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        Ok(())
    }
}

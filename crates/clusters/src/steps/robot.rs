//! Robots: the console's own, and the one on each link's destination. Harbor makes their secrets and shows each
//! once; it is sealed before anything else happens.

use async_trait::async_trait;
use harbor::{
    HarborError,
    api::robots::{NewRobot, Robot},
};
use model::{Link, Say, names::NodeName, say, spec::CredentialKind};
use secrecy::SecretString;

use super::{AtNode, Cx, Done, Made, StepError, Work, gone};
use crate::{
    bodies,
    reach::{Account, Reach},
    records,
};

/// The console's own robot on a node, or the two of them on 2.8.
pub(super) struct Console {
    pub(super) node: NodeName,
}

/// The robot on a link's destination.
pub(super) struct OfLink {
    pub(super) link: Link,
}

#[async_trait]
impl Work for Console {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let reach = cx.at(&self.node)?;
        let mut last = None;
        for (owner, robot) in self.wanted(cx) {
            match usable(cx, reach, &self.node, &owner, &robot).await? {
                None => return Ok(None),
                found => last = found,
            }
        }
        Ok(last)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let reach = cx.at(&self.node)?;
        let mut last = Made::default();
        for (owner, robot) in self.wanted(cx) {
            last = ensure(cx, reach, &self.node, &owner, &robot).await?;
        }
        Ok(last)
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let reach = cx.at(&self.node)?;
        for (owner, robot) in self.wanted(cx) {
            read_back(cx, reach, &self.node, &owner, &robot).await?;
        }
        Ok(())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let reach = cx.at(&self.node)?;
        // The robot that signs in goes last.
        for (owner, robot) in self.wanted(cx).into_iter().rev() {
            match take_back(cx, reach, &self.node, &owner, &robot).await {
                // It was the account itself, and a crash came between removing it and noting so: the steps that
                // are taken back before this one have all signed in with it.
                Err(StepError::Harbor { trouble, .. }) if trouble.is_refused() && self.is_us(cx, reach) => {
                    records::forget(&cx.store, &owner).await?;
                }
                other => other?,
            }
        }
        Ok(())
    }
}

impl Console {
    /// Whether the console signs in there with a robot that this step makes.
    fn is_us(&self, cx: &Cx, reach: &Reach) -> bool {
        let us = reach.account.as_ref().map(|account| account.username.as_str()).unwrap_or_default();
        self.wanted(cx).iter().any(|(_, robot)| us.ends_with(&robot.name))
    }

    fn wanted(&self, cx: &Cx) -> Vec<(String, NewRobot)> {
        let robots = bodies::console_robots(&cx.body.spec, &cx.version(&self.node), cx.run.as_str());
        let cluster = &cx.body.spec.name;
        robots
            .into_iter()
            .enumerate()
            .map(|(n, robot)| (records::console_owner(cluster, &self.node, n > 0), robot))
            .collect()
    }
}

#[async_trait]
impl Work for OfLink {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let (owner, robot) = self.wanted(cx);
        usable(cx, cx.at(self.node())?, self.node(), &owner, &robot).await
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let (owner, robot) = self.wanted(cx);
        ensure(cx, cx.at(self.node())?, self.node(), &owner, &robot).await
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let (owner, robot) = self.wanted(cx);
        read_back(cx, cx.at(self.node())?, self.node(), &owner, &robot).await
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let (owner, robot) = self.wanted(cx);
        take_back(cx, cx.at(self.node())?, self.node(), &owner, &robot).await
    }
}

impl OfLink {
    fn node(&self) -> &NodeName {
        &self.link.destination
    }

    fn wanted(&self, cx: &Cx) -> (String, NewRobot) {
        let robot = bodies::link_robot(&cx.body.spec, &self.link, &cx.version(self.node()), cx.run.as_str());
        (records::link_owner(&cx.body.spec.name, &self.link), robot)
    }
}

/// A new secret for the robot of a link, also where the old one works.
pub(super) struct NewSecret {
    pub(super) link: Link,
}

#[async_trait]
impl Work for NewSecret {
    /// A secret has no age: it is always made anew. The source must be there, or its endpoint would sign in with the
    /// old one until it is back.
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        cx.at(&self.link.source)?.system.ping().await.at(&self.link.source)?;
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        OfLink { link: self.link.clone() }.apply(cx).await
    }

    async fn verify(&self, cx: &Cx, made: &Made) -> Done<()> {
        OfLink { link: self.link.clone() }.verify(cx, made).await
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // The old secret is gone for good; the new one works.
        Ok(())
    }
}

/// The sealed account of an owner.
pub(super) async fn sealed(cx: &Cx, owner: &str) -> Done<Option<Account>> {
    Ok(records::account(&cx.store, owner).await?)
}

/// The robot of that name. What stands before the name is each Harbor's own choice (`robot$` unless it was changed);
/// with a `+` in it, the robot is a project's and not ours.
pub(super) async fn find(reach: &Reach, node: &NodeName, name: &str) -> Done<Option<Robot>> {
    let robots = reach.system.robots().await.at(node)?;
    Ok(robots.into_iter().find(|r| r.name.strip_suffix(name).is_some_and(|prefix| !prefix.contains('+'))))
}

/// A robot that is there, switched on, and whose secret we hold.
async fn usable(
    cx: &Cx,
    reach: &Reach,
    node: &NodeName,
    owner: &str,
    wanted: &NewRobot,
) -> Done<Option<Made>> {
    let Some(account) = sealed(cx, owner).await? else { return Ok(None) };
    let Some(robot) = find(reach, node, &wanted.name).await? else { return Ok(None) };
    if robot.disable || account.username != robot.name || !signs_in(reach, node, &account).await? {
        return Ok(None);
    }
    Ok(Some(made(&robot.name, robot.id)))
}

async fn signs_in(reach: &Reach, node: &NodeName, account: &Account) -> Done<bool> {
    match reach.system.with_credential(account.credential()).systeminfo().await {
        Ok(info) => Ok(info.current_time.is_some()),
        Err(HarborError::Unauthorized | HarborError::CredentialRefused) => Ok(false),
        Err(other) => Err(other).at(node),
    }
}

/// Makes the robot, or gives an existing one of our name a new secret: nobody else knows the old one.
async fn ensure(cx: &Cx, reach: &Reach, node: &NodeName, owner: &str, wanted: &NewRobot) -> Done<Made> {
    if let Some(there) = find(reach, node, &wanted.name).await? {
        if there.disable {
            let on = Robot { disable: false, ..there.clone() };
            reach.system.put_robot(&on).await.at(node)?;
        }
        let secret = reach.system.refresh_robot(there.id).await.at(node)?;
        return keep(cx, owner, there.id, &there.name, &secret).await;
    }
    let created = reach.system.create_robot(wanted).await.at(node)?;
    keep(cx, owner, created.id, &created.name, &created.secret).await
}

async fn keep(cx: &Cx, owner: &str, id: i64, name: &str, secret: &SecretString) -> Done<Made> {
    cx.store.credentials().put(owner, CredentialKind::Robot, name, secret).await?;
    Ok(made(name, id))
}

fn made(name: &str, id: i64) -> Made {
    Made { id: Some(id), outcome: say!("{name}, id {id}", "{name}，编号 {id}") }
}

/// The robot is there with every right it was given, and its secret opens the door.
async fn read_back(cx: &Cx, reach: &Reach, node: &NodeName, owner: &str, wanted: &NewRobot) -> Done<()> {
    let lost = |what: Say| Err(StepError::not_kept(node, &what));
    let name = &wanted.name;
    let Some(robot) = find(reach, node, name).await? else {
        return lost(say!("the robot {name}", "机器人账号 {name}"));
    };
    for permission in &wanted.permissions {
        for access in &permission.access {
            let there = robot.permissions.iter().any(|p| {
                p.kind == permission.kind && p.namespace == permission.namespace && p.access.contains(access)
            });
            // A robot that was there before keeps the rights it had: they are its owner's choice.
            if !there && cx.is_mine(&robot.description) {
                let (resource, action) = (&access.resource, &access.action);
                return lost(say!("the right {resource}:{action}", "权限 {resource}:{action}"));
            }
        }
    }
    match sealed(cx, owner).await? {
        Some(account) if signs_in(reach, node, &account).await? => Ok(()),
        _ => lost(say!("the robot's secret", "机器人账号的密钥")),
    }
}

async fn take_back(cx: &Cx, reach: &Reach, node: &NodeName, owner: &str, wanted: &NewRobot) -> Done<()> {
    if let Some(robot) = find(reach, node, &wanted.name).await?
        && cx.is_mine(&robot.description)
    {
        gone(reach.system.delete_robot(robot.id).await).at(node)?;
        records::forget(&cx.store, owner).await?;
    }
    Ok(())
}

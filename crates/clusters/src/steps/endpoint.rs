//! The endpoint on a link's source that points at its destination with the link's robot.

use async_trait::async_trait;
use harbor::api::registries::{Registry, RegistryChange};
use model::{Link, NodeAddress, Say, names::NodeName, say, spec::NodeSpec};

use super::{AtNode, Cx, Done, Made, StepError, Work, gone, robot};
use crate::{
    bodies,
    reach::{Account, Reach},
    records,
};

pub(super) struct Endpoint {
    pub(super) link: Link,
}

#[async_trait]
impl Work for Endpoint {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        let Some(there) = self.find(cx).await? else { return Ok(None) };
        let account = self.account(cx).await?;
        let fits = self.leads(cx, &there)? && there.credential.access_key == account.username;
        // A ping by id decrypts the stored secret and signs in with it.
        let works = fits && self.reach(cx)?.system.ping_registry_by_id(there.id).await.is_ok();
        Ok(works.then(|| self.made(&there)))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let reach = self.reach(cx)?;
        let account = self.account(cx).await?;
        let destination = self.destination(cx)?;
        let version = cx.version(self.node());
        let spec = &cx.body.spec;
        let (user, secret) = (account.username.as_str(), account.secret.clone());
        let body = bodies::endpoint(spec, &self.link, destination, &version, user, secret, cx.run.as_str());
        match self.find(cx).await? {
            Some(there) => {
                // The description says who made it; neither that nor its name changes with its secret.
                let change = RegistryChange {
                    name: Some(there.name),
                    description: Some(there.description),
                    ..body.as_change()
                };
                reach.system.put_registry(there.id, &change).await.at(self.node())?;
            }
            None => {
                reach.system.create_registry(&body).await.at(self.node())?;
            }
        }
        let there = self.find(cx).await?.ok_or_else(|| self.lost(&say!("the endpoint", "仓库端点")))?;
        Ok(self.made(&there))
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        let there = self.find(cx).await?.ok_or_else(|| self.lost(&say!("the endpoint", "仓库端点")))?;
        if !self.leads(cx, &there)? {
            return Err(self.lost(&say!("the endpoint's address", "仓库端点的地址")));
        }
        if there.credential.access_key != self.account(cx).await?.username {
            return Err(self.lost(&say!("the endpoint's account", "仓库端点的账号")));
        }
        self.reach(cx)?.system.ping_registry_by_id(there.id).await.at(self.node())
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        let Some(there) = self.find(cx).await? else { return Ok(()) };
        if cx.is_mine(&there.description) {
            gone(self.reach(cx)?.system.delete_registry(there.id).await).at(self.node())?;
        } else if let Some(before) = cx.before()
            && before.body.spec.links().contains(&self.link)
        {
            // It was there, and was pointed elsewhere: back.
            self.apply(&before).await?;
        }
        Ok(())
    }
}

impl Endpoint {
    fn node(&self) -> &NodeName {
        &self.link.source
    }

    fn reach<'a>(&self, cx: &'a Cx) -> Done<&'a Reach> {
        cx.at(self.node())
    }

    fn destination<'a>(&self, cx: &'a Cx) -> Done<&'a NodeSpec> {
        let name = &self.link.destination;
        cx.body.spec.node(name).ok_or_else(|| StepError::no_account(name))
    }

    async fn account(&self, cx: &Cx) -> Done<Account> {
        let owner = records::link_owner(&cx.body.spec.name, &self.link);
        robot::sealed(cx, &owner).await?.ok_or_else(|| StepError::no_account(&self.link.destination))
    }

    async fn find(&self, cx: &Cx) -> Done<Option<Registry>> {
        find(cx, &self.link).await
    }

    fn leads(&self, cx: &Cx, there: &Registry) -> Done<bool> {
        let wanted = &self.destination(cx)?.address;
        Ok(NodeAddress::parse(&there.url).is_ok_and(|a| a == *wanted))
    }

    fn made(&self, there: &Registry) -> Made {
        let (name, id) = (&there.name, there.id);
        Made { id: Some(id), outcome: say!("{name}, id {id}", "{name}，编号 {id}") }
    }

    fn lost(&self, what: &Say) -> StepError {
        StepError::not_kept(self.node(), what)
    }
}

/// The endpoint of a link on its source.
pub(super) async fn find(cx: &Cx, link: &Link) -> Done<Option<Registry>> {
    let all = cx.at(&link.source)?.system.all_registries().await.at(&link.source)?;
    Ok(bodies::endpoint_of(&all, &cx.body.spec, link, |r| (&r.name, &r.description)).cloned())
}

/// Its id; an earlier step made it.
pub(super) async fn id_of(cx: &Cx, link: &Link) -> Done<i64> {
    let found = find(cx, link).await?;
    found.map(|r| r.id).ok_or_else(|| {
        StepError::not_kept(&link.source, &say!("the endpoint of this link", "该链路的仓库端点"))
    })
}

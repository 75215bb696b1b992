//! An endpoint gets another name: what copies over it goes on, since Harbor's rules know it by its id.

use async_trait::async_trait;
use harbor::{
    HarborError,
    api::registries::{Registry, RegistryChange},
};
use model::{names::NodeName, say};

use super::{AtNode, Cx, Done, Made, StepError, Work};

pub(super) struct Rename {
    pub(super) node: NodeName,
    pub(super) endpoint: i64,
    pub(super) from: String,
    pub(super) to: String,
}

#[async_trait]
impl Work for Rename {
    async fn look(&self, cx: &Cx) -> Done<Option<Made>> {
        Ok((self.there(cx).await?.name == self.to).then(|| self.made()))
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        self.call_it(cx, &self.to).await?;
        Ok(self.made())
    }

    async fn verify(&self, cx: &Cx, _: &Made) -> Done<()> {
        if self.there(cx).await?.name != self.to {
            return Err(StepError::not_kept(&self.node, &say!("the endpoint's name", "仓库端点的名称")));
        }
        // It was asked with the secret it keeps: that is still the right one.
        cx.at(&self.node)?.system.ping_registry_by_id(self.endpoint).await.at(&self.node)
    }

    async fn undo(&self, cx: &Cx) -> Done<()> {
        match cx.at(&self.node)?.system.registry(self.endpoint).await {
            // Somebody gave it a third name since, or took it away: that stays.
            Ok(there) if there.name == self.to => self.call_it(cx, &self.from).await,
            Ok(_) | Err(HarborError::NotFound(_)) => Ok(()),
            Err(other) => Err(other).at(&self.node),
        }
    }
}

impl Rename {
    async fn there(&self, cx: &Cx) -> Done<Registry> {
        cx.at(&self.node)?.system.registry(self.endpoint).await.at(&self.node)
    }

    async fn call_it(&self, cx: &Cx, name: &str) -> Done<()> {
        let change = RegistryChange { name: Some(name.to_owned()), ..RegistryChange::default() };
        cx.at(&self.node)?.system.put_registry(self.endpoint, &change).await.at(&self.node)
    }

    fn made(&self) -> Made {
        let (to, id) = (&self.to, self.endpoint);
        Made { id: Some(id), outcome: say!("{to}, id {id}", "{to}，编号 {id}") }
    }
}

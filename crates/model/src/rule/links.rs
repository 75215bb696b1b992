//! The links of a cluster as they are known without asking a Harbor: how far each is, and what ran over it last.

use serde::{Deserialize, Serialize};

use super::ExecutionView;
use crate::{Link, drift::PairView};

/// The links of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinksView {
    /// Which way images go.
    pub links: Vec<Link>,
    /// How equal the ends of the links are, and up to when each holds everything.
    pub pairs: Vec<PairView>,
    /// The newest execution of Breakwater's own rules over each link; none of a link over which nothing has run lately.
    pub last: Vec<ExecutionView>,
}

impl LinksView {
    /// The pair of a link's ends.
    pub fn pair_of(&self, link: &Link) -> Option<&PairView> {
        self.pairs.iter().find(|pair| pair.joins(link))
    }

    /// What ran over a link last.
    pub fn last_of(&self, link: &Link) -> Option<&ExecutionView> {
        self.last.iter().find(|execution| execution.link.as_ref() == Some(link))
    }

    /// Takes over what was heard of a pair of these.
    pub fn follow(&mut self, heard: &PairView) {
        for known in self.pairs.iter_mut().filter(|known| known.id == heard.id) {
            known.follow(heard.clone());
        }
    }
}

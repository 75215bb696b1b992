//! Replication: from a trigger to tasks (in core), and the copying itself (in the job service).

mod copy;
mod end;
pub(crate) mod events;
mod flow;
mod peer;
mod select;

pub(crate) use copy::run;
pub(crate) use flow::{EventResource, start};
pub(crate) use peer::{Endpoint, PeerError, Peers};

/// One end of a task.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    /// The Harbor whose job service works.
    Local,
    /// A peer, with the credential as it was when the task was made.
    Remote(Endpoint),
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Copy,
    Deletion,
    TagDeletion,
}

impl Operation {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Deletion => "deletion",
            Self::TagDeletion => "tag deletion",
        }
    }
}

/// One artifact of a task: by its tags, or by digest when it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) digest: String,
    pub(crate) tags: Vec<String>,
}

/// A whole task.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) operation: Operation,
    pub(crate) source: Side,
    pub(crate) dest: Side,
    pub(crate) source_repository: String,
    pub(crate) dest_repository: String,
    pub(crate) items: Vec<Item>,
    pub(crate) overwrite: bool,
    /// Kilobits per second; 0 for no limit.
    pub(crate) speed: i64,
}

//! One module per section of the console. Each section is a lazy route: its code and its texts travel with it.

pub(crate) mod activity;
pub(crate) mod board;
pub(crate) mod cluster;
pub(crate) mod clusters;
pub(crate) mod deed;
pub(crate) mod entrance;
pub(crate) mod frame;
pub(crate) mod new_cluster;
pub(crate) mod node;
pub(crate) mod not_found;
pub(crate) mod parts;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod wizard;

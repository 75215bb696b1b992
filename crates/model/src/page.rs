//! Status pages: what a team shows of its clusters to people who do not log in.
//!
//! [`PageSettings`] says what is shown and under which names; nothing else of a cluster ever reaches a reader.
//! [`serving`] says whether images can be pulled and pushed, from the states that are watched anyway.

mod link;
mod serving;
mod settings;

pub use link::{LINK_DAYS_MAX, LinkName, NewLink, ShareLink};
pub use serving::{Serving, over_time, serving};
pub use settings::{
    PageAccess, PageName, PageSettings, PageSlug, PageTheme, PageTitle, ShownCluster, ShownNode, Shows,
    StatusPage, TEXT_MAX,
};

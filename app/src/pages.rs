//! One module per section of the console. Each section is a lazy route: its code and its texts travel with it.

pub(crate) mod activity;
mod badge;
pub(crate) mod board;
pub(crate) mod cluster;
pub(crate) mod cluster_rules;
pub(crate) mod clusters;
pub(crate) mod deed;
pub(crate) mod drift;
pub(crate) mod endpoints;
pub(crate) mod entrance;
pub(crate) mod execution;
pub(crate) mod frame;
pub(crate) mod new_cluster;
pub(crate) mod node;
pub(crate) mod not_found;
pub(crate) mod pair;
pub(crate) mod parts;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod status_page;
pub(crate) mod status_pages;
pub(crate) mod unreplicated;
pub(crate) mod wizard;

/// Fetches the parts that the page at this address loads by themselves. Before the browser takes the page over: what
/// would still have to be waited for in the middle of that finds no place in it.
#[cfg(all(feature = "hydrate", not(feature = "ssr")))]
pub(crate) async fn fetch_parts() {
    let location = leptos::prelude::window().location();
    let (path, query) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let step = path.strip_prefix(crate::routes::NEW_CLUSTER).and_then(|rest| rest.rsplit('/').next());
    if let Some(step) = step.and_then(model::draft::WizardStep::parse) {
        wizard::fetch_step(step).await;
    } else if path.starts_with(crate::routes::CLUSTERS) && path != crate::routes::CLUSTERS {
        cluster::fetch_parts(&query).await;
    } else if path.contains("/executions/") || path.ends_with("/unreplicated") || path.ends_with("/endpoints")
    {
        // Whole by themselves.
    } else if path.starts_with(crate::routes::RULES) && path != crate::routes::RULES {
        cluster_rules::fetch_parts().await;
    } else if path.starts_with(crate::routes::DRIFT) && path != crate::routes::DRIFT {
        pair::fetch_parts().await;
    }
}

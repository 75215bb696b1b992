//! The route table and every link, once.

use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Routes},
    path,
};
use model::{
    draft::WizardStep,
    drift::Kind,
    ids::{ClusterId, DraftId, NodeId, PageId, PairId, RunId},
    names::NodeName,
    page::PageSlug,
};
#[cfg(feature = "ssr")]
use {
    leptos_axum::{AxumRouteListing, generate_route_list},
    std::sync::LazyLock,
};

use crate::pages::{
    activity::ActivityPage,
    board::BoardPage,
    cluster::ClusterPage,
    cluster_rules::ClusterRulesPage,
    clusters::ClustersPage,
    drift::DriftPage,
    endpoints::EndpointsPage,
    entrance::{SetupPage, SignInPage},
    execution::ExecutionPage,
    frame::Frame,
    new_cluster::NewClusterPage,
    node::NodePage,
    not_found::NotFound,
    pair::PairPage,
    rules::RulesPage,
    run::RunPage,
    runs::RunsPage,
    settings::SettingsPage,
    status_page::{NewStatusPage, StatusPagePage},
    status_pages::StatusPagesPage,
    unreplicated::UnreplicatedPage,
    wizard::WizardPage,
};

/// Every page, for the server's router. The list is made once in a process: while Leptos makes it, nothing that any page
/// reads ever comes, so that one which was drawn just then would never be (a flag of all threads in `leptos_server` 0.8).
#[cfg(feature = "ssr")]
#[must_use]
pub fn all() -> Vec<AxumRouteListing> {
    static ALL: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(crate::App));
    ALL.clone()
}

/// Every page of the console as the router knows it. All are rendered whole before the first byte is sent, so that
/// a redirect or a 404 can still be said, and nothing jumps.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/sign-in") view={Lazy::<SignInPage>::new()} ssr=SsrMode::Async />
            <Route path=path!("/setup") view={Lazy::<SetupPage>::new()} ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                <Route path=path!("/") view={Lazy::<BoardPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/clusters") view={Lazy::<ClustersPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/clusters/new") view={Lazy::<NewClusterPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/clusters/new/:draft/:step") view={Lazy::<WizardPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/clusters/:cluster") view={Lazy::<ClusterPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/clusters/:cluster/nodes/:node") view={Lazy::<NodePage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/drift") view={Lazy::<DriftPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/drift/:pair") view={Lazy::<PairPage>::new()} ssr=SsrMode::Async />
                <Route
                    path=path!("/drift/:pair/unreplicated")
                    view={Lazy::<UnreplicatedPage>::new()}
                    ssr=SsrMode::Async
                />
                <Route path=path!("/rules") view={Lazy::<RulesPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/rules/:cluster") view={Lazy::<ClusterRulesPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/rules/:cluster/endpoints") view={Lazy::<EndpointsPage>::new()} ssr=SsrMode::Async />
                <Route
                    path=path!("/rules/:cluster/executions/:execution")
                    view={Lazy::<ExecutionPage>::new()}
                    ssr=SsrMode::Async
                />
                <Route path=path!("/runs") view={Lazy::<RunsPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/runs/:run") view={Lazy::<RunPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/pages") view={Lazy::<StatusPagesPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/pages/new") view={Lazy::<NewStatusPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/pages/:page") view={Lazy::<StatusPagePage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/activity") view={Lazy::<ActivityPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/settings") view={Lazy::<SettingsPage>::new()} ssr=SsrMode::Async />
                <Route path=path!("/*rest") view=NotFound ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}

/// The board.
pub const BOARD: &str = "/";
/// All clusters.
pub const CLUSTERS: &str = "/clusters";
/// The beginning of the wizard.
pub const NEW_CLUSTER: &str = "/clusters/new";
/// All pairs and how equal they are.
pub const DRIFT: &str = "/drift";
/// The clusters whose nodes copy.
pub const RULES: &str = "/rules";
/// All runs.
pub const RUNS: &str = "/runs";
/// All status pages.
pub const PAGES: &str = "/pages";
/// The form for another one.
pub const NEW_PAGE: &str = "/pages/new";
/// What happened.
pub const ACTIVITY: &str = "/activity";
/// Account, sessions, people, tokens.
pub const SETTINGS: &str = "/settings";
/// Sign in.
pub const SIGN_IN: &str = "/sign-in";
/// The door with the form for a reset code.
pub(crate) const SIGN_IN_WITH_CODE: &str = "/sign-in?with=code";
/// The door once a reset code was used.
pub(crate) const SIGN_IN_AFTER_CODE: &str = "/sign-in?with=new-password";
/// First start.
pub const SETUP: &str = "/setup";

/// The board with its histories over a time span.
pub(crate) fn board_over(range: &str) -> String {
    format!("/?range={range}")
}

/// One step of the wizard.
pub fn wizard(draft: &DraftId, step: WizardStep) -> String {
    format!("/clusters/new/{draft}/{}", step.as_str())
}

/// A cluster.
pub fn cluster(id: &ClusterId) -> String {
    format!("/clusters/{id}")
}

/// A tab of a cluster's page.
pub(crate) fn cluster_tab(id: &ClusterId, tab: &str) -> String {
    format!("/clusters/{id}?tab={tab}")
}

/// A node.
pub fn node(cluster: &ClusterId, id: &NodeId) -> String {
    format!("/clusters/{cluster}/nodes/{id}")
}

/// A pair and what differs.
pub fn pair(id: &PairId) -> String {
    format!("{DRIFT}/{id}")
}

/// What Harbor does not replicate between a pair's nodes.
pub fn unreplicated(id: &PairId) -> String {
    format!("{DRIFT}/{id}/unreplicated")
}

/// The differences of a pair of one kind, whose name contains a text.
pub(crate) fn pair_of(id: &PairId, kind: Option<Kind>, text: &str) -> String {
    let kind = kind.map(|kind| format!("kind={}", kind.as_str()));
    let text = Some(text).filter(|t| !t.is_empty()).map(|t| format!("text={}", escape(t)));
    let query: Vec<String> = kind.into_iter().chain(text).collect();
    if query.is_empty() { pair(id) } else { format!("{}?{}", pair(id), query.join("&")) }
}

/// A pair, where what a heal did not carry is planned.
pub(crate) fn pair_again(id: &PairId, run: &RunId) -> String {
    format!("{}?failed={run}", pair(id))
}

/// The rules of a cluster.
pub fn rules_of(cluster: &ClusterId) -> String {
    format!("{RULES}/{cluster}")
}

/// The endpoints on the nodes of a cluster.
pub fn endpoints(cluster: &ClusterId) -> String {
    format!("{RULES}/{cluster}/endpoints")
}

/// An execution of a rule; `id` is Harbor's on that node.
pub fn execution(cluster: &ClusterId, node: &NodeName, id: i64) -> String {
    format!("{RULES}/{cluster}/executions/{id}?node={}", escape(node.as_str()))
}

/// The log of a task, to be kept as a file.
pub(crate) fn task_log(cluster: &ClusterId, node: &NodeName, execution: i64, task: i64) -> String {
    format!(
        "/api/v1/clusters/{cluster}/executions/{execution}/tasks/{task}/log?node={}",
        escape(node.as_str())
    )
}

/// All that differs in a pair as a file, of one kind and with a text in its name; `csv` or `json`.
pub(crate) fn drift_file(id: &PairId, kind: Option<Kind>, text: &str, format: &str) -> String {
    let kind = kind.map(|kind| format!("&kind={}", kind.as_str())).unwrap_or_default();
    format!("/api/v1/pairs/{id}/drift/export?format={format}{kind}&text={}", escape(text))
}

/// A run and its receipt.
pub fn run(id: &RunId) -> String {
    format!("/runs/{id}")
}

/// A status page's form and links.
pub fn page(id: &PageId) -> String {
    format!("{PAGES}/{id}")
}

/// A status page as readers see it.
pub(crate) fn status(slug: &PageSlug) -> String {
    format!("/status/{slug}/")
}

/// An address as others reach it: where the console was not told its own, it is the one that this browser came by.
pub(crate) fn whole(address: &str) -> String {
    #[cfg(not(feature = "ssr"))]
    if address.starts_with('/')
        && let Ok(origin) = leptos::prelude::window().location().origin()
    {
        return format!("{origin}{address}");
    }
    address.to_owned()
}

/// A part of the settings.
pub(crate) fn settings_tab(tab: &str) -> String {
    format!("/settings?tab={tab}")
}

/// Sign in, and then go on where one wanted to go.
#[cfg(feature = "ssr")]
pub(crate) fn sign_in_for(path: &str) -> String {
    if path == BOARD { SIGN_IN.to_owned() } else { format!("{SIGN_IN}?next={}", escape(path)) }
}

/// Escapes a query value.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A path that `next` may lead to: of this console, and nothing that a browser would read as another host.
pub(crate) fn safe_next(next: Option<String>) -> String {
    next.filter(|p| {
        p.starts_with('/') && !p.starts_with("//") && !p.contains('\\') && !p.chars().any(char::is_control)
    })
    .unwrap_or_else(|| BOARD.to_owned())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const ID: &str = "0193a1b2-0000-7000-8000-00000000abcd";

    #[test]
    fn every_route_is_known_by_name() {
        let mut paths: Vec<_> = all().iter().map(|r| r.path().to_owned()).collect();
        paths.sort();
        insta::assert_snapshot!(paths.join("\n"));
    }

    #[test]
    fn every_link_stays_as_it_is() {
        let (cluster_id, node_id) = (ClusterId::parse(ID).unwrap(), NodeId::parse(ID).unwrap());
        let links = [
            board_over("7d"),
            wizard(&DraftId::parse(ID).unwrap(), WizardStep::Checks),
            cluster(&cluster_id),
            cluster_tab(&cluster_id, "settings"),
            node(&cluster_id, &node_id),
            pair(&PairId::parse(ID).unwrap()),
            pair_of(&PairId::parse(ID).unwrap(), Some(Kind::NoHistory), "shop/cart:v 1"),
            run(&RunId::parse(ID).unwrap()),
            page(&PageId::parse(ID).unwrap()),
            status(&PageSlug::parse("team").unwrap()),
            settings_tab("people"),
            sign_in_for("/clusters?a=b c"),
        ];
        insta::assert_snapshot!(links.join("\n"));
    }

    #[test]
    fn safe_next_never_leaves_the_console() {
        for bad in ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:1", "/a\nb"] {
            assert_eq!(safe_next(Some(bad.into())), "/");
        }
        assert_eq!(safe_next(Some("/runs?x=1".into())), "/runs?x=1");
    }
}

//! The endpoints on a cluster's nodes: where they lead, what uses them, and whether they work.

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    endpoint::{EndpointTest, EndpointUse, EndpointView, EndpointsView, NodeEndpoints},
    ids::ClusterId,
    live::LiveEvent,
    names::NodeName,
    people::Role,
};

use super::{
    deed::Deed,
    frame::{Crumb, Page},
    parts::{refusal, whole},
};
use crate::{
    api::{
        Answer,
        rules::{read_endpoints, test_endpoint},
    },
    forms::rename_endpoint::{RENAME, Renamed, rename_dialog},
    live::Live,
    routes,
    text::{common::CommonText, endpoints::EndpointsText, rules::RulesText},
    ui::{ActionButton, Kind, Mark, Moment, Note, StateMark},
    visit::{Visit, locale},
};

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct EndpointsPage;

#[lazy_route]
impl LazyRoute for EndpointsPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let EndpointsPage = this;
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|p| ClusterId::parse(p.get_str("cluster")?)));
        let data: Resource<Answer<EndpointsView>> = Resource::new(move || id.get(), read_endpoints);
        let text = EndpointsText::current();
        whole(data, text.reading(), |content| framed(None, content), show)
    }
}

fn framed(of: Option<&EndpointsView>, content: AnyView) -> AnyView {
    let mut way: Vec<Crumb> =
        vec![(CommonText::current().rules().to_owned(), Some(routes::RULES.to_owned()))];
    if let Some(view) = of {
        way.push((view.name.to_string(), Some(routes::rules_of(&view.cluster))));
    }
    way.push((EndpointsText::current().crumb().to_owned(), None));
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

/// What the rows share.
#[derive(Clone, Copy)]
struct Shared {
    now: RwSignal<EndpointsView>,
    /// What was tested since the page was opened; it outlives reading again.
    tests: RwSignal<Vec<EndpointTest>>,
    /// What the dialog is about.
    renaming: RwSignal<Option<Renamed>>,
    may_act: bool,
}

fn show(first: EndpointsView) -> AnyView {
    let text = EndpointsText::current();
    let of = first.clone();
    let shared = Shared {
        now: RwSignal::new(first),
        tests: RwSignal::default(),
        renaming: RwSignal::new(None),
        may_act: Visit::current().may(Role::Operator),
    };
    let reading = Deed::new();
    let again = {
        let id = of.cluster.clone();
        move || reading.run(read_endpoints(Some(id.clone())), move |view| shared.now.set(view))
    };
    let heard = again.clone();
    let to_rules = routes::rules_of(&of.cluster);
    let dialog = shared.may_act.then(|| rename_dialog(of.cluster.clone(), shared.renaming));
    Live::current().on(move |event| match event {
        // A run of ours that is over may have left them otherwise than they are shown.
        LiveEvent::Run { run } if run.state.is_final() => heard(),
        LiveEvent::Reset => heard(),
        _ => {}
    });
    let content = view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0">
                <h1 class="page-title">{text.title(of.name.as_str())}</h1>
                <p class="lede">{text.lede()}</p>
                <p class="small quiet" role="status">
                    {text.read()} " " {move || shared.now.with(|v| view! { <Moment at_ms=v.read_ms /> })}
                </p>
            </div>
            <ActionButton small=true label=text.again().to_owned() busy=reading.busy() on_press=again />
        </div>
        {reading.trouble(&[])}
        <Note mark=Mark::Skipped>
            <p><strong>{text.worth_title()}</strong> " " {text.worth()}</p>
            <p>{text.secret()} " " <a href=to_rules>{text.to_rules()}</a></p>
        </Note>
        {move || shared.now.with(|v| v.nodes.iter().enumerate().map(|(n, node)| panel(n, node, shared)).collect_view())}
        {dialog}
    };
    framed(Some(&of), content.into_any())
}

/// The endpoints of one node.
fn panel(n: usize, of: &NodeEndpoints, shared: Shared) -> AnyView {
    let text = EndpointsText::current();
    let id = format!("endpoints-{n}");
    let heading = id.clone();
    let content = match &of.error {
        Some(error) => {
            let why = refusal(&error.clone().into());
            view! { <div class="panel-body border-t border-base-300">{why}</div> }.into_any()
        }
        None if of.endpoints.is_empty() => {
            view! { <p class="panel-row border-t border-base-300 quiet">{text.none()}</p> }.into_any()
        }
        None => {
            let rows = of.endpoints.iter().map(|endpoint| one(endpoint, &of.node, shared)).collect_view();
            view! { <ul>{rows}</ul> }.into_any()
        }
    };
    view! {
        <section class="panel min-w-0" aria-labelledby=heading>
            <div class="panel-head"><h2 id=id>{of.node.to_string()}</h2></div>
            {content}
        </section>
    }
    .into_any()
}

fn one(endpoint: &EndpointView, node: &NodeName, shared: Shared) -> AnyView {
    let rules = RulesText::current();
    let (id, at) = (endpoint.id, node.clone());
    let test = Memo::new(move |_| {
        shared.tests.with(|all| all.iter().find(|t| t.endpoint == id && t.node == at).cloned())
    });
    let is_sick = endpoint.status == "unhealthy";
    let mark = move || match test.with(|t| t.as_ref().map(|t| t.works)) {
        Some(true) => Mark::Good,
        Some(false) => Mark::Bad,
        None if is_sick => Mark::Bad,
        None => Mark::Unknown,
    };
    let origin = if endpoint.ours { rules.ours() } else { rules.by_hand() };
    view! {
        <li class="panel-row border-t border-base-300 flex-wrap">
            <StateMark mark=Signal::derive(mark) label="" />
            <div class="grid gap-1 min-w-0 basis-64 grow">
                <p class="font-medium break-all">{endpoint.name.clone()}</p>
                <p class="small break-words">{place(endpoint)}</p>
                <p class="small quiet break-words">
                    {origin} " · " {account(endpoint)} " · " {said(&endpoint.status)}
                </p>
                <p class="small quiet break-words">{uses(endpoint)}</p>
                <div aria-live="polite">{move || test.get().map(tested)}</div>
            </div>
            {shared.may_act.then(|| deeds(endpoint, node, shared))}
        </li>
    }
    .into_any()
}

/// Where it points.
fn place(endpoint: &EndpointView) -> AnyView {
    let text = EndpointsText::current();
    let leads = match &endpoint.leads_to {
        Some(node) => text.points_at(node.as_str()),
        None => text.outside().to_owned(),
    };
    let kind = (endpoint.kind != "harbor").then(|| format!(" · {}", text.kind(&endpoint.kind)));
    let unverified = (endpoint.insecure && endpoint.url.starts_with("https:"))
        .then(|| format!(" · {}", text.unverified()));
    view! { <span class="code break-all">{endpoint.url.clone()}</span> " · " {leads} {kind} {unverified} }
        .into_any()
}

/// Whom it signs in as.
fn account(endpoint: &EndpointView) -> AnyView {
    if endpoint.account.is_empty() {
        return EndpointsText::current().nobody().into_any();
    }
    let signs_in = RulesText::current().signs_in();
    view! { {signs_in} " " <span class="code break-all">{endpoint.account.clone()}</span> }.into_any()
}

/// Harbor's own word.
fn said(status: &str) -> String {
    let text = EndpointsText::current();
    text.says(match status {
        "healthy" => text.healthy(),
        "unhealthy" => text.unhealthy(),
        other => other,
    })
}

/// The rules that copy over it, and the projects that are its cache.
fn uses(endpoint: &EndpointView) -> String {
    let text = EndpointsText::current();
    let rule = |used: &EndpointUse| if used.enabled { used.rule.clone() } else { text.rule_off(&used.rule) };
    let rules: Vec<String> = endpoint.used_by.iter().map(rule).collect();
    let mut said = Vec::new();
    if !rules.is_empty() {
        said.push(text.used_by(&rules.join(text.comma())));
    }
    if !endpoint.caches.is_empty() {
        said.push(text.cached_by(&endpoint.caches.join(text.comma())));
    }
    if said.is_empty() { text.unused().to_owned() } else { said.join(" · ") }
}

/// What came of a test.
fn tested(test: EndpointTest) -> AnyView {
    let (text, locale) = (EndpointsText::current(), locale());
    view! {
        <p class="small font-medium break-words">{test.said.into_text(locale)}</p>
        <p class="small quiet break-words">
            {test.next.into_text(locale)} " · " {text.tested()} " " <Moment at_ms=test.at_ms />
        </p>
    }
    .into_any()
}

/// What may be done with it.
fn deeds(endpoint: &EndpointView, node: &NodeName, shared: Shared) -> AnyView {
    let (text, testing) = (EndpointsText::current(), Deed::new());
    let (id, name) = (endpoint.id, endpoint.name.clone());
    let test = {
        let node = node.clone();
        move || {
            let cluster = shared.now.with_untracked(|v| v.cluster.clone());
            let (node, of) = (node.clone(), node.clone());
            testing.run(test_endpoint(cluster, node, id), move |test| {
                shared.tests.update(|all| {
                    all.retain(|t| t.endpoint != id || t.node != of);
                    all.push(test);
                });
            });
        }
    };
    let about = Renamed { node: node.clone(), endpoint: id, name: name.clone() };
    view! {
        <span class="flex flex-wrap gap-1">
            <ActionButton
                small=true
                label=text.test()
                name=text.test_named(&name)
                busy=testing.busy()
                on_press=test
            />
            <button
                type="button"
                class=Kind::Quiet.class(true)
                aria-label=text.rename_named(&name)
                commandfor=RENAME
                command="show-modal"
                on:click=move |_| shared.renaming.set(Some(about.clone()))
            >
                {text.rename()}
            </button>
        </span>
        {testing.trouble(&[])}
    }
    .into_any()
}

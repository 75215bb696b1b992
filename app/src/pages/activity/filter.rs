//! Which part of the activity is wanted: kept in the address, so that it can be sent to somebody.

use leptos::prelude::*;
use leptos_router::{hooks::use_navigate, params::ParamsMap};
use model::{
    ids::{ClusterId, NodeId},
    live::Happening,
    names::ClusterName,
};

use crate::{
    api::types::ActivityFilter,
    routes,
    text::activity::ActivityText,
    ui::{Choice, Described, SelectField, TextField},
};

/// Reads the filter from the address; what is not understood is left out.
pub(super) fn from_query(query: &ParamsMap) -> ActivityFilter {
    let word = |key: &str| query.get(key).unwrap_or_default();
    ActivityFilter {
        cluster: ClusterId::parse(&word("cluster")),
        node: NodeId::parse(&word("node")),
        kind: word("kind"),
        person: word("person"),
        text: word("text"),
    }
}

/// The address of the list with that filter.
pub(super) fn href(filter: &ActivityFilter) -> String {
    let pairs = [
        ("cluster", filter.cluster.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("node", filter.node.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("kind", filter.kind.clone()),
        ("person", filter.person.trim().to_owned()),
        ("text", filter.text.trim().to_owned()),
    ];
    let query: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", routes::escape(value)))
        .collect();
    if query.is_empty() {
        routes::ACTIVITY.to_owned()
    } else {
        format!("{}?{}", routes::ACTIVITY, query.join("&"))
    }
}

/// Whether everything is wanted.
pub(super) fn is_empty(filter: &ActivityFilter) -> bool {
    *filter == ActivityFilter::default()
}

/// Whether a live event belongs into the list; the server judges the same way.
pub(super) fn fits(filter: &ActivityFilter, event: &Happening) -> bool {
    let part = |wanted: &str, texts: &[&str]| {
        let wanted = wanted.trim().to_lowercase();
        wanted.is_empty() || texts.iter().any(|t| t.to_lowercase().contains(&wanted))
    };
    let kind = filter.kind.is_empty()
        || event.code.strip_prefix(filter.kind.as_str()).is_some_and(|rest| rest.starts_with('.'));
    kind && (filter.cluster.is_none() || filter.cluster == event.cluster)
        && (filter.node.is_none() || filter.node == event.node)
        && part(&filter.person, &[&event.by])
        && part(&filter.text, &[&event.text.en, &event.text.zh, &event.code])
}

/// The fields of the filter: a plain form with the address as its answer.
#[component]
pub(super) fn FilterForm(
    /// What is chosen now.
    filter: ActivityFilter,
    /// The clusters to choose from.
    clusters: Vec<(ClusterId, ClusterName)>,
) -> impl IntoView {
    let text = ActivityText::current();
    let navigate = use_navigate();
    let cluster = RwSignal::new(filter.cluster.as_ref().map(ToString::to_string).unwrap_or_default());
    let kind = RwSignal::new(filter.kind.clone());
    let person = RwSignal::new(filter.person.clone());
    let words = RwSignal::new(filter.text.clone());
    let any_cluster = std::iter::once(Choice::new("", text.all_clusters()));
    let cluster_choices: Vec<Choice> =
        any_cluster.chain(clusters.into_iter().map(|(id, name)| Choice::new(id, name))).collect();
    let any_kind = std::iter::once(Choice::new("", text.all_kinds()));
    let kind_choices: Vec<Choice> =
        any_kind.chain(text.kinds().into_iter().map(|(word, name)| Choice::new(word, name))).collect();
    let filtered = !is_empty(&filter);
    let node = filter.node;
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = ActivityFilter {
            cluster: ClusterId::parse(&cluster.get_untracked()),
            node: node.clone(),
            kind: kind.get_untracked(),
            person: person.get_untracked(),
            text: words.get_untracked(),
        };
        navigate(&href(&wanted), Default::default());
    };
    view! {
        <form
            method="get"
            action=routes::ACTIVITY
            role="search"
            aria-label=text.filter()
            class="panel panel-body grid items-start gap-x-4 gap-y-2 sm:grid-cols-2 xl:grid-cols-[1fr_1fr_1fr_1fr_auto]"
            on:submit=search
        >
            <SelectField
                described=Described::new("filter-cluster", text.cluster())
                value=cluster
                choices=cluster_choices
                name="cluster"
            />
            <SelectField
                described=Described::new("filter-kind", text.kind())
                value=kind
                choices=kind_choices
                name="kind"
            />
            <TextField
                described=Described::new("filter-person", text.person())
                value=person
                placeholder=text.anybody()
                name="person"
            />
            <TextField
                described=Described::new("filter-text", text.text())
                value=words
                placeholder=text.some_words()
                name="text"
            />
            <div class="flex flex-wrap gap-2 self-end">
                <button class="btn btn-outline">{text.apply()}</button>
                {filtered
                    .then(|| view! { <a class="btn btn-ghost" href=routes::ACTIVITY>{text.clear()}</a> })}
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Say, health::HealthState};

    const ID: &str = "0193a1b2-0000-7000-8000-00000000abcd";

    fn event() -> Happening {
        Happening {
            id: 7,
            at_ms: 0,
            state: HealthState::Down,
            text: Say { en: "beijing is down".into(), zh: "beijing 不可用".into() },
            by: "Anna".into(),
            code: "node.down".into(),
            cluster: ClusterId::parse(ID),
            node: None,
        }
    }

    #[test]
    fn fits_asks_for_everything_that_was_chosen() {
        let wanted = ActivityFilter {
            cluster: ClusterId::parse(ID),
            kind: "node".into(),
            person: "anna".into(),
            text: " 不可用 ".into(),
            ..ActivityFilter::default()
        };
        assert!(fits(&wanted, &event()));
        assert!(fits(&ActivityFilter::default(), &event()));
        for other in [
            ActivityFilter { kind: "nod".into(), ..wanted.clone() },
            ActivityFilter { person: "bob".into(), ..wanted.clone() },
            ActivityFilter { text: "shanghai".into(), ..wanted.clone() },
            ActivityFilter { node: NodeId::parse(ID), ..wanted },
        ] {
            assert!(!fits(&other, &event()), "{other:?}");
        }
    }

    #[test]
    fn the_address_reads_back_as_the_same_filter() {
        let filter = ActivityFilter {
            cluster: ClusterId::parse(ID),
            kind: "node".into(),
            person: "Li Wei".into(),
            text: "证书 & more".into(),
            ..ActivityFilter::default()
        };
        let address = href(&filter);
        let mut query = ParamsMap::new();
        for pair in address.split_once('?').unwrap().1.split('&') {
            let (key, value) = pair.split_once('=').unwrap();
            query.insert(key.to_owned(), unescape(value));
        }
        assert_eq!(from_query(&query), filter);
        assert_eq!(href(&ActivityFilter::default()), "/activity");
    }

    fn unescape(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            if *first == b'%' {
                let hex = std::str::from_utf8(&tail[..2]).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &tail[2..];
            } else {
                bytes.push(*first);
                rest = tail;
            }
        }
        String::from_utf8(bytes).unwrap()
    }
}

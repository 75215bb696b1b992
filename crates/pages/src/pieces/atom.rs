//! The changes of state as an Atom feed (RFC 4287): each outage when it begins, when it ends, and when the copies are
//! equal again.

use maud::{PreEscaped, html};
use model::{Say, ids::PageId, say};

use crate::{
    html::For,
    view::{ClusterView, Equal, Outage, View},
    words,
};

/// The feed of a page.
pub(crate) fn atom(view: &View, page: &PageId, reader: &For, now_ms: i64) -> String {
    let locale = reader.locale;
    let mut entries: Vec<Entry> = view
        .clusters
        .iter()
        .flat_map(|cluster| {
            cluster.outages.iter().flat_map(move |outage| entries(view, cluster, outage, now_ms))
        })
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at_ms));
    let updated_ms = entries.first().map_or(0, |entry| entry.at_ms);
    let base = reader.base.as_deref().unwrap_or("");
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang=(locale.tag()) {
            id { "urn:uuid:" (page) }
            title { (view.title) }
            subtitle { (words::headline(view, now_ms).pick(locale)) }
            updated { (words::rfc3339(updated_ms)) }
            author { name { (view.title) } }
            link rel="self" href={ (base) "feed.atom" } {}
            link rel="alternate" type="text/html" href=(if base.is_empty() { "./" } else { base }) {}
            @for entry in &entries {
                entry {
                    id { "urn:uuid:" (page) ":" (entry.stage) "-" (entry.from_ms) "-" (entry.place) }
                    title { (entry.title.pick(locale)) }
                    updated { (words::rfc3339(entry.at_ms)) }
                    link rel="alternate" href=(if base.is_empty() { "./" } else { base }) {}
                    summary { (entry.text.pick(locale)) }
                }
            }
        }
    }
    .into_string()
}

struct Entry {
    at_ms: i64,
    from_ms: i64,
    stage: &'static str,
    place: usize,
    title: Say,
    text: Say,
}

fn entries(view: &View, cluster: &ClusterView, outage: &Outage, now_ms: i64) -> Vec<Entry> {
    let place = view.clusters.iter().position(|c| std::ptr::eq(c, cluster)).unwrap_or_default();
    let name = &cluster.name;
    let entry = |at_ms, stage, title| {
        let text = words::outage(outage, &view.zone, now_ms);
        Entry { at_ms, from_ms: outage.from_ms, stage, place, title, text }
    };
    let begun = entry(outage.from_ms, "began", say!("{name}: an outage began", "{name}：故障开始"));
    let ended =
        outage.until_ms.map(|ms| entry(ms, "ended", say!("{name}: the outage is over", "{name}：故障结束")));
    let equal = match outage.equal {
        Equal::At(ms) => {
            Some(entry(ms, "equal", say!("{name}: copies are equal again", "{name}：副本恢复一致")))
        }
        Equal::NotYet | Equal::Unknown => None,
    };
    [Some(begun), ended, equal].into_iter().flatten().collect()
}

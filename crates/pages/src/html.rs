//! A page as HTML: readable without a script, in a text browser and on paper.

mod door;
mod history;
mod widget;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use model::{Locale, Say, health::HealthState, page::PageTheme};

pub use door::{Refused, door};
pub(crate) use widget::widget;

use crate::{
    assets, markdown,
    view::{ClusterView, Copies, Outage, Row, View},
    words::{self, Labels},
};

/// For whom a page is rendered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct For {
    pub(crate) locale: Locale,
    /// The page's address with a slash at its end, where the console knows its own.
    pub(crate) base: Option<String>,
}

/// A whole page.
pub(crate) fn page(view: &View, reader: &For, now_ms: i64) -> String {
    let locale = reader.locale;
    let labels = words::labels(locale);
    let headline = words::headline(view, now_ms);
    let head = html! {
        title { (view.title) }
        meta name="description" content=(headline.pick(locale));
        link rel="alternate" type="application/atom+xml" href={ "feed.atom?lang=" (short(locale)) } title=(view.title);
        meta property="og:title" content=(view.title);
        meta property="og:description" content=(headline.pick(locale));
        meta property="og:type" content="website";
        @if let Some(base) = &reader.base {
            meta property="og:image" content={ (base) "picture.png" };
            meta property="og:image:width" content="1200";
            meta property="og:image:height" content="630";
            meta property="og:image:alt" content=(headline.pick(locale));
        }
        script type="module" src=(assets::script()) {}
    };
    let body = html! {
        a.skip href="#state" { (labels.to_state) }
        .page data-live={ "live?lang=" (short(locale)) } data-next=(labels.next) data-waiting=(labels.waiting)
            data-live-word=(labels.live) data-well=(words::state(HealthState::Up).pick(locale))
            data-nothing=(labels.nothing)
        {
            header {
                (logo(view))
                h1 { (view.title) }
                p.stamp { (stamp(view, &labels)) }
            }
            main #page { (content(view, locale, now_ms)) }
            footer {
                a href={ "feed.atom?lang=" (short(locale)) } { (labels.subscribe) }
                a href={ "?lang=" (labels.other.0) } hreflang=(labels.other.0) lang=(labels.other.0) { (labels.other.1) }
                span.maker { "Breakwater" }
            }
        }
    };
    document(locale, view.theme, &head, &body)
}

/// A page as it would be, for the form that sets it up: without a script, and leading nowhere.
pub(crate) fn preview(view: &View, locale: Locale, now_ms: i64) -> String {
    let labels = words::labels(locale);
    let head = html! { title { (view.title) } };
    let body = html! {
        .page {
            // No landmarks: those are the page's around it.
            .header { (logo(view)) h1 { (view.title) } p.stamp { (stamp(view, &labels)) } }
            (content(view, locale, now_ms))
        }
    };
    document(locale, view.theme, &head, &body)
}

/// What changes while a page is open.
pub(crate) fn content(view: &View, locale: Locale, now_ms: i64) -> Markup {
    let labels = words::labels(locale);
    html! {
        (headline(view, locale, now_ms))
        @if !view.text.trim().is_empty() {
            .text { (PreEscaped(markdown::render(&view.text))) }
        }
        @for (at, cluster) in view.clusters.iter().enumerate() {
            (section(view, cluster, at, locale, now_ms))
        }
        @if view.history {
            (outages(view, locale, &labels, now_ms))
            details.how {
                summary { (labels.how) }
                @for text in labels.how_text { p { (text) } }
            }
        }
    }
}

/// When what the page says was looked at.
pub(crate) fn stamp(view: &View, labels: &Labels) -> Markup {
    html! {
        (labels.updated) " " time datetime=(words::rfc3339(view.at_ms)) { (words::clock(view.at_ms, &view.zone)) }
        span #next {}
    }
}

/// The frame of every document.
fn document(locale: Locale, theme: PageTheme, head: &Markup, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang=(locale.tag()) data-theme=(theme.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                link rel="stylesheet" href=(assets::style());
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                (head)
            }
            body { (body) }
        }
    }
    .into_string()
}

fn logo(view: &View) -> Markup {
    match &view.logo {
        Some(logo) => html! { img.logo src=(logo) alt="" width="28" height="28"; },
        None => html! { img.logo src="/favicon.svg" alt="" width="28" height="28"; },
    }
}

fn headline(view: &View, locale: Locale, now_ms: i64) -> Markup {
    let said = words::headline(view, now_ms);
    html! {
        section.headline.(class(view.state)) #state role="status" {
            (mark(view.state))
            div {
                h2 { (said.pick(locale)) }
                @for cluster in &view.clusters {
                    @if let Some(sentence) = &cluster.sentence {
                        p {
                            @if view.clusters.len() > 1 { b { (cluster.name) } " " }
                            (sentence.pick(locale))
                        }
                    }
                }
            }
        }
    }
}

fn section(view: &View, cluster: &ClusterView, at: usize, locale: Locale, now_ms: i64) -> Markup {
    let id = format!("cluster-{at}");
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (cluster.name) }
            ul.rows {
                @for (n, row) in cluster.rows.iter().enumerate() {
                    (line(row, &format!("{id}-{n}"), locale, now_ms))
                }
                @for (n, copies) in cluster.copies.iter().enumerate() {
                    (link(view, copies, &format!("{id}-copies-{n}"), locale, now_ms))
                }
            }
        }
    }
}

fn line(row: &Row, id: &str, locale: Locale, now_ms: i64) -> Markup {
    let beside = words::beside(row, now_ms);
    html! {
        li {
            .line {
                (mark(row.state))
                h3 { (row.name.pick(locale)) }
                p.beside { (beside.pick(locale)) }
            }
            @if let Some(bars) = &row.bars {
                (history::history(bars, bars.uptime, row.name.pick(locale), id, locale))
            }
        }
    }
}

fn link(view: &View, copies: &Copies, id: &str, locale: Locale, now_ms: i64) -> Markup {
    let labels = words::labels(locale);
    let name = format!("{} → {} {}", copies.from, copies.to, labels.copies);
    html! {
        li {
            .line {
                (mark(copies.state))
                h3 { (name) }
                p.beside {
                    (words::freshness(copies, &view.zone, now_ms).pick(locale))
                    @if let Some(n) = copies.differ.filter(|_| view.drift) {
                        " · " (words::differ(n).pick(locale))
                    }
                }
            }
            @if let Some(bars) = &copies.bars {
                (history::history(bars, bars.well, &name, id, locale))
            }
        }
    }
}

fn outages(view: &View, locale: Locale, labels: &Labels, now_ms: i64) -> Markup {
    let mut all: Vec<(&ClusterView, &Outage)> =
        view.clusters.iter().flat_map(|cluster| cluster.outages.iter().map(move |o| (cluster, o))).collect();
    all.sort_by_key(|(_, outage)| std::cmp::Reverse(outage.from_ms));
    html! {
        section aria-labelledby="outages" {
            h2 #outages { (labels.outages) }
            .box {
                @if all.is_empty() {
                    p.quiet { (labels.no_outages) }
                }
                @for (cluster, outage) in all {
                    article.outage {
                        p.when {
                            time datetime=(words::rfc3339(outage.from_ms)) { (when(view, outage, locale, now_ms)) }
                            @if view.clusters.len() > 1 { " · " (cluster.name) }
                            @if outage.until_ms.is_none() { " " span.tag { (labels.goes_on) } }
                        }
                        p { (words::outage(outage, &view.zone, now_ms).pick(locale)) }
                    }
                }
            }
        }
    }
}

/// From when until when; the day is told once where it is the same.
fn when(view: &View, outage: &Outage, locale: Locale, now_ms: i64) -> String {
    let from = words::moment(outage.from_ms, &view.zone, now_ms);
    match outage.until_ms {
        None => from.into_text(locale),
        Some(until_ms) => {
            // As seen from its own end: an outage within one day names that day once.
            let begin = words::moment(outage.from_ms, &view.zone, until_ms);
            let until = words::moment(until_ms, &view.zone, now_ms);
            let Say { en, zh } = until;
            let same = begin.en.len() == 5;
            match (locale, same) {
                (Locale::En, true) => format!("{}–{en}", begin.en),
                (Locale::Zh, true) => match zh.rsplit_once(' ') {
                    Some((day, clock)) => format!("{day} {}–{clock}", begin.zh),
                    None => format!("{}–{zh}", begin.zh),
                },
                (_, false) => {
                    format!("{} – {}", from.pick(locale), if locale == Locale::En { en } else { zh })
                }
            }
        }
    }
}

/// A state as a picture that differs in shape, with the word for who does not see it.
pub(crate) fn mark(state: HealthState) -> Markup {
    let shape = match state {
        HealthState::Up => r#"<circle cx="8" cy="8" r="8"/><path d="m4.5 8.2 2.4 2.4 4.6-5" class="line"/>"#,
        HealthState::Degraded => {
            r#"<path d="M8 .8c.5 0 .9.3 1.2.7l6.5 11.7c.5 1-.1 2.1-1.2 2.1h-13C.4 15.300-.2 14.200.3 13.200L6.800 1.500C7.100 1.100 7.500.800 8 .800z"/><path d="M8 5.500v4.300M8 12.300v.200" class="line"/>"#
        }
        HealthState::Down | HealthState::Unreachable => {
            r#"<rect width="16" height="16" rx="3"/><path d="m5 5 6 6m0-6-6 6" class="line"/>"#
        }
        HealthState::Unknown => {
            r#"<circle cx="8" cy="8" r="7" class="dashed"/><path d="M6 6.200a2 2 0 1 1 2.600 1.900c-.4.200-.6.500-.6 1v.4M8 11.800v.200" class="line"/>"#
        }
    };
    html! {
        svg.mark.(class(state)) viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" { (PreEscaped(shape)) }
    }
}

/// The class of a state's colour.
pub(crate) fn class(state: HealthState) -> &'static str {
    match state {
        HealthState::Up => "up",
        HealthState::Degraded => "part",
        HealthState::Down | HealthState::Unreachable => "down",
        HealthState::Unknown => "unknown",
    }
}

/// The language as it stands in an address.
pub(crate) fn short(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "en",
        Locale::Zh => "zh",
    }
}

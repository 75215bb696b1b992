//! What a test of a node or of the entry told, at once and in words.

use leptos::prelude::*;
use model::draft::NodeTest;

use crate::{
    clock::Clock,
    forms::draft::TlsForm,
    text::{common::CommonText, nodes::NodesText},
    ui::{ActionButton, Ago, Mark, StateMark},
    visit::locale,
};

/// A clock that is off by less is as good as ours; the check's own limit is the server's.
const SAME_CLOCK_MS: i64 = 500;

/// The answer of a test.
pub(super) fn result(test: &NodeTest, tls: TlsForm) -> AnyView {
    let text = NodesText::current();
    let tested = test.at_ms;
    view! {
        <div class="cure" role="status">
            {match &test.problem {
                Some(problem) => trouble(problem),
                None => facts(test, text),
            }}
            {pin(test, tls, text)}
            <p class="quiet small">{text.tested()} " " <Ago at_ms=tested /></p>
        </div>
    }
    .into_any()
}

fn trouble(problem: &model::AppError) -> AnyView {
    view! {
        <div class="flex gap-2">
            <StateMark mark=Mark::Bad label=CommonText::current().finding_failed() />
            <p>
                <strong class="font-semibold">{problem.cause.pick(locale()).to_owned()}</strong>
                " "
                {problem.next.pick(locale()).to_owned()}
            </p>
        </div>
    }
    .into_any()
}

fn facts(test: &NodeTest, text: NodesText) -> AnyView {
    let (locale, common) = (locale(), CommonText::current());
    let mut rows: Vec<(Mark, &'static str, String)> = Vec::new();
    if let Some(ms) = test.latency_ms {
        rows.push((Mark::Good, text.test_reached(), common.ms(ms)));
    }
    if let Some(version) = &test.version {
        rows.push((Mark::Good, text.test_version(), version.clone()));
    }
    if let Some(who) = &test.who {
        rows.push((Mark::Good, text.test_who(), who.pick(locale).to_owned()));
    }
    if let Some(rights) = &test.rights {
        let mark = if test.rights_ok { Mark::Good } else { Mark::Bad };
        rows.push((mark, text.test_rights(), rights.pick(locale).to_owned()));
    }
    if let Some(offset) = test.clock_offset_ms {
        let seconds = format!("{:.1}", offset.abs() as f64 / 1000.0);
        let (mark, words) = match offset {
            o if o.abs() <= SAME_CLOCK_MS => (Mark::Good, text.clock_same().to_owned()),
            o if o > 0 => (if o > 5000 { Mark::Warn } else { Mark::Good }, text.clock_ahead(seconds)),
            o => (if o < -5000 { Mark::Warn } else { Mark::Good }, text.clock_behind(seconds)),
        };
        rows.push((mark, text.test_clock(), words));
    }
    if let Some(tls) = &test.tls {
        let days = (tls.not_after_ms - Clock::current().now.get_untracked()).div_euclid(86_400_000);
        let (mark, words) = match (tls.trusted, days) {
            (_, ..0) => (Mark::Bad, text.cert_expired().to_owned()),
            (false, _) => {
                (Mark::Warn, format!("{}; {}", text.cert_untrusted(), text.cert_until(days, &tls.issuer)))
            }
            (true, ..30) => (Mark::Warn, text.cert_until(days, &tls.issuer)),
            (true, _) => (Mark::Good, text.cert_until(days, &tls.issuer)),
        };
        rows.push((mark, text.test_certificate(), words));
    }
    let rows = rows
        .into_iter()
        .map(|(mark, label, words)| {
            view! {
                <li class="flex gap-2 min-w-0">
                    <StateMark mark label="" />
                    <span class="quiet">{label}</span>
                    <span class="num min-w-0">{words}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="test-facts">{rows}</ul> }.into_any()
}

/// The offer to accept an untrusted certificate by its fingerprint, once it has been seen.
fn pin(test: &NodeTest, tls: TlsForm, text: NodesText) -> AnyView {
    let Some(seen) = test.tls.as_ref().filter(|t| !t.trusted) else { return ().into_any() };
    let sha256 = seen.sha256.clone();
    let shown = sha256.clone();
    view! {
        <div class="grid gap-1 justify-items-start">
            <p>{text.tls_fingerprint()}</p>
            <code class="code break-all">{shown}</code>
            <ActionButton label=text.pin_this() small=true on_press=move || tls.pin(sha256.clone()) />
        </div>
    }
    .into_any()
}

//! What is known of a node, line by line, each with its mark.

use leptos::prelude::*;
use model::{
    health::{HealthState, NodeHealth},
    say::count,
};

use crate::{
    clock::Clock,
    text::{common::CommonText, node::NodeText},
    ui::{Ago, Mark, StateMark},
    visit::locale,
};

const DAY_MS: i64 = 86_400_000;
/// A certificate that ends sooner deserves a look.
const SOON_DAYS: i64 = 21;
/// Clocks further apart than this break sign-ins sooner or later.
const CLOCK_MS: i64 = 5_000;

/// One line: what, how it is, in words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// What was asked.
    pub(crate) label: String,
    /// How it is.
    pub(crate) mark: Mark,
    /// What was seen.
    pub(crate) value: String,
}

impl Line {
    fn new(label: &str, mark: Mark, value: impl Into<String>) -> Self {
        Self { label: label.to_owned(), mark, value: value.into() }
    }
}

/// The table.
#[component]
pub(super) fn Facts(
    /// The node as it is now.
    node: RwSignal<NodeHealth>,
) -> impl IntoView {
    let (text, common, clock, locale) =
        (NodeText::current(), CommonText::current(), Clock::current(), locale());
    // Days count down; a line is drawn anew only when it says something else.
    let today = Memo::new(move |_| clock.now.get().div_euclid(DAY_MS / 24) * (DAY_MS / 24));
    let lines = Memo::new(move |_| {
        node.with(|n| {
            let date = |ms| clock.local(ms).date(locale);
            lines(n, today.get(), text, common, date)
        })
    });
    let labels =
        Memo::new(move |_| lines.with(|all| all.iter().map(|l| l.label.clone()).collect::<Vec<_>>()));
    let seen = Signal::derive(move || node.with(|n| n.seen_ms));
    view! {
        <section class="panel" aria-labelledby="now">
            <div class="panel-head">
                <h2 id="now">{text.now()}</h2>
                <p class="panel-aside">
                    {text.asked()} " "
                    {move || {
                        if seen.get() == 0 {
                            common.never().into_any()
                        } else {
                            view! { <Ago at_ms=seen /> }.into_any()
                        }
                    }}
                </p>
            </div>
            <table class="data-table">
                <thead class="sr-only">
                    <tr>
                        <th scope="col">{text.item()}</th>
                        <th scope="col">{text.value()}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || labels.get() key=|label| label.clone() let(label)>
                        {
                            let name = label.clone();
                            let line = Memo::new(move |_| {
                                lines.with(|all| all.iter().find(|l| l.label == label).cloned())
                            });
                            view! {
                                <tr>
                                    <th scope="row">{name}</th>
                                    <td>
                                        {move || {
                                            line.get()
                                                .map(|l| view! {
                                                    <span class="flex gap-2">
                                                        <StateMark mark=l.mark label="" />
                                                        <span class="min-w-0">{l.value}</span>
                                                    </span>
                                                })
                                        }}
                                    </td>
                                </tr>
                            }
                        }
                    </For>
                </tbody>
            </table>
        </section>
    }
}

/// Everything known of a node; `date` words a day.
pub(crate) fn lines(
    node: &NodeHealth,
    now_ms: i64,
    text: NodeText,
    common: CommonText,
    date: impl Fn(i64) -> String,
) -> Vec<Line> {
    let unknown = |label: &str| Line::new(label, Mark::Unknown, text.not_known());
    let mut all = vec![answers(node, text, common)];
    all.extend(node.components.iter().map(|part| {
        let sick = || part.error.clone().unwrap_or_else(|| text.sick().to_owned());
        let value = if part.healthy { text.healthy().to_owned() } else { sick() };
        Line::new(&part.name, if part.healthy { Mark::Good } else { Mark::Bad }, value)
    }));
    all.push(match (node.canary_ms, &node.canary) {
        (Some(ms), Some(image)) => {
            Line::new(text.canary(), Mark::Good, format!("{} · {image}", common.ms(ms)))
        }
        (Some(ms), None) => Line::new(text.canary(), Mark::Good, common.ms(ms)),
        (None, Some(image)) => {
            let mark = if node.warnings.iter().any(|w| w.code == "pull") { Mark::Bad } else { Mark::Unknown };
            Line::new(text.canary(), mark, format!("{} · {image}", text.canary_waiting()))
        }
        (None, None) => Line::new(text.canary(), Mark::Unknown, text.canary_none()),
    });
    all.push(match &node.version {
        Some(version) => Line::new(text.version(), Mark::Good, version.clone()),
        None => unknown(text.version()),
    });
    all.push(certificate(node, now_ms, text, date));
    all.push(match node.clock_offset_ms {
        None => unknown(text.clock()),
        Some(offset) => {
            let seconds = format!("{:.1}", offset.abs() as f64 / 1000.0);
            let value = match offset {
                // Below what is shown.
                -49..=49 => text.clock_same().to_owned(),
                50.. => text.ahead(&seconds),
                _ => text.behind(&seconds),
            };
            Line::new(text.clock(), if offset.abs() > CLOCK_MS { Mark::Warn } else { Mark::Good }, value)
        }
    });
    all.push(match node.replication_queue {
        None => unknown(text.queue()),
        Some(queue) if queue.paused => {
            Line::new(text.queue(), Mark::Warn, text.queue_paused(count(queue.pending)))
        }
        Some(queue) => Line::new(text.queue(), Mark::Good, text.jobs(count(queue.pending))),
    });
    all.push(match node.schedules {
        None => unknown(text.schedules()),
        Some(n) => Line::new(text.schedules(), Mark::Good, n.to_string()),
    });
    if node.state == HealthState::Unreachable {
        // What was well before it went away is not known to be well now.
        for line in all.iter_mut().filter(|line| line.mark == Mark::Good) {
            line.mark = Mark::Unknown;
        }
    }
    all
}

fn answers(node: &NodeHealth, text: NodeText, common: CommonText) -> Line {
    match (node.latency_ms, node.usual_ms) {
        (Some(last), Some(usual)) if node.is_slow() => {
            Line::new(text.answers(), Mark::Warn, text.usually(last, usual))
        }
        (Some(last), _) => Line::new(text.answers(), Mark::Good, common.ms(last)),
        (None, _) if node.seen_ms == 0 => Line::new(text.answers(), Mark::Unknown, text.not_known()),
        (None, _) => Line::new(text.answers(), Mark::Bad, text.no_answer()),
    }
}

fn certificate(node: &NodeHealth, now_ms: i64, text: NodeText, date: impl Fn(i64) -> String) -> Line {
    match node.cert_not_after_ms {
        None if node.address.starts_with("http://") => {
            Line::new(text.certificate(), Mark::Skipped, text.no_certificate())
        }
        None => Line::new(text.certificate(), Mark::Unknown, text.not_known()),
        Some(end) => match (end - now_ms).div_euclid(DAY_MS) {
            ..0 => Line::new(text.certificate(), Mark::Bad, text.expired(&date(end))),
            days => {
                let mark = if days < SOON_DAYS { Mark::Warn } else { Mark::Good };
                Line::new(text.certificate(), mark, text.ends(days, &date(end)))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Locale,
        health::{Component, QueueHealth},
        ids::NodeId,
        names::NodeName,
    };

    const NOW: i64 = 1_795_478_400_000;

    fn node() -> NodeHealth {
        NodeHealth {
            id: NodeId::parse("0193a1b2-0000-7000-8000-00000000abcd").unwrap(),
            name: NodeName::parse("beijing").unwrap(),
            address: "https://beijing.example.cn".into(),
            state: HealthState::Degraded,
            since_ms: NOW,
            seen_ms: NOW,
            checking: false,
            reason: None,
            reason_code: None,
            next: None,
            warnings: Vec::new(),
            components: vec![Component {
                name: "trivy".into(),
                healthy: false,
                error: Some("timeout".into()),
            }],
            latency_ms: Some(912),
            usual_ms: Some(40),
            version: None,
            cert_not_after_ms: Some(NOW + 3 * DAY_MS),
            clock_offset_ms: Some(-90_000),
            replication_queue: Some(QueueHealth { pending: 1204, paused: true }),
            schedules: Some(2),
            canary_ms: None,
            canary: None,
            unverified: false,
            credential_refused: false,
        }
    }

    fn shown(node: &NodeHealth) -> Vec<(Mark, String)> {
        let (text, common) = (NodeText(Locale::En), CommonText(Locale::En));
        lines(node, NOW, text, common, |_| "then".into()).into_iter().map(|l| (l.mark, l.value)).collect()
    }

    #[test]
    fn lines_say_the_value_that_was_seen() {
        let expected = [
            (Mark::Warn, "912 ms, usually 40"),
            (Mark::Bad, "timeout"),
            (Mark::Unknown, "no image found to try"),
            (Mark::Unknown, "not known yet"),
            (Mark::Warn, "3 days, until then"),
            (Mark::Warn, "90.0 s behind this console"),
            (Mark::Warn, "paused, 1\u{202f}204 jobs wait"),
            (Mark::Good, "2"),
        ];
        assert_eq!(shown(&node()), expected.map(|(mark, value)| (mark, value.to_owned())));
    }

    #[test]
    fn lines_tell_never_asked_from_no_answer() {
        let gone = NodeHealth { latency_ms: None, components: Vec::new(), ..node() };
        assert_eq!(shown(&gone)[0], (Mark::Bad, "no answer".to_owned()));
        assert_eq!(shown(&NodeHealth { seen_ms: 0, ..gone })[0].0, Mark::Unknown);
    }

    #[test]
    fn lines_vouch_for_nothing_while_it_is_away() {
        let away = NodeHealth { state: HealthState::Unreachable, latency_ms: None, ..node() };
        assert!(shown(&away).iter().all(|(mark, _)| *mark != Mark::Good));
        assert!(shown(&away).contains(&(Mark::Unknown, "2".to_owned())));
    }

    #[test]
    fn certificate_of_plain_http_is_no_fault() {
        let plain = NodeHealth { cert_not_after_ms: None, address: "http://h".into(), ..node() };
        assert_eq!(shown(&plain)[4], (Mark::Skipped, "none: plain http".to_owned()));
        let over = NodeHealth { cert_not_after_ms: Some(NOW - 1), ..node() };
        assert_eq!(shown(&over)[4], (Mark::Bad, "expired on then".to_owned()));
    }
}

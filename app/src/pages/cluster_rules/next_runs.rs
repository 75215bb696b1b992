//! The next ten runs of each link's schedule as it is typed, in the viewer's zone and in UTC.

use leptos::prelude::*;
use model::rule::schedule_of;

use super::{Now, form::versions};
use crate::{clock::Clock, forms::rules::RulesForm, text::rules::RulesText};

/// How many.
const SHOWN: usize = 10;

/// The panel; it follows the form.
pub(super) fn panel(now: Now, form: RulesForm) -> AnyView {
    let (text, clock) = (RulesText::current(), Clock::current());
    let links = now.view.with_untracked(|v| v.links.clone());
    let minute = Memo::new(move |_| clock.now.get() / 60_000);
    let columns = links
        .iter()
        .enumerate()
        .map(|(place, link)| {
            let all = links.len();
            let runs = Memo::new(move |_| {
                let wish = form.wish();
                now.view
                    .with(|v| {
                        let judge = versions(v);
                        let cron =
                            schedule_of(wish.cron.as_deref(), v.artifacts, (place, all), judge.first()?)?;
                        Some(cron.runs_after(minute.get() * 60_000).take(SHOWN).collect::<Vec<_>>())
                    })
                    .unwrap_or_default()
            });
            let rows = move || {
                let runs = runs.get();
                if runs.is_empty() {
                    return view! { <li class="quiet">{text.never()}</li> }.into_any();
                }
                runs.into_iter()
                    .map(|at| {
                        let here = clock.local(at).time();
                        let utc = crate::clock::Civil::of(at, 0).time();
                        view! {
                            <li class="flex justify-between gap-3">
                                <span class="num">{here}</span>
                                <span class="num quiet">{text.utc(&utc)}</span>
                            </li>
                        }
                    })
                    .collect_view()
                    .into_any()
            };
            let heading = text.pushes(link.source.as_str(), link.destination.as_str());
            view! {
                <div class="min-w-0">
                    <h3 class="quiet small break-words">{heading}</h3>
                    <ol>{rows}</ol>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="panel panel-body grid gap-3" aria-labelledby="next-runs-title">
            <h2 id="next-runs-title" class="section-title">{text.next_runs()}</h2>
            <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-1">{columns}</div>
        </section>
    }
    .into_any()
}

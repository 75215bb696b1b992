//! Activity: every change of state and every act of a person, filterable, growing at the top while one looks.

mod filter;
mod list;

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use model::{ids::ClusterId, live::LiveEvent, names::ClusterName};

pub(crate) use list::{EventRow, Names};

use super::{deed::Deed, frame::Page, parts::loaded};
use crate::{
    api::{
        Answer,
        activity::read_activity,
        types::{ActivityFilter, ActivityPageData},
    },
    live::Live,
    routes,
    text::{activity::ActivityText, common::CommonText},
    ui::{ActionButton, EmptyState},
    visit::locale,
};
use filter::{FilterForm, fits, from_query, is_empty};
use list::DayList;

/// What the list reads.
struct Read {
    filter: Memo<ActivityFilter>,
    rows: Resource<Answer<ActivityPageData>>,
}

fn read() -> Read {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(from_query));
    Read { filter, rows: Resource::new(move || filter.get(), |filter| read_activity(filter, None)) }
}

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct ActivityPage;

#[lazy_route]
impl LazyRoute for ActivityPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let ActivityPage = this;
        let (text, common) = (ActivityText::current(), CommonText::current());
        let Read { filter, rows } = read();
        view! {
            <Page crumbs=vec![(common.activity().to_owned(), None)]>
                <div>
                    <h1 class="page-title">{common.activity()}</h1>
                    <p class="lede">{text.lede()}</p>
                </div>
                {loaded(rows, move |first| list(first, rows, filter))}
            </Page>
        }
        .into_any()
    }
}

fn list(
    first: ActivityPageData,
    data: Resource<Answer<ActivityPageData>>,
    filter: Memo<ActivityFilter>,
) -> AnyView {
    let (text, common) = (ActivityText::current(), CommonText::current());
    // The page of this filter is made anew when it changes, so what it was when the rows came is kept.
    let wanted = filter.get_untracked();
    let ActivityPageData { rows, more, clusters } = first;
    let rows = RwSignal::new(rows);
    let more = RwSignal::new(more);
    let names = Names::new(clusters.clone());
    let filtered = !is_empty(&wanted);
    // What is read out: the newest happening alone, not the list that it was put into.
    let heard = RwSignal::new(String::new());
    let locale = locale();
    {
        let wanted = wanted.clone();
        Live::current().on(move |event| match event {
            LiveEvent::Happened { event } if fits(&wanted, &event) => rows.update(|all| {
                if all.first().is_none_or(|newest| newest.id < event.id) {
                    heard.set(event.text.pick(locale).to_owned());
                    all.insert(0, event);
                }
            }),
            LiveEvent::Reset => data.refetch(),
            _ => {}
        });
    }
    let older = Deed::new();
    let load = {
        let wanted = wanted.clone();
        move || {
            let Some(last) = rows.with_untracked(|all| all.last().map(|row| row.id)) else { return };
            older.run(read_activity(wanted.clone(), Some(last)), move |page| {
                more.set(page.more);
                rows.update(|all| all.extend(page.rows));
            });
        }
    };
    let load = StoredValue::new(load);
    let some = Memo::new(move |_| rows.with(|all| !all.is_empty()));
    view! {
        <FilterForm filter=wanted clusters />
        <p class="sr-only" role="status">{move || heard.get()}</p>
        <Show when=move || some.get() fallback=move || nothing(filtered, text)>
            <DayList rows names=names.clone() />
            <div class="flex flex-wrap items-center gap-3" aria-live="polite">
                <Show
                    when=move || more.get()
                    fallback=move || view! { <p class="quiet small">{text.all_shown()}</p> }
                >
                    <ActionButton
                        label=Signal::derive(move || {
                            if older.busy().get() { text.older_loading() } else { common.older() }.to_owned()
                        })
                        busy=older.busy()
                        on_press=move || load.with_value(|load| load())
                    />
                </Show>
                {older.trouble(&[])}
            </div>
        </Show>
    }
    .into_any()
}

fn nothing(filtered: bool, text: ActivityText) -> AnyView {
    if filtered {
        view! {
            <EmptyState title=text.none_title() text=text.none_text()>
                <a class="btn btn-outline" href=routes::ACTIVITY>{text.clear()}</a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title=text.empty_title() text=text.empty_text() /> }.into_any()
    }
}

/// The name of a cluster, where it is known.
fn name_of<'a>(clusters: &'a [(ClusterId, ClusterName)], id: &ClusterId) -> Option<&'a ClusterName> {
    clusters.iter().find(|(known, _)| known == id).map(|(_, name)| name)
}

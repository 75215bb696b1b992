//! What Harbor does not replicate: the settings of two nodes where they differ.

use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use model::{
    ids::PairId,
    say::count,
    settings::{SettingRow, SettingsView},
};

use super::{
    deed::Deed,
    frame::{Crumb, Page},
    parts::whole,
};
use crate::{
    api::{Answer, drift::read_unreplicated},
    routes,
    text::{common::CommonText, drift::DriftText, unreplicated::UnreplicatedText},
    ui::{ActionButton, EmptyState, Mark, Moment, Note},
    visit::locale,
};

/// The page. What it reads is begun by its view, so that the main file carries none of it.
pub(crate) struct UnreplicatedPage;

#[lazy_route]
impl LazyRoute for UnreplicatedPage {
    fn data() -> Self {
        Self
    }

    fn view(this: Self) -> AnyView {
        let UnreplicatedPage = this;
        let params = use_params_map();
        let id = Memo::new(move |_| params.with(|p| PairId::parse(p.get_str("pair")?)));
        let data: Resource<Answer<SettingsView>> = Resource::new(move || id.get(), read_unreplicated);
        let text = UnreplicatedText::current();
        whole(data, text.reading(), |content| framed(None, content), show)
    }
}

fn framed(pair: Option<&SettingsView>, content: AnyView) -> AnyView {
    let text = UnreplicatedText::current();
    let mut way: Vec<Crumb> =
        vec![(CommonText::current().drift().to_owned(), Some(routes::DRIFT.to_owned()))];
    if let Some(view) = pair {
        way.push((text.of(view.a.as_str(), view.b.as_str()), Some(routes::pair(&view.pair))));
    }
    way.push((text.crumb().to_owned(), None));
    view! { <Page crumbs=way>{content}</Page> }.into_any()
}

fn show(first: SettingsView) -> AnyView {
    let text = UnreplicatedText::current();
    let pair = first.clone();
    let now = RwSignal::new(first);
    let reading = Deed::new();
    let again = {
        let id = pair.pair.clone();
        move || reading.run(read_unreplicated(Some(id.clone())), move |view| now.set(view))
    };
    let content = view! {
        <div class="flex flex-wrap items-start justify-between gap-4">
            <div class="min-w-0">
                <h1 class="page-title">{text.title(pair.a.as_str(), pair.b.as_str())}</h1>
                <p class="lede">{text.lede()}</p>
                <p class="small quiet" role="status">
                    {move || now.with(|v| text.compared(&count(v.compared)))} " · " {text.read()} " "
                    {move || now.with(|v| view! { <Moment at_ms=v.read_ms /> })}
                </p>
            </div>
            <ActionButton small=true label=text.again().to_owned() busy=reading.busy() on_press=again />
        </div>
        {reading.trouble(&[])}
        {move || now.with(unseen)}
        {move || now.with(rows)}
    };
    framed(Some(&pair), content.into_any())
}

/// What could not be compared, and why.
fn unseen(found: &SettingsView) -> AnyView {
    let (text, locale) = (UnreplicatedText::current(), locale());
    let of = |node: &str| {
        let kinds = found.unseen.iter().filter(|u| u.node.as_str() == node);
        kinds.map(|u| u.kind.words().into_text(locale)).collect::<Vec<_>>()
    };
    let nodes = [found.a.as_str(), found.b.as_str()].into_iter().map(|node| (node, of(node)));
    let notes = nodes.filter(|(_, kinds)| !kinds.is_empty()).map(|(node, kinds)| {
        let kinds = kinds.join(text.comma());
        let said = text.unseen(node, &kinds);
        view! { <Note mark=Mark::Skipped><p>{said}</p></Note> }
    });
    let left_out = found.left_out;
    let left_out = (left_out > 0).then(|| {
        view! { <Note mark=Mark::Skipped><p>{text.left_out(&count(left_out))}</p></Note> }
    });
    view! { {notes.collect_view()} {left_out} }.into_any()
}

fn rows(found: &SettingsView) -> AnyView {
    let text = UnreplicatedText::current();
    if found.rows.is_empty() {
        return view! { <EmptyState title=text.equal_title() text=text.equal_text() /> }.into_any();
    }
    let more = (found.more > 0).then(|| view! { <p class="quiet small">{text.more(&count(found.more))}</p> });
    view! {
        <div class="panel min-w-0">
            <div class="scrolls relative rounded-(--radius-box)" tabindex="0" role="region" aria-label=text.caption()>
                <table class="data-table boxes-on-phone" role="table">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader">{text.project()}</th>
                            <th scope="col" role="columnheader">{text.setting()}</th>
                            <th scope="col" role="columnheader">{found.a.to_string()}</th>
                            <th scope="col" role="columnheader">{found.b.to_string()}</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{found.rows.iter().map(|row| one(row, found)).collect_view()}</tbody>
                </table>
            </div>
        </div>
        {more}
    }
    .into_any()
}

fn one(row: &SettingRow, found: &SettingsView) -> AnyView {
    let (text, locale) = (UnreplicatedText::current(), locale());
    let absent = DriftText::current().absent();
    let project = if row.project.is_empty() { text.whole().to_owned() } else { row.project.clone() };
    let name = row.name.pick(locale).to_owned();
    let held = [&found.a, &found.b].into_iter().zip(&row.held).map(|(node, held)| {
        let value = match held {
            Some(value) => {
                view! { <span class="break-words">{value.pick(locale).to_owned()}</span> }.into_any()
            }
            None => view! { <span class="quiet">{absent}</span> }.into_any(),
        };
        view! {
            <td role="cell">
                <span class="quiet small md:hidden" aria-hidden="true">{node.to_string()} " "</span>
                {value}
            </td>
        }
    });
    view! {
        <tr role="row">
            <th scope="row" role="rowheader" class="font-medium break-all">
                {project}
            </th>
            <td role="cell">
                {row.kind.words().into_text(locale)}
                {(!name.is_empty()).then(|| view! { <span class="block quiet small break-words">{name}</span> })}
            </td>
            {held.collect_view()}
        </tr>
    }
    .into_any()
}

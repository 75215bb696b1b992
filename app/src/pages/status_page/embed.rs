//! What other sites and programs show of a page: chosen, looked at, copied.

use leptos::prelude::*;
use model::page::{PageAccess, StatusPage};

use crate::{
    api::types::MadeLink,
    forms::share_link::languages,
    routes,
    text::status_pages::StatusPagesText,
    ui::{Choice, CopyField, Described, SelectField},
};

/// What the widget's lines of text need, pixels.
const WIDGET_HEIGHT: u32 = 96;

/// What is chosen at first.
const FIRST: &str = "badge/state.svg";

/// What can be embedded, or read by a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Badge,
    Widget,
    /// Not to be seen: its address is given to a program.
    Read,
}

/// Where a page's pieces stand.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    /// As others reach it, with a slash at its end.
    address: String,
    /// As this browser reaches it.
    path: String,
    /// It asks for a password.
    locked: bool,
    /// It is a link's: who has it, has the link.
    of_link: bool,
}

impl Place {
    /// A link that is being shown, else the address that everybody may know.
    fn of(page: &StatusPage, address: &str, made: Option<MadeLink>) -> Option<Self> {
        let slug = &page.settings.slug;
        match made {
            Some(MadeLink { link, address, .. }) => {
                let path = address.find("/share/").map(|at| address[at..].to_owned())?;
                Some(Self { address, path, locked: link.has_password, of_link: true })
            }
            None if page.settings.access == PageAccess::Public => Some(Self {
                address: format!("{address}{slug}/"),
                path: routes::status(slug),
                locked: false,
                of_link: false,
            }),
            None => None,
        }
    }
}

/// The part of the drawer; `before` stands before a public page's part of its address.
pub(super) fn embed(page: &StatusPage, before: &str, made: RwSignal<Option<MadeLink>>) -> AnyView {
    let text = StatusPagesText::current();
    let (page, before) = (page.clone(), routes::whole(before));
    let title = page.settings.title.to_string();
    let place = Memo::new(move |_| Place::of(&page, &before, made.get()));
    let (piece, language) = (RwSignal::new(FIRST.to_owned()), RwSignal::new(String::new()));
    let content = move || match place.get() {
        Some(place) => chosen(place, &title, piece, language),
        None => view! { <p class="hint">{text.pieces_need_link()}</p> }.into_any(),
    };
    view! {
        <section class="grid gap-3" aria-labelledby="share-pieces">
            <h3 id="share-pieces" class="section-title">{text.pieces()}</h3>
            {content}
        </section>
    }
    .into_any()
}

/// Path behind the address, how it is shown, and what it is.
fn pieces() -> [(&'static str, Shown, &'static str); 6] {
    let text = StatusPagesText::current();
    [
        (FIRST, Shown::Badge, text.piece_state()),
        ("badge/freshness.svg", Shown::Badge, text.piece_freshness()),
        ("badge/uptime.svg", Shown::Badge, text.piece_uptime()),
        ("widget", Shown::Widget, text.piece_widget()),
        ("feed.atom", Shown::Read, text.piece_feed()),
        ("summary.json", Shown::Read, text.piece_summary()),
    ]
}

fn chosen(place: Place, title: &str, piece: RwSignal<String>, language: RwSignal<String>) -> AnyView {
    let text = StatusPagesText::current();
    // What asks for a password is no picture on another site; a program can give one.
    let offered: Vec<_> =
        pieces().into_iter().filter(|(_, shown, _)| !place.locked || *shown == Shown::Read).collect();
    if !offered.iter().any(|(path, ..)| *path == piece.get_untracked()) {
        piece.set(offered.first().map_or_else(String::new, |(path, ..)| (*path).to_owned()));
    }
    let choices: Vec<_> = offered.iter().map(|(path, _, words)| Choice::new(*path, *words)).collect();
    let note = match (place.of_link, place.locked) {
        (_, true) => Some(text.pieces_password()),
        (true, false) => Some(text.pieces_of_link()),
        _ => None,
    };
    let title = title.to_owned();
    let drawn = move || {
        let path = piece.get();
        let shown =
            offered.iter().find(|(known, ..)| *known == path).map_or(Shown::Read, |(_, shown, _)| *shown);
        let language = language.get();
        let query = if language.is_empty() { language } else { format!("?lang={language}") };
        codes(shown, &place, &format!("{path}{query}"), &query, &title)
    };
    view! {
        <div class="grid items-start gap-3 sm:grid-cols-2">
            <SelectField described=Described::new("embed-piece", text.piece()) value=piece choices />
            <SelectField
                described=Described::new("embed-language", text.language())
                value=language
                choices=languages()
            />
        </div>
        {note.map(|note| view! { <p class="hint">{note}</p> })}
        {drawn}
    }
    .into_any()
}

/// What is chosen as it looks, and what to paste.
fn codes(shown: Shown, place: &Place, piece: &str, query: &str, title: &str) -> AnyView {
    let text = StatusPagesText::current();
    let (own, address) = (format!("{}{piece}", place.path), format!("{}{piece}", place.address));
    let page = format!("{}{query}", place.address);
    let copied = |what: &'static str, code: String| {
        view! {
            <div class="grid gap-1">
                <p class="small" aria-hidden="true">{what}</p>
                <CopyField label=what.to_owned() value=code copy_name=text.copy_piece(what) />
            </div>
        }
    };
    let attribute = escaped(title);
    match shown {
        Shown::Badge => view! {
            <p><img src=own alt=text.piece_shown() /></p>
            {copied(
                text.piece_html(),
                format!("<a href=\"{page}\"><img src=\"{address}\" alt=\"{attribute}\"></a>"),
            )}
            {copied(
                text.piece_markdown(),
                format!("[![{}]({address})]({page})", title.replace('[', "\\[").replace(']', "\\]")),
            )}
        }
        .into_any(),
        Shown::Widget => view! {
            <iframe class="piece-preview" title=text.piece_shown() src=own></iframe>
            {copied(
                text.piece_html(),
                format!(
                    "<iframe src=\"{address}\" title=\"{attribute}\" width=\"100%\" height=\"{WIDGET_HEIGHT}\" \
                     frameborder=\"0\" loading=\"lazy\"></iframe>"
                ),
            )}
        }
        .into_any(),
        Shown::Read => copied(text.piece_address(), address).into_any(),
    }
}

/// A text as the value of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

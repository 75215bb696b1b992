//! The drawer in which a page is shared: links, their QR code, and who looked.

use leptos::prelude::*;
use model::{
    live::LiveEvent,
    page::{ShareLink, StatusPage},
    say::duration,
};

use crate::{
    api::{Answer, status_pages::revoke_link, types::MadeLink},
    clock::Clock,
    forms::share_link::ShareLinkForm,
    live::Live,
    pages::{deed::Deed, parts::loaded, settings::ShownOnce},
    routes::whole,
    text::{common::CommonText, status_pages::StatusPagesText},
    ui::{ActionButton, Ago, Badge, Dialog, Kind, Toasts, Tone, close_dialog},
    visit::locale,
};

/// Id of the drawer.
pub(super) const SHARE: &str = "share";

const MINUTE_MS: i64 = 60_000;

/// The links of a page.
pub(super) type Links = Resource<Answer<Vec<ShareLink>>>;

/// The drawer. `address` is what stands before a public page's part of its address.
pub(super) fn drawer(page: &StatusPage, address: &str, data: Links) -> AnyView {
    let text = StatusPagesText::current();
    let id = page.id.clone();
    Live::current().on(move |event| {
        if matches!(event, LiveEvent::Pages | LiveEvent::Reset) {
            data.refetch();
        }
    });
    let deed = Deed::new();
    let made = RwSignal::new(None::<MadeLink>);
    let on_made = Callback::new(move |link: MadeLink| {
        made.set(Some(MadeLink { address: whole(&link.address), ..link }));
        data.refetch();
    });
    let (for_form, for_list) = (id.clone(), id);
    let embed = super::embed::embed(page, address, made);
    view! {
        <Dialog id=SHARE title=text.share_title()>
            <div class="grid gap-5">
                <p class="quiet">{text.share_lede()}</p>
                <ShareLinkForm page=for_form on_made />
                <div class="contents" aria-live="polite">
                    {move || made.get().map(|link| shown(link, made))}
                </div>
                <section aria-labelledby="share-links" class="grid gap-2">
                    <h3 id="share-links" class="section-title">{text.links()}</h3>
                    {deed.trouble(&[])}
                    {loaded(data, move |all| list(all, &for_list, data, deed))}
                </section>
                {embed}
                <div class="flex justify-end">
                    <ActionButton label=text.close() on_press=|| close_dialog(SHARE) />
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}

/// A link that was just made, until its maker has it.
fn shown(link: MadeLink, made: RwSignal<Option<MadeLink>>) -> AnyView {
    let text = StatusPagesText::current();
    let qr = link.qr.map(|address| view! { <img class="qr" src=address alt=text.link_qr() /> });
    view! {
        <ShownOnce
            title=text.link_of(link.link.name.as_str())
            how=text.link_how()
            secret=link.address
            on_done=Callback::new(move |()| made.set(None))
        />
        {qr}
    }
    .into_any()
}

fn list(all: Vec<ShareLink>, page: &model::ids::PageId, data: Links, deed: Deed) -> AnyView {
    let text = StatusPagesText::current();
    if all.is_empty() {
        return view! { <p class="quiet">{text.no_links()}</p> }.into_any();
    }
    let rows = all.into_iter().map(|link| one(link, page.clone(), data, deed)).collect_view();
    view! { <ul class="panel" aria-labelledby="share-links">{rows}</ul> }.into_any()
}

fn one(link: ShareLink, page: model::ids::PageId, data: Links, deed: Deed) -> AnyView {
    let (text, common, toasts) = (StatusPagesText::current(), CommonText::current(), Toasts::current());
    let (clock, locale) = (Clock::current(), locale());
    let ShareLink { id, name, has_password, expires_ms, seen_ms, views, .. } = link;
    let name = name.to_string();
    // It outlives this row, which stands for a moment longer while the list is read again.
    let minutes = ArcMemo::new(move |_| Some((expires_ms? - clock.now.get()).div_euclid(MINUTE_MS)));
    let ends = move || match minutes.get() {
        None => text.endless().into_any(),
        Some(..0) => view! { <Badge text=text.ended() tone=Tone::Warn /> }.into_any(),
        Some(minutes) => text.ends_in(duration(minutes * MINUTE_MS).pick(locale)).into_any(),
    };
    let revoke_name = text.revoke_named(&name);
    let revoke = {
        let name = name.clone();
        move || {
            let name = name.clone();
            deed.run(revoke_link(page.clone(), id.clone()), move |()| {
                toasts.say(text.revoked(&name));
                data.refetch();
            });
        }
    };
    view! {
        <li class="panel-row items-center flex-wrap">
            <div class="min-w-0 grow">
                <p class="font-medium break-words">{name}</p>
                <p class="quiet small">
                    {ends} {has_password.then(|| format!(" · {}", text.with_password()))} " · " {text.seen()} " "
                    {match seen_ms {
                        Some(at_ms) => view! { <Ago at_ms /> }.into_any(),
                        None => common.never().into_any(),
                    }} " · " {text.views(views)}
                </p>
            </div>
            <ActionButton
                small=true
                kind=Kind::Quiet
                label=text.revoke()
                name=revoke_name
                busy=deed.busy()
                on_press=revoke
            />
        </li>
    }
    .into_any()
}

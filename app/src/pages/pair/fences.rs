//! What is held between the two, and no run is about to let go: a person lifts it, or keeps it.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::{
    drift::PairView,
    heal::{FenceView, FenceWhat},
    ids::{LeftoverId, RunId},
    people::Role,
    say::count,
};

use crate::{
    api::drift::{keep_fence, lift_fence},
    pages::deed::Deed,
    routes,
    text::drift::DriftText,
    ui::{ActionButton, Kind, Mark, Moment, Note},
    visit::Visit,
};

/// A note for each; nothing where nothing is held.
pub(super) fn fences(now: RwSignal<PairView>) -> AnyView {
    let deed = Deed::new();
    let navigate = StoredValue::new(use_navigate());
    let held = Memo::new(move |_| now.with(|p| p.fences.clone()));
    let lift = move |id: LeftoverId| {
        deed.run(lift_fence(id), move |run: RunId| {
            navigate.with_value(|navigate| navigate(&routes::run(&run), Default::default()));
        });
    };
    let keep = move |id: LeftoverId| {
        deed.run(keep_fence(id), move |pair| now.update(|known| known.follow(pair)));
    };
    view! {
        {move || {
            let each = held.get().into_iter().map(|fence| match fence.what {
                FenceWhat::ReadOnly => read_only(fence, now),
                FenceWhat::Rule | FenceWhat::Robot => one(fence, deed, lift, keep),
            });
            each.collect_view()
        }}
        {deed.trouble(&[])}
    }
    .into_any()
}

/// A node that takes no pushes: whether the other can take its place, and the way back.
fn read_only(fence: FenceView, now: RwSignal<PairView>) -> AnyView {
    let text = DriftText::current();
    let held = text.held(&fence);
    let (node, since_ms, id) = (fence.node, fence.since_ms, fence.id);
    let stands = Memo::new(move |_| {
        now.with(|pair| {
            let other = if pair.a == node { &pair.b } else { &pair.a };
            match pair.read_ms.filter(|at_ms| *at_ms > since_ms && pair.error.is_none()) {
                None => text.read_only_wait().to_owned(),
                Some(_) if pair.differences() == 0 => text.read_only_equal(other.as_str()),
                Some(_) => text.read_only_differ(&count(pair.differences())),
            }
        })
    });
    let form = Visit::current().may(Role::Operator).then(|| super::switch_over::take_pushes_form(id));
    view! {
        <Note mark=Mark::Warn>
            <p class="section-title">{held}</p>
            <p>
                {text.read_only_why()} " " {text.held_since()} " " <Moment at_ms=since_ms /> ". "
                <a href=routes::run(&fence.run)>{text.see_run()}</a>
            </p>
            <p role="status">{move || stands.get()}</p>
            {form}
        </Note>
    }
    .into_any()
}

fn one(
    fence: FenceView,
    deed: Deed,
    lift: impl Fn(LeftoverId) + Copy + Send + Sync + 'static,
    keep: impl Fn(LeftoverId) + Copy + Send + Sync + 'static,
) -> AnyView {
    let text = DriftText::current();
    let (what, robot) = (text.held(&fence), fence.what == FenceWhat::Robot);
    let kept = fence.kept_by.as_ref().map(|by| view! { <p class="quiet small">{text.fence_kept(by)}</p> });
    let may = Visit::current().may(Role::Operator);
    let (to_lift, to_keep) = (fence.id.clone(), fence.id);
    let buttons = may.then(|| {
        let keeps = kept.is_none().then(|| {
            view! {
                <ActionButton
                    small=true
                    label=text.fence_keep()
                    busy=deed.busy()
                    on_press=move || keep(to_keep.clone())
                />
            }
        });
        view! {
            <div class="flex flex-wrap gap-2">
                <ActionButton
                    small=true
                    kind=Kind::Primary
                    label=text.fence_lift()
                    busy=deed.busy()
                    on_press=move || lift(to_lift.clone())
                />
                {keeps}
            </div>
        }
    });
    view! {
        <Note mark=Mark::Warn>
            <p class="section-title">{what}</p>
            <p>
                {if robot { text.robot_held_why() } else { text.rule_held_why() }} " "
                {text.held_since()} " " <Moment at_ms=fence.since_ms /> ". "
                <a href=routes::run(&fence.run)>{text.see_run()}</a>
            </p>
            {kept}
            {buttons}
        </Note>
    }
    .into_any()
}

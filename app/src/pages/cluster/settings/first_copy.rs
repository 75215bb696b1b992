//! The copy of everything that the Harbors held before they became a cluster.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use model::ids::ClusterId;

use crate::{
    api::{clusters::start_first_copy, types::FirstCopyState},
    pages::deed::Deed,
    routes,
    text::cluster::ClusterText,
    ui::{ActionButton, Kind, Moment},
};

/// Where it stands, and the button that starts it while nobody has.
#[component]
pub(super) fn FirstCopyPanel(
    /// Of which cluster.
    cluster: ClusterId,
    /// Where it stands.
    state: FirstCopyState,
    /// The viewer may start it.
    may_change: bool,
) -> impl IntoView {
    let (text, deed, navigate) = (ClusterText::current(), Deed::new(), use_navigate());
    let words = match state {
        FirstCopyState::Needless => text.first_copy_needless().into_any(),
        FirstCopyState::BySchedule => text.first_copy_schedule().into_any(),
        FirstCopyState::At(at_ms) => view! { {text.first_copy_at()} " " <Moment at_ms /> }.into_any(),
        FirstCopyState::Begun => text.first_copy_begun().into_any(),
    };
    let can_start = may_change && matches!(state, FirstCopyState::BySchedule | FirstCopyState::At(_));
    let start = move || {
        let navigate = navigate.clone();
        deed.run(start_first_copy(cluster.clone()), move |run| {
            navigate(&routes::run(&run), Default::default());
        });
    };
    view! {
        <section class="panel panel-body grid gap-3" aria-labelledby="first-copy">
            <h2 id="first-copy" class="section-title">{text.first_copy()}</h2>
            <p>{words}</p>
            {deed.trouble(&[])}
            {can_start
                .then(|| view! {
                    <div>
                        <ActionButton
                            kind=Kind::Primary
                            label=text.start_first_copy()
                            busy=deed.busy()
                            on_press=start
                        />
                    </div>
                })}
        </section>
    }
}

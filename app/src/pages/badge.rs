//! How many differences there are, beside the section where they stand.

use leptos::prelude::*;

use crate::text::common::CommonText;

/// The number, once the browser has read it; nothing where there is no difference.
pub(super) fn differences() -> AnyView {
    let text = CommonText::current();
    let count = RwSignal::new(0);
    #[cfg(not(feature = "ssr"))]
    if let Some(owner) = Owner::current() {
        // What reading and counting needs is no part of the main file.
        crate::visit::when_alive(move || leptos::task::spawn_local(browser::follow(owner, count)));
    }
    view! {
        <Show when=move || count.get() != 0>
            <span class="count relative">
                <span aria-hidden="true">{count}</span>
                <span class="sr-only">{move || text.differences(count.get())}</span>
            </span>
        </Show>
    }
    .into_any()
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use std::collections::BTreeMap;

    use leptos::prelude::*;
    use model::{
        ids::{ClusterId, PairId},
        live::LiveEvent,
    };

    use crate::{api::drift::read_pairs, live::Live};

    /// The differences of each pair, with its cluster.
    type Pairs = StoredValue<BTreeMap<PairId, (ClusterId, u64)>>;

    /// Counts what the pairs are told to differ in, as long as the frame stands.
    #[lazy]
    pub(super) fn follow(owner: Owner, count: RwSignal<u64>) {
        owner.with(|| {
            let pairs = Pairs::new(BTreeMap::new());
            let add = move || count.set(pairs.with_value(|all| all.values().map(|(_, n)| n).sum()));
            let read = move || {
                leptos::task::spawn_local(async move {
                    // Whoever may not read, or is cut off, sees no number; the next event brings one.
                    if let Ok(all) = read_pairs().await {
                        let known =
                            all.into_iter().map(|p| (p.id.clone(), (p.cluster.clone(), p.differences())));
                        pairs.set_value(known.collect());
                        add();
                    }
                });
            };
            read();
            Live::current().on(move |event| match event {
                LiveEvent::Pair { pair } => {
                    let differences = pair.differences();
                    pairs.update_value(|all| {
                        all.insert(pair.id, (pair.cluster, differences));
                    });
                    add();
                }
                LiveEvent::ClusterGone { id } => {
                    pairs.update_value(|all| all.retain(|_, (cluster, _)| *cluster != id));
                    add();
                }
                LiveEvent::Reset => read(),
                _ => {}
            });
        });
    }
}

//! What was really pulled and hashed, and what could not be given.

use leptos::prelude::*;
use model::{
    drift::{Broken, PairView, Verified},
    say::{bytes, count},
};

use crate::{
    text::drift::DriftText,
    ui::{Mark, Moment, Note},
};

/// Nothing where nobody asked for it.
pub(super) fn verified(now: RwSignal<PairView>) -> AnyView {
    let known = Memo::new(move |_| now.with(|p| p.verified.clone()));
    let names = now.with_untracked(|p| [p.a.to_string(), p.b.to_string()]);
    (move || known.get().map(|verified| shown(verified, &names))).into_any()
}

fn shown(verified: Verified, names: &[String; 2]) -> AnyView {
    let text = DriftText::current();
    let size = bytes(verified.bytes);
    let line = text.pulled(&count(verified.artifacts), &size);
    let pass = match verified.ended_ms {
        None => {
            view! { <span>{text.pulling_since()} " " <Moment at_ms=verified.began_ms /></span> }.into_any()
        }
        Some(at_ms) => view! { <span>{text.pulled_at()} " " <Moment at_ms /></span> }.into_any(),
    };
    let broken = verified.broken;
    let list = (!broken.is_empty()).then(|| {
        let title = text.broken_title(&count(broken.len() as u64));
        let rows = broken.into_iter().map(|one| row(one, names)).collect_view();
        view! {
            <Note mark=Mark::Bad>
                <p class="section-title">{title}</p>
                <ul class="grid gap-2">{rows}</ul>
                <p class="small">{text.broken_next()}</p>
            </Note>
        }
    });
    view! {
        {list}
        <p class="small">{line} " " {pass}</p>
    }
    .into_any()
}

fn row(broken: Broken, names: &[String; 2]) -> AnyView {
    let text = DriftText::current();
    let name = broken.name();
    let Broken { side, part, how, found_ms, .. } = broken;
    let part = part.get(..19).unwrap_or(&part).to_owned();
    view! {
        <li>
            <span class="font-medium break-all">{text.broken_on(&name, &names[side.at()])}</span>
            <span class="block small">{text.broken_how(how, &part)} " " <Moment at_ms=found_ms /></span>
        </li>
    }
    .into_any()
}

//! What the page would look like, while one types.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::status_pages::preview_page, forms::status_page::Draft, text::status_pages::StatusPagesText,
};

/// It is drawn anew once nobody has typed for so long.
const REST: Duration = Duration::from_millis(400);

/// The preview: the server's own rendering, without a script; the policy of this page, which holds in the frame as well,
/// would let none run.
pub(super) fn preview(draft: Draft) -> AnyView {
    let text = StatusPagesText::current();
    let drawn = RwSignal::new(None::<String>);
    let round = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let Ok(settings) = draft.settings() else { return };
        round.update_value(|n| *n += 1);
        let mine = round.get_value();
        let draw = move || {
            // What was typed since then is drawn instead.
            if round.try_get_value() != Some(mine) {
                return;
            }
            leptos::task::spawn_local(async move {
                let answer = preview_page(settings).await;
                if round.try_get_value() == Some(mine)
                    && let Ok(html) = answer
                {
                    drawn.try_set(Some(html));
                }
            });
        };
        set_timeout(draw, REST);
    });
    view! {
        <section class="panel min-w-0 xl:sticky xl:top-4" aria-labelledby="preview">
            <h2 id="preview" class="panel-head">{text.preview()}</h2>
            {move || match drawn.get() {
                Some(html) => view! {
                    <iframe class="page-preview" title=text.preview() srcdoc=html></iframe>
                }
                .into_any(),
                None => view! { <p class="panel-row border-t border-base-300 quiet">{text.preview_wait()}</p> }
                    .into_any(),
            }}
        </section>
    }
    .into_any()
}

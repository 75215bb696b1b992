//! A few lines for another site's frame: no script, nothing but the state and a way to the page.

use maud::html;

use super::{For, class, document, mark};
use crate::{view::View, words};

/// The widget.
pub(crate) fn widget(view: &View, reader: &For, now_ms: i64) -> String {
    let said = words::headline(view, now_ms);
    let head = html! { title { (view.title) } };
    let body = html! {
        a.widget.(class(view.state)) href={ "./?lang=" (super::short(reader.locale)) } target="_blank" rel="noopener" {
            (mark(view.state))
            span { b { (view.title) } " " (said.pick(reader.locale)) }
        }
    };
    document(reader.locale, view.theme, &head, &body)
}

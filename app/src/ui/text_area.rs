//! The only `<textarea>` of the console.
//!
//! Leptos 0.8 writes the children of a textarea to the page as they are, so a stored text could close it and go on
//! as markup. Here the text is escaped first and given as inner HTML, which a browser reads back as plain text;
//! later changes go through the property.

use leptos::prelude::*;

use super::field::{Check, Described};

/// Several lines of text.
#[component]
pub(crate) fn AreaField(
    /// Its words.
    described: Described,
    /// What is typed.
    value: RwSignal<String>,
    /// How many lines are seen.
    #[prop(default = 3)]
    rows: u32,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// An example, shown while empty.
    #[prop(optional, into)]
    placeholder: String,
    /// For technical text.
    #[prop(optional)]
    code: bool,
) -> impl IntoView {
    let check = Check::of(&described, error);
    let id = described.id.clone();
    let control = view! {
        <textarea
            id=id
            class="textarea w-full"
            class:code=code
            class:field-invalid=move || error.with(Option::is_some)
            rows=rows
            placeholder=placeholder
            spellcheck=code.then_some("false")
            aria-describedby=check.described_by.clone()
            aria-invalid=check.invalid()
            inner_html=escaped(&value.get_untracked())
            prop:value=move || value.get()
            on:input:target=move |event| value.set(event.target().value())
        />
    };
    described.around(error, control.into_any())
}

/// `text` as HTML that reads back as the same text. A first line break is doubled: parsers swallow one.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    if text.starts_with(['\n', '\r']) {
        out.push('\n');
    }
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn render_keeps_stored_markup_inert() {
        let owner = Owner::new();
        owner.set();
        let value = RwSignal::new("</textarea><b id=xss>&amp;".to_owned());
        let html = view! { <AreaField described=Described::new("pem", "PEM") value /> }.to_html();
        assert!(html.contains("&lt;/textarea&gt;&lt;b id=xss&gt;&amp;amp;</textarea>"), "{html}");
        assert!(!html.contains("<b id=xss>"), "{html}");
    }
}

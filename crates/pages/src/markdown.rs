//! The text of a page: Markdown that can neither run nor load anything.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// Addresses that a link of the text may have.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// As HTML. Markup within the text is shown as it was typed; links go to the web or a mailbox, all others lead
/// nowhere; pictures are their descriptions, since each would tell a stranger who looks.
pub(crate) fn render(text: &str) -> String {
    let mut pictures = 0_u32;
    let events =
        Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES).filter_map(|event| {
            match event {
                Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
                Event::Start(Tag::Image { .. }) => {
                    pictures += 1;
                    None
                }
                Event::End(pulldown_cmark::TagEnd::Image) => {
                    pictures = pictures.saturating_sub(1);
                    None
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    let lower = dest_url.trim().to_ascii_lowercase();
                    let fits = SCHEMES.iter().any(|scheme| lower.starts_with(scheme));
                    let dest_url = if fits { dest_url } else { CowStr::Borrowed("#") };
                    Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
                }
                other => Some(other),
            }
        });
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render_keeps_what_people_write() {
        let html = render("**Night shift**: call [us](https://wiki.example) ~~now~~");
        assert_eq!(
            html,
            "<p><strong>Night shift</strong>: call <a href=\"https://wiki.example\">us</a> <del>now</del></p>\n"
        );
    }

    #[test]
    fn render_lets_nothing_run_and_nothing_load() {
        for bad in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](  JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "![x](https://tracker.example/p.png)",
            "<style>*{display:none}</style>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<javascript:alert(1)>",
        ] {
            let html = render(bad);
            for part in ["<script", "<img", "<style", "javascript:alert(1)\"", "data:text/html\""] {
                assert!(!html.contains(part), "{bad} became {html}");
            }
            assert!(!html.contains("href=\"javascript") && !html.contains("href=\"data:"), "{html}");
        }
    }
}

//! What settings must be beyond what their types say: a time zone that exists, a logo that is a small picture.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::tz::TimeZone;
use model::{AppError, page::PageSettings, say};

use crate::Answered;

/// Largest logo, bytes: a first visit loads it.
const LOGO_MAX: usize = 16 * 1024;
/// Pictures that may be logos, and how their files begin.
const PICTURES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/webp", b"RIFF"),
    // Shown as a picture, so that nothing in it runs or loads.
    ("image/svg+xml", b"<"),
];

/// The time zone of settings that may be kept.
///
/// # Errors
/// `page.text`, `page.clusters`, `page.zone`, `page.logo`.
pub(crate) fn judge(settings: &PageSettings) -> Answered<TimeZone> {
    settings.judge()?;
    if let Some(logo) = &settings.logo {
        logo_fits(logo)?;
    }
    zone(&settings.zone)
}

/// A time zone by its name.
///
/// # Errors
/// `page.zone`.
pub(crate) fn zone(name: &str) -> Answered<TimeZone> {
    TimeZone::get(name.trim()).map_err(|_| {
        AppError::new(
            "page.zone",
            422,
            say!("There is no such time zone.", "没有这个时区。"),
            say!(
                "Give its name in the IANA database, e.g. Asia/Shanghai, Europe/Berlin or UTC.",
                "请填写 IANA 时区名称，例如 Asia/Shanghai、Europe/Berlin 或 UTC。"
            ),
        )
        .at("page-zone")
    })
}

fn logo_fits(logo: &str) -> Answered<()> {
    let parts = logo.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let fits = parts.is_some_and(|(kind, body)| {
        let begins = PICTURES.iter().find(|(name, _)| *name == kind).map(|(_, begins)| *begins);
        let bytes = STANDARD.decode(body).unwrap_or_default();
        begins.is_some_and(|begins| bytes.starts_with(begins)) && bytes.len() <= LOGO_MAX
    });
    if fits {
        return Ok(());
    }
    let kib = LOGO_MAX / 1024;
    Err(AppError::new(
        "page.logo",
        422,
        say!("The logo is no picture, or too large.", "徽标不是图片，或者太大。"),
        say!(
            "Choose a PNG, JPEG, WebP or SVG file of at most {kib} KiB.",
            "请选择不超过 {kib} KiB 的 PNG、JPEG、WebP 或 SVG 文件。"
        ),
    )
    .at("page-logo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logo_fits_only_small_pictures() {
        let of = |kind: &str, bytes: &[u8]| format!("data:{kind};base64,{}", STANDARD.encode(bytes));
        assert!(logo_fits(&of("image/png", b"\x89PNG\r\n\x1a\nrest")).is_ok());
        assert!(logo_fits(&of("image/svg+xml", b"<svg/>")).is_ok());
        for bad in [
            of("image/png", b"<script>"),
            of("text/html", b"<b>"),
            of("image/svg+xml", &[b'<'; LOGO_MAX + 1]),
            "https://tracker.example/logo.png".into(),
            "data:image/png;base64,%%%".into(),
        ] {
            assert_eq!(logo_fits(&bad).unwrap_err().field.as_deref(), Some("page-logo"));
        }
    }

    #[test]
    fn zone_knows_the_names_of_the_database_on_every_machine() {
        assert!(zone("Asia/Shanghai").is_ok() && zone("UTC").is_ok());
        assert_eq!(zone("Beijing time").unwrap_err().code, "page.zone");
    }
}

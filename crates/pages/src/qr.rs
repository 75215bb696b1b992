//! A link as a QR code, to be scanned from a screen.

use qrcode::{EcLevel, QrCode, render::svg};

/// The code as an SVG picture in black on white with its margin; `None` for an address that is too long for one.
pub(crate) fn svg(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(192, 192).build();
    // Within a page, no declaration stands before it.
    Some(drawn.split_once("?>").map_or(drawn.clone(), |(_, svg)| svg.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_draws_an_address() {
        let drawn = svg("https://breakwater.example/share/abcdefghijklmnopqrstuv/").unwrap();
        assert!(drawn.trim_start().starts_with("<svg") && drawn.contains("<path"), "{drawn}");
        assert_eq!(svg(&"x".repeat(10_000)), None);
    }
}

//! A link as a QR code, to be scanned from a screen.

use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{EcLevel, QrCode, render::svg};

/// The code as the address of a picture in black on white with its margin; `None` for an address that is too long for
/// one, and for a path, which leads nowhere from a phone.
pub(crate) fn picture(address: &str) -> Option<String> {
    if address.starts_with('/') {
        return None;
    }
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(192, 192).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawn)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_draws_an_address() {
        let drawn = picture("https://breakwater.example/share/abcdefghijklmnopqrstuv/").unwrap();
        let svg = STANDARD.decode(drawn.split_once(";base64,").unwrap().1).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("<svg") && svg.contains("<path"), "{svg}");
        assert_eq!(picture(&"x".repeat(10_000)), None);
        assert_eq!(picture("/share/abcdefghijklmnopqrstuv/"), None);
    }
}

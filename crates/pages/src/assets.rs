//! The two files that pages load, compiled in: their names change with their content, so that they may be kept for ever.

use std::sync::LazyLock;

use crate::{digest, rendered::Rendered};

/// Where they stand.
pub const FOLDER: &str = "/status/-/";

const STYLE: &str = include_str!("../assets/status.css");
const SCRIPT: &str = include_str!("../assets/live.js");

static STYLE_SENT: LazyLock<Rendered> = LazyLock::new(|| Rendered::text(STYLE.as_bytes().into()));
static SCRIPT_SENT: LazyLock<Rendered> = LazyLock::new(|| Rendered::text(SCRIPT.as_bytes().into()));
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| named(STYLE, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| named(SCRIPT, "js"));

fn named(text: &str, kind: &str) -> String {
    format!("{FOLDER}{}.{kind}", &digest(text.as_bytes())[..16])
}

/// The address of the style.
pub(crate) fn style() -> &'static str {
    &STYLE_PATH
}

/// The address of the script.
pub(crate) fn script() -> &'static str {
    &SCRIPT_PATH
}

/// A file by its name in [`FOLDER`]: its type, and itself.
pub fn file(name: &str) -> Option<(&'static str, &'static Rendered)> {
    let is = |path: &str| path.strip_prefix(FOLDER) == Some(name);
    if is(style()) {
        Some(("text/css; charset=utf-8", &STYLE_SENT))
    } else if is(script()) {
        Some(("text/javascript; charset=utf-8", &SCRIPT_SENT))
    } else {
        None
    }
}

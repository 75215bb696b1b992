//! Paths: what is put into a template, and how often it is encoded.

use crate::HarborError;

/// Percent-encodes everything but unreserved characters and the colon (which stands in digests).
pub(crate) fn once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Fills a path template. `{repository}` is encoded twice (a proxy may decode once, and the slash must survive),
/// `{name}` keeps its slashes (paths below `/v2/`), anything else is encoded once.
///
/// # Errors
/// [`HarborError::Validation`], where a part is empty or would climb out of
/// its place (`..`), or does not stand in the template.
pub(crate) fn fill(template: &str, params: &[(&str, String)]) -> Result<String, HarborError> {
    let mut path = template.to_owned();
    for (key, value) in params {
        let bad = || HarborError::Validation(format!("{value:?} cannot stand in a path"));
        if value.is_empty() || value.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(bad());
        }
        let encoded = match *key {
            "repository" => once(&once(value)),
            "name" | "upload" => value.split('/').map(once).collect::<Vec<_>>().join("/"),
            _ => once(value),
        };
        let marker = format!("{{{key}}}");
        if !path.contains(&marker) {
            return Err(bad());
        }
        path = path.replace(&marker, &encoded);
    }
    if path.contains('{') { Err(HarborError::Validation(format!("{path} lacks a part"))) } else { Ok(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, key: &'static str, value: &str) -> Option<String> {
        fill(template, &[(key, value.to_owned())]).ok()
    }

    #[test]
    fn fill_encodes_a_repository_twice_and_a_name_by_segment() {
        assert_eq!(filled("/r/{repository}/x", "repository", "a/b").as_deref(), Some("/r/a%252Fb/x"));
        assert_eq!(filled("/v2/{name}/tags/list", "name", "p/a b").as_deref(), Some("/v2/p/a%20b/tags/list"));
        assert_eq!(filled("/t/{tag}", "tag", "a/b?c#d").as_deref(), Some("/t/a%2Fb%3Fc%23d"));
        assert_eq!(filled("/d/{reference}", "reference", "sha256:ab").as_deref(), Some("/d/sha256:ab"));
    }

    #[test]
    fn fill_refuses_what_would_leave_its_place() {
        for value in ["", "..", ".", "a/../b"] {
            assert_eq!(filled("/p/{project}", "project", value), None, "{value}");
        }
        assert_eq!(filled("/p/{project}/{id}", "project", "x"), None, "a part is missing");
        assert_eq!(filled("/p", "project", "x"), None, "a part has no place");
    }
}

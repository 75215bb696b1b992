//! Texts without what differs each time: numbers, times, ids of uploads.

use crate::mapping::digests;

/// A message with its numbers, and the ports of clients, taken out: ids and sizes in words.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut digests_out = text.to_owned();
    for digest in digests(text) {
        digests_out = digests_out.replace(&digest[7..], "#");
    }
    for c in digests_out.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    // A recorded host became an address with a port of its own; a client's port follows it.
    out.replace("#:#:#->", "#:#->")
}

/// The form of a time: its precision, and whether it is set.
pub(super) fn time_shape(text: &str) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let time = bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && text.ends_with('Z');
    time.then(|| (text.len(), text.starts_with("0001-")))
}

pub(super) fn without_uuids(text: &str) -> String {
    let is_uuid = |part: &&str| part.len() == 36 && part.bytes().filter(|b| *b == b'-').count() == 4;
    text.split(['/', '?'])
        .map(|part| if is_uuid(&part) { "<uuid>" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

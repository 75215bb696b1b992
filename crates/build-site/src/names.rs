//! Names that carry a hash of the content, so that browsers may keep the files for ever.
//!
//! The names have the form that Leptos expects from cargo-leptos (`breakwater.HASH.js`, and `hash.txt` that tells the
//! hashes), with one difference in what is hashed: a file's hash also covers every file it names, near or far.
//! cargo-leptos hashes a file before the names in it are changed, so that a new chunk can leave the main file's name
//! as it was, and a browser that kept the main file asks for chunks that are gone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::browser::{LOADER, MANIFEST};

/// Files by name, relative to `pkg`.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Stands for the hash in names that WebAssembly files contain. 22 characters: a hash has as many.
const PLACE_FOR_HASH: &str = "______________________";

/// Renames all files and the mentions of them in each other. Also returns the text of `hash.txt`.
pub(crate) fn with_hashes(files: &Files, output_name: &str) -> Result<(Files, String)> {
    let mentions: BTreeMap<&str, Vec<&str>> = files
        .iter()
        .map(|(name, content)| Ok((name.as_str(), mentions(name, content, files)?)))
        .collect::<Result<_>>()?;
    let own: BTreeMap<&str, _> =
        files.iter().map(|(name, content)| (name.as_str(), Sha256::digest(content))).collect();

    let mut hashes = BTreeMap::new();
    for name in files.keys().filter(|name| !is_snippet(name)) {
        let mut all = Sha256::new();
        for reached in reach(name, &mentions) {
            all.update(reached);
            all.update(own[reached]);
        }
        // 16 bytes, as many as the MD5 of cargo-leptos.
        hashes.insert(name.as_str(), URL_SAFE_NO_PAD.encode(&all.finalize()[..16]));
    }

    let mut renamed = Files::new();
    for (name, content) in files {
        let content = change_mentions(name, content, &mentions[name.as_str()], &hashes)?;
        renamed.insert(new_name(name, &hashes), content);
    }

    let mut list = String::new();
    let named = |ending| format!("{output_name}.{ending}");
    for (label, name) in [
        ("js", named("js")),
        ("wasm", named("wasm")),
        ("css", named("css")),
        ("manifest", MANIFEST.to_owned()),
        ("split", LOADER.to_owned()),
    ] {
        if let Some(hash) = hashes.get(name.as_str()) {
            list.push_str(&format!("{label}: {hash}\n"));
        }
    }
    Ok((renamed, list))
}

/// JavaScript that crates bring along lies in folders; their names carry a hash already.
fn is_snippet(name: &str) -> bool {
    name.contains('/')
}

fn mentions<'a>(name: &str, content: &[u8], files: &'a Files) -> Result<Vec<&'a str>> {
    let others = files.keys().map(String::as_str).filter(|other| *other != name && !is_snippet(other));
    Ok(match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => {
            let text = std::str::from_utf8(content).context("JavaScript that is not UTF-8")?;
            others.filter(|other| text.contains(&format!("./{other}"))).collect()
        }
        Some("wasm") => {
            others.filter(|other| *other == LOADER && positions(content, LOADER).next().is_some()).collect()
        }
        _ if name == MANIFEST => {
            let manifest: Manifest = serde_json::from_slice(content)?;
            let wanted: BTreeSet<_> = manifest.into_values().flatten().collect();
            others.filter(|other| other.strip_suffix(".wasm").is_some_and(|it| wanted.contains(it))).collect()
        }
        _ => Vec::new(),
    })
}

/// The file itself and all that it mentions, directly or not; in a fixed order.
fn reach<'a>(name: &'a str, mentions: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(&mentions[name]);
        }
    }
    reached
}

fn new_name(name: &str, hashes: &BTreeMap<&str, String>) -> String {
    match (hashes.get(name), name.rsplit_once('.')) {
        (Some(hash), _) if name.contains(PLACE_FOR_HASH) => name.replace(PLACE_FOR_HASH, hash),
        (Some(hash), Some((stem, ending))) => format!("{stem}.{hash}.{ending}"),
        _ => name.to_owned(),
    }
}

fn change_mentions(
    name: &str,
    content: &[u8],
    mentioned: &[&str],
    hashes: &BTreeMap<&str, String>,
) -> Result<Vec<u8>> {
    if name == MANIFEST {
        let manifest: Manifest = serde_json::from_slice(content)?;
        let change = |stem: String| {
            let new = new_name(&format!("{stem}.wasm"), hashes);
            new.strip_suffix(".wasm").map_or(stem, str::to_owned)
        };
        let changed: Manifest = manifest
            .into_iter()
            .map(|(split, stems)| (split, stems.into_iter().map(change).collect()))
            .collect();
        return Ok(serde_json::to_vec(&changed)?);
    }
    let mut content = content.to_vec();
    for old in mentioned {
        let new = new_name(old, hashes);
        if name.ends_with(".js") {
            let text = String::from_utf8(content)?;
            content = text.replace(&format!("./{old}"), &format!("./{new}")).into_bytes();
        } else {
            ensure!(new.len() == old.len(), "{name} names {old}, whose name cannot be changed in place");
            let found: Vec<_> = positions(&content, old).collect();
            for position in found {
                content[position..position + old.len()].copy_from_slice(new.as_bytes());
            }
        }
    }
    Ok(content)
}

/// Each split's name, and the chunks it needs, without `.wasm`.
type Manifest = BTreeMap<String, Vec<String>>;

fn positions<'a>(content: &'a [u8], text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let last = (content.len() + 1).saturating_sub(text.len());
    (0..last).filter(move |at| content[*at..].starts_with(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(chunk: &str) -> Files {
        let main =
            format!("import * as import1 from \"./{LOADER}\"; const i = {{ \"./{LOADER}\": import1 }};");
        let loader = "import { initSync } from \"./site.js\"; fetch(new URL(\"./split_a.wasm\", import.meta.url)); \
                      fetch(new URL(\"./split_aa.wasm\", import.meta.url));";
        [
            ("site.js", main.as_str()),
            ("site.wasm", &format!("\0asm\x19./{LOADER}\x03fun")),
            ("site.css", "a{}"),
            (LOADER, loader),
            (MANIFEST, r#"{"a": ["split_a"], "b": ["split_a", "split_aa"]}"#),
            ("split_a.wasm", chunk),
            ("split_aa.wasm", "\0asm other"),
            ("snippets/some-crate-1234/inline0.js", "export const a = 1;"),
        ]
        .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
        .into()
    }

    fn hash_of(list: &str, label: &str) -> String {
        let line = list.lines().find_map(|line| line.strip_prefix(&format!("{label}: ")));
        line.unwrap_or_else(|| panic!("no {label} in {list}")).to_owned()
    }

    fn text(files: &Files, name: &str) -> String {
        String::from_utf8(files[name].clone()).unwrap()
    }

    #[test]
    fn with_hashes_gives_the_names_that_leptos_asks_for() {
        let (renamed, list) = with_hashes(&files("\0asm one"), "site").unwrap();
        let [js, wasm, css, manifest, split] =
            ["js", "wasm", "css", "manifest", "split"].map(|label| hash_of(&list, label));
        for name in [
            format!("site.{js}.js"),
            format!("site.{wasm}.wasm"),
            format!("site.{css}.css"),
            format!("__wasm_split_manifest.{manifest}.json"),
            format!("__wasm_split.{split}.js"),
            "snippets/some-crate-1234/inline0.js".to_owned(),
        ] {
            assert!(renamed.contains_key(&name), "{name} in {:?}", renamed.keys());
        }
        assert_eq!(renamed.len(), 8);
    }

    #[test]
    fn with_hashes_changes_every_mention() {
        let (renamed, list) = with_hashes(&files("\0asm one"), "site").unwrap();
        let split = format!("__wasm_split.{}.js", hash_of(&list, "split"));
        let js = format!("site.{}.js", hash_of(&list, "js"));
        let chunk = |stem: &str| {
            let name = renamed.keys().find(|name| name.starts_with(&format!("{stem}."))).unwrap();
            name.strip_suffix(".wasm").unwrap().to_owned()
        };
        let (a, aa) = (chunk("split_a"), chunk("split_aa"));

        assert_eq!(text(&renamed, &js).matches(&format!("\"./{split}\"")).count(), 2);
        assert!(text(&renamed, &format!("site.{}.wasm", hash_of(&list, "wasm"))).contains(&split));
        let loader = text(&renamed, &split);
        for name in [&js, &format!("{a}.wasm"), &format!("{aa}.wasm")] {
            assert!(loader.contains(&format!("\"./{name}\"")), "{name} in {loader}");
        }
        let manifest: Manifest = serde_json::from_str(&text(
            &renamed,
            &format!("__wasm_split_manifest.{}.json", hash_of(&list, "manifest")),
        ))
        .unwrap();
        assert_eq!(manifest["b"], [a, aa]);
        let left_over =
            renamed.values().filter(|content| positions(content, PLACE_FOR_HASH).next().is_some());
        assert_eq!(left_over.count(), 0);
    }

    #[test]
    fn with_hashes_renames_all_that_leads_to_a_changed_chunk_and_nothing_else() {
        let (_, before) = with_hashes(&files("\0asm one"), "site").unwrap();
        let (_, after) = with_hashes(&files("\0asm two"), "site").unwrap();
        for label in ["js", "wasm", "manifest", "split"] {
            assert_ne!(hash_of(&before, label), hash_of(&after, label), "{label}");
        }
        assert_eq!(hash_of(&before, "css"), hash_of(&after, "css"));
    }

    #[test]
    fn with_hashes_of_a_site_in_one_piece_lists_no_split() {
        let whole: Files = files("").into_iter().filter(|(name, _)| name.starts_with("site.")).collect();
        let (_, list) = with_hashes(&whole, "site").unwrap();
        assert_eq!(list.lines().count(), 3);
    }
}

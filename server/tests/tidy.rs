//! The house's rules that a machine can check: directions, absences, languages, and documents that stay true.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every source file below `folder` with one of the endings, without build results and installed packages.
fn sources(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(
                    name.as_str(),
                    "node_modules" | "target" | ".git" | "test-results" | "playwright-report"
                ) {
                    open.push(path);
                }
            } else if endings.iter().any(|e| name.ends_with(e)) {
                let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                found.push((path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The normal dependencies of a package, by the names in its manifest.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap_or_else(|e| panic!("{manifest}: {e}"));
    let table: toml::Table = text.parse().unwrap();
    table
        .get("dependencies")
        .and_then(|d| d.as_table())
        .map(|d| d.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn dependencies_follow_the_directions() {
    // ARCHITECTURE.md, "Directions": a room may use the rooms listed for it and no other of ours.
    let may: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("crates/model", &[][..]),
        ("crates/harbor", &["model"]),
        ("crates/store", &["model"]),
        ("crates/journal", &["store", "model"]),
        ("crates/access", &["store", "model"]),
        ("crates/watch", &["harbor", "store", "model"]),
        ("crates/ledger", &["harbor", "store", "model"]),
        ("crates/clusters", &["ledger", "watch", "access", "journal", "harbor", "store", "model"]),
        ("crates/pages", &["clusters", "watch", "access", "store", "model"]),
        ("app", &["pages", "clusters", "watch", "access", "model"]),
        ("server", &["app", "pages", "clusters", "watch", "access", "journal", "harbor", "store", "model"]),
        ("crates/build-site", &[]),
        ("end2end/harbor-sim", &[]),
    ]);
    let ours: BTreeSet<&str> = may.keys().map(|p| p.rsplit('/').next().unwrap()).collect();
    for (room, allowed) in &may {
        for dependency in dependencies(&format!("{room}/Cargo.toml")) {
            assert!(
                !ours.contains(dependency.as_str()) || allowed.contains(&dependency.as_str()),
                "{room} must not use {dependency}"
            );
        }
    }
    let rooms: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|e| format!("crates/{}", e.unwrap().file_name().to_string_lossy()))
        .collect();
    let unknown: Vec<_> = rooms.iter().filter(|r| !may.contains_key(r.as_str())).collect();
    assert!(unknown.is_empty(), "rooms without a direction: {unknown:?}");
}

#[test]
fn absences_hold() {
    let absent: &[(&str, &[&str], &str)] = &[
        (
            "crates/model",
            &["tokio", "reqwest", "sqlx", "axum", "leptos"],
            "model does no I/O and knows no framework",
        ),
        ("crates/harbor", &["sqlx", "axum", "leptos"], "harbor knows no database and no framework"),
        ("crates/store", &["axum", "leptos", "reqwest"], "store speaks to databases only"),
        (
            "crates/journal",
            &["axum", "leptos", "reqwest", "sqlx", "harbor"],
            "journal does not know what Harbor is",
        ),
        ("crates/access", &["axum", "leptos", "reqwest", "sqlx"], "services know no framework and no SQL"),
        ("crates/watch", &["axum", "leptos", "sqlx"], "services know no framework and no SQL"),
        ("crates/clusters", &["axum", "leptos", "sqlx"], "services know no framework and no SQL"),
        ("crates/pages", &["axum", "leptos", "sqlx", "reqwest"], "services know no framework and no SQL"),
        ("app", &["sqlx", "reqwest", "harbor", "store"], "app calls services only"),
        ("server", &["sqlx"], "nothing but store sees SQL"),
    ];
    for (room, names, why) in absent {
        let has = dependencies(&format!("{room}/Cargo.toml"));
        for name in *names {
            assert!(!has.contains(*name), "{room} uses {name}, but {why}");
        }
    }
}

#[test]
fn ui_knows_no_route_and_no_server_function() {
    for (path, text) in sources("app/src/ui", &[".rs"]) {
        for word in ["crate::routes", "crate::api", "leptos_router"] {
            assert!(!text.contains(word), "{path} knows {word}");
        }
    }
}

#[test]
fn textarea_is_written_in_one_place() {
    // Leptos 0.8 writes the children of a textarea unescaped; ui::AreaField closes that hole.
    for (path, text) in sources("app/src", &[".rs"]) {
        if path != "app/src/ui/text_area.rs" {
            assert!(!text.contains("<textarea"), "{path} must use ui::AreaField");
            assert!(!text.contains("inner_html"), "{path} writes raw HTML");
        }
        assert!(!text.contains(" style="), "{path} has a style attribute, which the content policy refuses");
    }
}

#[test]
fn every_sentence_has_its_chinese() {
    // `say!("english", "中文")`: the second text has a Chinese character, or nothing but names, numbers and signs.
    for folder in ["crates", "server/src", "app/src"] {
        for (path, text) in sources(folder, &[".rs"]) {
            for call in text.split("say!(").skip(1) {
                let strings = literals(call, 2);
                let [en, zh] = strings.as_slice() else { continue };
                let chinese = zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                let words = bare(en).split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 3).count();
                assert!(chinese || words == 0, "{path}: {en:?} is left in English: {zh:?}");
                let english = en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(!english, "{path}: the first text of {zh:?} is Chinese");
            }
        }
    }
}

#[test]
fn chinese_has_its_own_signs_and_words() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for folder in ["crates", "server/src", "app/src"] {
        for (path, text) in sources(folder, &[".rs"]) {
            for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
                let signs = line.chars().zip(line.chars().skip(1));
                let narrow = signs.filter(|&(c, sign)| is_chinese(c) && ",;:!?".contains(sign)).count();
                assert_eq!(narrow, 0, "{path}: the signs of a Chinese text are wide: {}", line.trim());
                assert!(!line.contains("robot 账号"), "{path}: one word for one thing is 机器人账号");
            }
        }
    }
}

/// The text without `{placeholders}`.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// The first `count` string literals of a source text.
fn literals(text: &str, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = text.chars();
    while found.len() < count {
        match chars.next() {
            Some('"') => {
                let mut literal = String::new();
                loop {
                    match chars.next() {
                        Some('\\') => literal.extend(chars.next()),
                        Some('"') | None => break,
                        Some(c) => literal.push(c),
                    }
                }
                found.push(literal);
            }
            Some(')' | ';') | None => break,
            Some(_) => {}
        }
    }
    found
}

#[test]
fn readme_lists_every_key_of_the_configuration() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let keys = fs::read_to_string(root().join("server/src/config/keys.rs")).unwrap();
    let names: Vec<&str> = keys
        .lines()
        .filter_map(|line| {
            line.trim().strip_prefix("key(\"").or_else(|| line.trim().strip_prefix("name: \""))
        })
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(names.len() > 8, "the key table was not found");
    for name in names {
        assert!(readme.contains(&format!("| `{name}` |")), "README.md does not list the key {name}");
    }
}

#[test]
fn architecture_names_every_room() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(text.contains(&format!("crates/{name}")), "ARCHITECTURE.md does not name crates/{name}");
    }
}

#[test]
fn no_path_of_a_machine_is_written_down() {
    for (path, text) in sources(".", &[".rs", ".md", ".toml", ".ts", ".sh", ".css", ".json", "Makefile"]) {
        if path.ends_with("tests/tidy.rs") {
            continue;
        }
        for word in ["/home/", "/root/", "/Users/", "registry.npmjs", "index.crates.io"] {
            assert!(!text.contains(word), "{path} has {word}");
        }
    }
}

//! The steps in order, and the folder that comes of them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::names::{Files, with_hashes};
use crate::project::{Project, Variant};
use crate::stamp::{Key, files_below, refresh};
use crate::{browser, compress, style};

/// The list of hashes, in `pkg`. cargo-leptos writes it beside the server's binary instead.
const HASHES: &str = "hash.txt";

/// Makes the site, as far as something changed since it was made last.
pub(crate) fn build(project: &Project) -> Result<()> {
    let start = Instant::now();
    project.check_wasm_bindgen()?;
    project.check_target()?;
    let wasm = browser::compile(project)?;
    let (browser, browser_key) = browser::generate(project, &wasm)?;
    let (style, style_key) = style::generate(project)?;

    let mut key = Key::new("site")?;
    key.bytes(browser_key.as_bytes());
    key.bytes(style_key.as_bytes());
    key.folder(&project.assets, |_| true)?;
    if let Some(parent) = project.out.parent() {
        fs::create_dir_all(parent)?;
    }
    let made = refresh(&project.out, &key.finish(), |fresh, before| {
        copy(&project.assets, fresh)?;
        let pkg = fresh.join(&project.pkg);
        ensure!(!pkg.exists(), "{} is the folder of generated files: assets cannot use it", project.pkg);

        let mut files = read(&browser)?;
        files.extend(read(&style)?);
        let (files, hashes) = with_hashes(&files, &project.output_name)?;
        for (name, content) in &files {
            write(&pkg.join(name), content)?;
        }
        if project.variant == Variant::Release {
            println!("build-site: compressing");
            compress::precompress(fresh, before)?;
        }
        write(&pkg.join(HASHES), hashes.as_bytes())
    })?;
    let state = if made { "is made" } else { "is up to date" };
    println!("build-site: {} {state} ({:.1} s)", project.out.display(), start.elapsed().as_secs_f32());
    Ok(())
}

fn read(folder: &Path) -> Result<Files> {
    files_below(folder)?
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(folder)?.to_str().context("a file name that is not UTF-8")?;
            Ok((name.to_owned(), fs::read(&path)?))
        })
        .collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for path in files_below(from)? {
        write(&to.join(path.strip_prefix(from)?), &fs::read(&path)?)?;
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, content).with_context(|| path.display().to_string())
}

//! The budget for WebAssembly: what a visitor waits for before the console answers a click.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::compress::{brotli, gzip};
use crate::project::Project;

/// Bytes of the main file, sent as brotli.
const MAIN: usize = 260_000;
/// Bytes of any other file, sent as brotli: a visitor gets it by a click on a link.
const CHUNK: usize = 60_000;

/// Prints a table of all WebAssembly files of the site and fails if one is over its budget.
pub(crate) fn check(project: &Project) -> Result<()> {
    let sizes = measure(&project.out.join(&project.pkg), &project.output_name)?;
    println!("{:>11} {:>11} {:>11} {:>11}  file", "bytes", "gzip", "brotli", "budget");
    for size in &sizes {
        let verdict = if size.over() { "  OVER BUDGET" } else { "" };
        println!(
            "{:>11} {:>11} {:>11} {:>11}  {}{verdict}",
            grouped(size.raw),
            grouped(size.gzip),
            grouped(size.brotli),
            grouped(size.budget),
            size.file
        );
    }
    let over = sizes.iter().filter(|size| size.over()).count();
    if over > 0 {
        bail!(
            "{over} of {} files over budget. Cure: make the heavy part of the page a lazy route of its own, \
             or find what came in with the last change",
            sizes.len()
        );
    }
    Ok(())
}

struct Size {
    file: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
    budget: usize,
}

impl Size {
    fn over(&self) -> bool {
        self.brotli > self.budget
    }
}

fn measure(pkg: &Path, output_name: &str) -> Result<Vec<Size>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(pkg).with_context(|| format!("{}: build the site first", pkg.display()))? {
        let path = entry?.path();
        let Some(file) =
            path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".wasm"))
        else {
            continue;
        };
        let content = fs::read(&path)?;
        let main = file.split('.').next() == Some(output_name);
        sizes.push(Size {
            file: file.to_owned(),
            raw: content.len(),
            gzip: gzip(&content)?.len(),
            // What the server sends is the copy on disk, so that one counts.
            brotli: match fs::read(path.with_added_extension("br")) {
                Ok(copy) => copy.len(),
                Err(_) => brotli(&content)?.len(),
            },
            budget: if main { MAIN } else { CHUNK },
        });
    }
    ensure!(
        sizes.iter().any(|size| size.budget == MAIN),
        "{} holds no {output_name}.*.wasm: build the site first",
        pkg.display()
    );
    sizes.sort_by_key(|size| std::cmp::Reverse((size.budget, size.brotli)));
    Ok(sizes)
}

/// A number with a space before each three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measure_takes_main_and_chunks_by_name() {
        let pkg = tempfile::tempdir().unwrap();
        fs::write(pkg.path().join("site.AAAA.wasm"), vec![7; 5000]).unwrap();
        fs::write(pkg.path().join("site.AAAA.wasm.br"), vec![0; MAIN + 1]).unwrap();
        fs::write(pkg.path().join("split_site.BBBB.wasm"), vec![7; 5000]).unwrap();
        let sizes = measure(pkg.path(), "site").unwrap();
        assert_eq!(sizes.len(), 2);
        assert_eq!((sizes[0].budget, sizes[0].over()), (MAIN, true));
        assert_eq!((sizes[1].budget, sizes[1].over()), (CHUNK, false));
    }

    #[test]
    fn measure_fails_without_a_main_file() {
        let pkg = tempfile::tempdir().unwrap();
        fs::write(pkg.path().join("chunk.wasm"), "x").unwrap();
        assert!(measure(pkg.path(), "site").is_err());
    }

    #[test]
    fn grouped_separates_thousands() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1 000", "1 234 567"]);
    }
}

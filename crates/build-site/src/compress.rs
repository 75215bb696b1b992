//! Compressed copies (`.br`, `.gz`) beside files, which the server sends to browsers that take them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use crate::stamp::files_below;

/// The endings of the compressed copies.
pub(crate) const COPIES: [&str; 2] = ["br", "gz"];

/// Writes the copies for every file below `folder` that gains by it. Takes them from `before` where the file is the
/// same there, since the best compression is slow.
pub(crate) fn precompress(folder: &Path, before: &Path) -> Result<()> {
    let files: Vec<_> = files_below(folder)?.into_iter().filter(|path| gains(path)).collect();
    in_parallel(&files, |path| {
        let content = fs::read(path)?;
        let earlier = before.join(path.strip_prefix(folder)?);
        let same = fs::read(&earlier).is_ok_and(|earlier| earlier == content);
        for copy in COPIES {
            let target = path.with_added_extension(copy);
            if same && fs::copy(earlier.with_added_extension(copy), &target).is_ok() {
                continue;
            }
            let packed = if copy == "br" { brotli(&content) } else { gzip(&content) };
            fs::write(target, packed?)?;
        }
        Ok(())
    })
}

/// The bytes as brotli at its best setting, as it is sent.
pub(crate) fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { size_hint: content.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*content, &mut packed, &parameters)?;
    Ok(packed)
}

/// The bytes as gzip at its best setting.
pub(crate) fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Fonts and pictures are compressed already.
fn gains(path: &Path) -> bool {
    const TEXT: [&str; 9] = ["wasm", "js", "css", "svg", "html", "json", "txt", "webmanifest", "xml"];
    path.extension().is_some_and(|ending| TEXT.iter().any(|text| ending == *text))
}

/// Does `work` on all of `items` on as many threads as there are processors. A thread stops at its first failure.
fn in_parallel<T: AsRef<Path> + Sync>(items: &[T], work: impl Fn(&Path) -> Result<()> + Sync) -> Result<()> {
    let left = Mutex::new(items.iter());
    let next = || left.lock().ok().and_then(|mut left| left.next());
    let worker = || -> Result<()> {
        while let Some(item) = next() {
            work(item.as_ref()).with_context(|| item.as_ref().display().to_string())?;
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precompress_takes_unchanged_files_from_before() {
        let (now, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&now, &before] {
            fs::write(folder.path().join("same.js"), "let a = 1;").unwrap();
        }
        fs::write(now.path().join("other.css"), "a{color:red}").unwrap();
        fs::write(now.path().join("inter.woff2"), "x").unwrap();
        fs::write(before.path().join("same.js.br"), "from before").unwrap();
        precompress(now.path(), before.path()).unwrap();
        assert_eq!(fs::read(now.path().join("same.js.br")).unwrap(), b"from before");
        assert!(now.path().join("same.js.gz").exists(), "a copy missing before is made");
        assert!(now.path().join("other.css.br").exists());
        assert!(!now.path().join("inter.woff2.br").exists());
    }

    #[test]
    fn in_parallel_reports_the_item_that_failed() {
        let error = in_parallel(&["a", "b", "c"], |path| {
            anyhow::ensure!(path != Path::new("b"), "broken");
            Ok(())
        })
        .unwrap_err();
        assert_eq!(format!("{error:#}"), "b: broken");
    }
}

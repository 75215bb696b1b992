//! Tells whether a step's result is still good: a key over everything the step reads, kept beside its result.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A key in the making. Each part goes in with its length, so that no two lists of parts look alike.
pub(crate) struct Key(Sha256);

impl Key {
    /// A key that also changes with this program itself.
    pub(crate) fn new(step: &str) -> Result<Self> {
        let mut key = Self(Sha256::new());
        key.bytes(step.as_bytes());
        let program =
            std::env::current_exe().and_then(fs::read).context("cannot read this program's file")?;
        key.bytes(&program);
        Ok(key)
    }

    /// Adds one part.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a file's content.
    pub(crate) fn file(&mut self, path: &Path) -> Result<()> {
        self.bytes(&fs::read(path).with_context(|| path.display().to_string())?);
        Ok(())
    }

    /// Adds names and contents of all files below a folder for which `wanted` is true.
    pub(crate) fn folder(&mut self, folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<()> {
        for path in files_below(folder)?.iter().filter(|path| wanted(path)) {
            let name = path.strip_prefix(folder).unwrap_or(path);
            self.bytes(name.as_os_str().as_encoded_bytes());
            self.file(path)?;
        }
        Ok(())
    }

    /// The key as text.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Runs `make` in an empty folder and puts it in place of `folder`, unless `folder` was made with the same key.
/// `make` also gets the old folder's path. Returns whether it ran.
pub(crate) fn refresh(
    folder: &Path,
    key: &str,
    make: impl FnOnce(&Path, &Path) -> Result<()>,
) -> Result<bool> {
    let stamp = folder.with_added_extension("key");
    if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|found| found == key) {
        return Ok(false);
    }
    let fresh = folder.with_added_extension("new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).with_context(|| fresh.display().to_string())?;
    make(&fresh, folder)?;
    let old = folder.with_added_extension("old");
    remove(&old)?;
    if folder.exists() {
        fs::rename(folder, &old).with_context(|| folder.display().to_string())?;
    }
    fs::rename(&fresh, folder).with_context(|| folder.display().to_string())?;
    fs::write(&stamp, key).with_context(|| stamp.display().to_string())?;
    remove(&old)?;
    Ok(true)
}

/// All files below a folder, sorted by name.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| folder.display().to_string())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refresh_runs_again_only_with_another_key() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("step");
        let write =
            |text: &'static str| move |fresh: &Path, _: &Path| Ok(fs::write(fresh.join("result"), text)?);
        assert!(refresh(&folder, "a", write("one")).unwrap());
        assert!(!refresh(&folder, "a", write("two")).unwrap());
        assert_eq!(fs::read_to_string(folder.join("result")).unwrap(), "one");
        assert!(refresh(&folder, "b", write("three")).unwrap());
        assert_eq!(fs::read_to_string(folder.join("result")).unwrap(), "three");
    }

    #[test]
    fn refresh_keeps_the_old_result_when_the_step_fails() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("step");
        refresh(&folder, "a", |fresh, _| Ok(fs::write(fresh.join("result"), "one")?)).unwrap();
        refresh(&folder, "b", |_, _| anyhow::bail!("no")).unwrap_err();
        assert_eq!(fs::read_to_string(folder.join("result")).unwrap(), "one");
        assert!(!refresh(&folder, "a", |_, _| anyhow::bail!("not run")).unwrap());
    }
}

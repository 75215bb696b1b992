//! The style sheet, made by Tailwind from our source and from the class names in the app.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::{Project, Variant};
use crate::stamp::{Key, refresh};

/// Makes the folder that holds the style sheet, and returns it with its key.
pub(crate) fn generate(project: &Project) -> Result<(PathBuf, String)> {
    let mut key = Key::new("style")?;
    key.folder(project.style.parent().unwrap_or(&project.root), |_| true)?;
    // The same files as `@source` in the style sheet names.
    key.folder(&project.package_dir, |path| path.extension().is_some_and(|it| it == "rs"))?;
    key.file(&project.node.join("package-lock.json"))?;
    let key = key.finish();
    let folder = project.work.join("style");
    refresh(&folder, &key, |fresh, _| {
        println!("build-site: style sheet");
        let mut command = Command::new("node");
        command
            .arg(project.node_tool("@tailwindcss/cli", "dist/index.mjs")?)
            .arg("--input")
            .arg(&project.style)
            .arg("--output")
            .arg(fresh.join(format!("{}.css", project.output_name)));
        if project.variant == Variant::Release {
            command.arg("--minify");
        }
        let output = command.output().context("cannot run node")?;
        let said = String::from_utf8_lossy(&output.stderr);
        // It ends with success after some errors, and writes no "Done" then.
        ensure!(output.status.success() && said.contains("Done"), "tailwindcss: {}", said.trim());
        Ok(())
    })?;
    Ok((folder, key))
}

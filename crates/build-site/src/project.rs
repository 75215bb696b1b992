//! What is built and where: read from the same table that cargo-leptos reads, so that there is one truth.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Which of the two ways the browser's part is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Optimised and compressed.
    Release,
    /// Quick to build.
    Dev,
}

/// The entries of `[[workspace.metadata.leptos]]` that this tool follows.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Leptos {
    lib_package: String,
    output_name: String,
    site_pkg_dir: String,
    assets_dir: PathBuf,
    tailwind_input_file: PathBuf,
    lib_profile_release: String,
    lib_features: Vec<String>,
    end2end_dir: PathBuf,
}

/// The workspace, resolved to paths.
pub(crate) struct Project {
    /// Optimised, or quick to build.
    pub(crate) variant: Variant,
    /// The workspace's folder.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// The folder that is made.
    pub(crate) out: PathBuf,
    /// Results of single steps, kept from run to run.
    pub(crate) work: PathBuf,
    /// The crate that the browser runs.
    pub(crate) package: String,
    /// That crate's folder.
    pub(crate) package_dir: PathBuf,
    /// The name of its library file, without ending.
    pub(crate) library: String,
    /// The features it has in the browser.
    pub(crate) features: String,
    /// Cargo's profile for it.
    pub(crate) profile: String,
    /// First part of the names of the files in `pkg`.
    pub(crate) output_name: String,
    /// The folder of generated files below `out`, also a part of their addresses.
    pub(crate) pkg: String,
    /// Files that are copied as they are.
    pub(crate) assets: PathBuf,
    /// The style sheet's source.
    pub(crate) style: PathBuf,
    /// Where package-lock.json and `node_modules` are.
    pub(crate) node: PathBuf,
}

impl Project {
    /// Asks cargo about the workspace around the current folder.
    pub(crate) fn open(variant: Variant, out: Option<PathBuf>) -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version=1", "--no-deps"])
            .output()
            .context("cannot run cargo")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        let metadata: Metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
        let [leptos] = <[Leptos; 1]>::try_from(metadata.metadata.leptos)
            .ok()
            .context("Cargo.toml must hold exactly one [[workspace.metadata.leptos]] table")?;

        let package = metadata
            .packages
            .into_iter()
            .find(|package| package.name == leptos.lib_package)
            .with_context(|| format!("the workspace has no crate {}", leptos.lib_package))?;
        let root = metadata.workspace_root;
        let (profile, label) = match variant {
            Variant::Release => (leptos.lib_profile_release, "site"),
            Variant::Dev => ("dev".to_owned(), "site-dev"),
        };
        let out = match out {
            Some(out) => std::path::absolute(out)?,
            None => metadata.target_directory.join(label),
        };
        Ok(Self {
            variant,
            work: metadata.target_directory.join("build-site").join(label),
            out,
            library: leptos.lib_package.replace('-', "_"),
            package: leptos.lib_package,
            package_dir: package.manifest_path.parent().unwrap_or(&root).to_owned(),
            features: leptos.lib_features.join(","),
            profile,
            output_name: leptos.output_name,
            pkg: leptos.site_pkg_dir,
            assets: root.join(leptos.assets_dir),
            style: root.join(leptos.tailwind_input_file),
            node: root.join(leptos.end2end_dir),
            target: metadata.target_directory,
            root,
        })
    }

    /// A program that package-lock.json brings.
    pub(crate) fn node_tool(&self, package: &str, file: &str) -> Result<PathBuf> {
        let tool = self.node.join("node_modules").join(package).join(file);
        if !tool.exists() {
            let folder = self.node.strip_prefix(&self.root).unwrap_or(&self.node).display();
            bail!("{package} is not installed. Cure: npm ci --prefix {folder}");
        }
        Ok(tool)
    }

    /// wasm-bindgen writes a format of its own into the WebAssembly, which only the same version reads.
    pub(crate) fn check_wasm_bindgen(&self) -> Result<()> {
        let lock = std::fs::read_to_string(self.root.join("Cargo.lock")).context("Cargo.lock")?;
        let app = locked_version(&lock, "wasm-bindgen").context("Cargo.lock holds no wasm-bindgen")?;
        let tool = wasm_bindgen_shared::version();
        ensure!(
            app == tool,
            "the app is locked to wasm-bindgen {app}, but build-site holds {tool}. \
             Cure: give wasm-bindgen, wasm-bindgen-shared and wasm-bindgen-cli-support the same \
             `=` version in [workspace.dependencies] of Cargo.toml"
        );
        Ok(())
    }

    /// The standard library for the browser, which rustup adds to a toolchain only when asked.
    pub(crate) fn check_target(&self) -> Result<()> {
        let output = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", browser_target()])
            .current_dir(&self.root)
            .output()
            .context("cannot run rustc")?;
        let folder = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success() && Path::new(folder.trim()).exists(),
            "Rust cannot compile for the browser yet. Cure: rustup target add {}",
            browser_target()
        );
        Ok(())
    }
}

/// The cargo that started this program, so that both use one toolchain.
pub(crate) fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Rust's name for the browser.
pub(crate) fn browser_target() -> &'static str {
    "wasm32-unknown-unknown"
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    after.split('"').next()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
    metadata: WorkspaceMetadata,
}

#[derive(Deserialize)]
struct WorkspaceMetadata {
    leptos: Vec<Leptos>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_of_the_workspace_equals_the_tools() {
        let project = Project::open(Variant::Release, None).unwrap();
        project.check_wasm_bindgen().unwrap();
    }

    #[test]
    fn locked_version_finds_the_package_and_no_longer_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}

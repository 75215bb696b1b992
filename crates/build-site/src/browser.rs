//! The app as WebAssembly: compiled by cargo, split by lazy route, bound to JavaScript, optimised.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::{Project, Variant, browser_target, cargo};
use crate::shared;
use crate::stamp::{Key, refresh};

/// The loader of the chunks. The underscores are where its hash goes: WebAssembly files name it too, and they can
/// be changed in place only by text of the same length.
pub(crate) const LOADER: &str = "__wasm_split.______________________.js";

/// What the server reads to tell a page which chunks its route needs.
pub(crate) const MANIFEST: &str = "__wasm_split_manifest.json";

/// Does to all files what cargo-leptos has wasm-opt do to each.
const OPTIMISE: &str = include_str!("optimise.mjs");

/// Compiles the app for the browser. Cargo decides what has to be done.
pub(crate) fn compile(project: &Project) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    command
        .args(["rustc", "--lib", "--crate-type=cdylib", "--no-default-features"])
        .args(["--package", &project.package])
        .args(["--features", &project.features])
        .args(["--profile", &project.profile])
        .args(["--target", browser_target()])
        .current_dir(&project.root);
    // For the split. Only the last linking step needs this, so it is not in RUSTFLAGS, where it would compile all
    // crates anew.
    command.args(["--", "-Clink-args=--emit-relocs"]);
    let status = command.status().context("cannot run cargo")?;
    ensure!(status.success(), "the app does not compile for the browser");

    // The profile `dev` is the only one whose folder has another name.
    let folder = if project.profile == "dev" { "debug" } else { &project.profile };
    Ok(project.target.join(browser_target()).join(folder).join(format!("{}.wasm", project.library)))
}

/// Makes the folder of WebAssembly and JavaScript, and returns it with its key.
pub(crate) fn generate(project: &Project, wasm: &Path) -> Result<(PathBuf, String)> {
    let mut key = Key::new("browser")?;
    key.file(wasm)?;
    if project.variant == Variant::Release {
        key.file(&project.node.join("package-lock.json"))?;
    }
    let key = key.finish();
    let folder = project.work.join("browser");
    refresh(&folder, &key, |fresh, _| {
        split(project, wasm, fresh)?;
        match project.variant {
            Variant::Release => optimise(project, fresh),
            Variant::Dev => Ok(()),
        }
    })?;
    Ok((folder, key))
}

/// Also for [`Variant::Dev`]: lazy routes compile to calls that only the split makes whole.
fn split(project: &Project, wasm: &Path, folder: &Path) -> Result<()> {
    println!("build-site: splitting by lazy route, binding to JavaScript");
    let input = fs::read(wasm).with_context(|| wasm.display().to_string())?;
    let main = project.work.join("main.wasm");
    let trial = project.work.join("trial");
    let needs = chunks(project, &input, &trial, &main)?;
    let input = shared::gathered(&input, &trial, &needs)?;
    fs::remove_dir_all(&trial)?;
    let mut needs = chunks(project, &input, folder, &main)?;
    shared::held(folder, &mut needs)?;
    fs::write(folder.join(MANIFEST), serde_json::to_vec_pretty(&needs)?)?;

    Bindgen::new()
        .input_path(&main)
        .out_name(&project.output_name)
        .web(true)?
        // The chunks find the main file's memory, tables and functions by these names.
        .keep_lld_exports(true)
        .demangle(false)
        .generate(folder)
        .context("wasm-bindgen")?;
    fs::remove_file(&main)?;
    // Leptos asks for the name without `_bg` as soon as names carry hashes.
    let name = |suffix| folder.join(format!("{}{suffix}.wasm", project.output_name));
    fs::rename(name("_bg"), name(""))?;
    Ok(())
}

/// Splits a program into its main file and one file for each lazy part and each combination of parts that share
/// something; returns which files each part needs.
fn chunks(
    project: &Project,
    input: &[u8],
    folder: &Path,
    main: &Path,
) -> Result<HashMap<String, Vec<String>>> {
    let main_module = format!("./{}.js", project.output_name);
    let link_name = format!("./{LOADER}");
    let mut options = wasm_split_cli_support::Options::new(input);
    options.output_dir = folder;
    options.main_out_path = main;
    options.main_module = &main_module;
    options.link_name = &link_name;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow::anyhow!("the WebAssembly cannot be split: {error:#}"))?;
    Ok(split.prefetch_map)
}

fn optimise(project: &Project, folder: &Path) -> Result<()> {
    println!("build-site: optimising");
    let tool = project.node_tool("binaryen", "index.js")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let (path, size) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?.len())))?;
        if path.extension().is_some_and(|ending| ending == "wasm") {
            files.push((size, path));
        }
    }
    // Dealt out from the largest on, so that all are done at about the same time.
    files.sort_unstable();
    let shares = std::thread::available_parallelism().map_or(1, Into::into);
    let share = |n| files.iter().rev().skip(n).step_by(shares).map(|(_, path)| path);
    let mut running = Vec::new();
    for n in 0..shares {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", OPTIMISE, "--"]).arg(&tool).args(share(n));
        running.push(command.stderr(Stdio::piped()).spawn().context("cannot run Node")?);
    }
    for program in running {
        let output = program.wait_with_output()?;
        ensure!(output.status.success(), "binaryen: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

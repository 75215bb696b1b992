//! Keeps what several lazy parts need out of hundreds of files. Left to itself the split makes a file for every
//! combination of parts that share something: with 18 parts that were 446 files, and a page had to fetch up to 240
//! of them. So code that is small, or needed nearly everywhere, goes into the main file, and what is still tiny
//! (single strings of text, mostly) travels inside the loader.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wasm_encoder::{ExportKind, ExportSection, Module, RawSection, SectionId};
use wasmparser::{BinaryReader, ExportSectionReader, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::browser::LOADER;

/// Code that so many of three parts need is as good as needed by all.
const COMMON_OF_THREE: usize = 2;

/// Files below this many bytes are mostly what a file costs, not what it holds.
const TINY: usize = 900;

/// How the loader gets a file that it holds as text.
const HELD: &str = "function held(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Promise.resolve(new Response(bytes, { headers: { \"content-type\": \"application/wasm\" } }));
}
";

/// The whole program with those functions exported that shall stand in the main file: what is exported stays there.
/// `trial` is a folder with the split as it would be without that, `needs` the files of each part in it.
pub(crate) fn gathered(input: &[u8], trial: &Path, needs: &HashMap<String, Vec<String>>) -> Result<Vec<u8>> {
    let mut users: HashMap<&str, usize> = HashMap::new();
    for file in needs.values().flatten() {
        *users.entry(file).or_default() += 1;
    }
    let common = needs.len() * COMMON_OF_THREE / 3;
    let mut names = HashSet::new();
    for (file, users) in users.into_iter().filter(|(_, users)| *users > 1) {
        let path = trial.join(file).with_extension("wasm");
        let wasm = fs::read(&path).with_context(|| path.display().to_string())?;
        if users >= common || bare(&wasm)?.len() < TINY {
            let functions = Functions::read(&wasm)?;
            names.extend(functions.defined());
        }
    }
    let all = Functions::read(input)?;
    let mut chosen: Vec<u32> =
        all.names.iter().filter(|(_, name)| names.contains(*name)).map(|(at, _)| *at).collect();
    chosen.sort_unstable();
    with_exports(input, &chosen)
}

/// Moves tiny files of a split into its loader, and takes them out of the list of what each part needs.
pub(crate) fn held(folder: &Path, needs: &mut HashMap<String, Vec<String>>) -> Result<()> {
    let path = folder.join(LOADER);
    let mut loader = format!("{HELD}{}", fs::read_to_string(&path)?);
    let files: BTreeSet<String> = needs.values().flatten().cloned().collect();
    for file in files {
        let wasm = folder.join(&file).with_extension("wasm");
        let bytes = bare(&fs::read(&wasm)?)?;
        let fetch = format!("fetch(new URL(\"./{file}.wasm\", import.meta.url))");
        // A file that names the loader must be told its final name, which it can only be told as a file.
        let names_loader = bytes.windows(LOADER.len()).any(|part| part == LOADER.as_bytes());
        if bytes.len() >= TINY || names_loader || !loader.contains(&fetch) {
            continue;
        }
        loader = loader.replace(&fetch, &format!("held(\"{}\")", STANDARD.encode(&bytes)));
        fs::remove_file(&wasm)?;
        needs.values_mut().for_each(|list| list.retain(|other| *other != file));
    }
    Ok(fs::write(path, loader)?)
}

/// A module without what only tools read.
fn bare(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for section in sections(wasm) {
        let section = section?;
        if section.id != 0 {
            module.section(&section);
        }
    }
    Ok(module.finish())
}

/// The sections of a module as they are.
fn sections(wasm: &[u8]) -> impl Iterator<Item = Result<RawSection<'_>>> {
    Parser::new(0).parse_all(wasm).filter_map(|payload| {
        let section = payload.map(|payload| payload.as_section()).transpose()?;
        Some(section.map_err(Into::into).and_then(|(id, range)| {
            let (from, to) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
            Ok(RawSection { id, data: &wasm[from..to] })
        }))
    })
}

/// The functions of a module.
struct Functions {
    /// Number of those that come from elsewhere; they are counted first.
    imported: u32,
    /// By index.
    names: HashMap<u32, String>,
}

impl Functions {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut functions = Self { imported: 0, names: HashMap::new() };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                            functions.imported += 1;
                        }
                    }
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(names) = section.as_known() else { continue };
                    for part in names {
                        let Name::Function(map) = part? else { continue };
                        for naming in map {
                            let naming = naming?;
                            functions.names.insert(naming.index, naming.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(functions)
    }

    fn defined(self) -> impl Iterator<Item = String> {
        self.names.into_iter().filter(move |(at, _)| *at >= self.imported).map(|(_, name)| name)
    }
}

/// The same module with more functions exported; nothing else changes, so that its relocations stay true.
fn with_exports(wasm: &[u8], functions: &[u32]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for section in sections(wasm) {
        let section = section?;
        if section.id != SectionId::Export as u8 {
            module.section(&section);
            continue;
        }
        let mut exports = ExportSection::new();
        for export in ExportSectionReader::new(BinaryReader::new(section.data, 0))? {
            let export = export?;
            exports.export(export.name, export.kind.into(), export.index);
        }
        for (n, function) in functions.iter().enumerate() {
            exports.export(&format!("_{n}"), ExportKind::Func, *function);
        }
        module.section(&exports);
    }
    Ok(module.finish())
}

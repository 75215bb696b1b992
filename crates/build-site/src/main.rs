//! `build-site` makes the folder that the server hands to browsers: WebAssembly split by lazy route, its
//! JavaScript, the style sheet, the assets, with content hashes in file names and compressed copies beside them.
//!
//! It takes the steps that `cargo leptos build --release --split --precompress` takes, from the same
//! `[[workspace.metadata.leptos]]` table, with tools that Cargo.lock and package-lock.json hold: so a new machine
//! needs no quarter of an hour to compile cargo-leptos first. Each step is left out when nothing it reads changed.

#![expect(clippy::print_stdout, reason = "a command line tool talks to its terminal")]

mod browser;
mod compress;
mod names;
mod project;
mod shared;
mod site;
mod size;
mod stamp;
mod style;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::project::{Project, Variant};

/// Builds what the browser loads: WebAssembly, style and assets.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the sizes of the WebAssembly files and fails when one is over its budget.
    CheckSize(Place),
}

#[derive(clap::Args)]
struct Place {
    /// Unoptimised and not compressed: for work on the app.
    #[arg(long)]
    dev: bool,
    /// The folder to make [default: `site` in cargo's target folder, `site-dev` with --dev].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => open(arguments.place).and_then(|project| site::build(&project)),
        Some(Command::CheckSize(place)) => open(place).and_then(|project| size::check(&project)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("build-site: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn open(place: Place) -> anyhow::Result<Project> {
    Project::open(if place.dev { Variant::Dev } else { Variant::Release }, place.out)
}

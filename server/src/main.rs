//! The binary `breakwater`: the console's server and its command line.

mod cli;
mod config;
mod http;
mod live;
mod pages;
mod probes;
mod rest;
mod returns;
mod router;
mod start;
mod telemetry;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use cli::Action;

fn main() -> ExitCode {
    let (action, matches) = cli::parse();
    // rustls finds two providers in the tree and would not choose; an error here only means it was chosen before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match action {
            Action::Serve => cli::serve::serve(&matches).await,
            Action::CheckConfig => cli::print::check(&matches),
            Action::PrintConfig => cli::print::print(&matches),
            Action::User(action) => cli::people::user(action, &matches).await,
            Action::Token(action) => cli::people::token(action, &matches).await,
            Action::Backup { to } => cli::backup::backup(&to, &matches).await,
            Action::Restore { from } => cli::backup::restore(&from, &matches).await,
            Action::RotateKey => cli::backup::rotate_key(&matches).await,
            Action::Healthcheck { server } => cli::health::check(&server).await,
            Action::Cluster(action) => cli::cluster::run(action).await,
            Action::Drift { pair: Some(pair), letting, remote, .. } if letting.is_asked() => {
                cli::accept::run(&pair, letting, &remote).await
            }
            Action::Drift { pair: Some(pair), unreplicated: true, json, remote, .. } => {
                cli::pairs::unreplicated(&pair, json, &remote).await
            }
            Action::Drift { pair: Some(pair), history: Some(span), json, remote, .. } => {
                cli::history::run(&pair, &span, json, &remote).await
            }
            Action::Drift { pair, kind, text, json, remote, .. } => {
                cli::pairs::drift(pair, kind, text, json, &remote).await
            }
            Action::Heal(action) => cli::pairs::heal(action).await,
            Action::Rules(action) => cli::rules::run(action).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the command line's own output")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("breakwater: {error:#}");
    ExitCode::FAILURE
}

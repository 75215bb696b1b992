//! The command line. Each subcommand is one file in `cli/`; flags of the configuration come from its key table.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use crate::config::{KEYS, Raw};

pub(crate) mod accept;
pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod cluster;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod pairs;
pub(crate) mod people;
pub(crate) mod print;
pub(crate) mod rules;
pub(crate) mod serve;

/// What a command ends with: nothing more to say, or an error for the terminal and exit code 1.
pub(crate) type Outcome = anyhow::Result<()>;

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Start the console
    Serve,
    /// Judge the configuration and say what is wrong with it
    CheckConfig,
    /// Show each value of the configuration with where it came from
    PrintConfig,
    /// People of this console
    #[command(subcommand)]
    User(people::UserAction),
    /// Tokens for REST and for this command line
    #[command(subcommand)]
    Token(people::TokenAction),
    /// Write everything the console keeps into one file, also while it runs
    Backup {
        /// The file to write; must not exist
        to: PathBuf,
    },
    /// Read a backup into an empty database
    Restore {
        /// The file that `backup` wrote
        from: PathBuf,
    },
    /// Seal all stored secrets anew with a new key
    RotateKey,
    /// Exit 0 when the console on this machine answers
    Healthcheck {
        /// Its address
        #[arg(long, env = "BREAKWATER_SERVER", default_value = "http://127.0.0.1:8210")]
        server: url::Url,
    },
    /// Clusters, through the REST interface of a running console
    #[command(subcommand)]
    Cluster(cluster::ClusterAction),
    /// What differs between two Harbors, through REST; exit code 1 where something does
    Drift {
        /// The pair: its id, or its nodes as `shanghai:beijing`; all pairs where it is missing
        pair: Option<String>,
        /// What Harbor does not replicate instead: projects, quotas, members, robots and the like
        #[arg(long, requires = "pair")]
        unreplicated: bool,
        /// Of this kind only: `new`, `moved`, `conflict`, …; `accepted` ones are listed only so
        #[arg(long, requires = "pair", conflicts_with = "unreplicated")]
        kind: Option<String>,
        /// Only those in repositories whose name contains this, and those whose tag begins with it
        #[arg(long, requires = "pair", conflicts_with = "unreplicated")]
        text: Option<String>,
        /// How many differences there were over time instead: in the last `24h`, `7d`, `30d` or `90d`
        #[arg(long, value_name = "SPAN", requires = "pair", conflicts_with_all = ["unreplicated", "kind", "text"])]
        history: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        remote: Remote,
        #[command(flatten)]
        letting: accept::Letting,
    },
    /// Make two Harbors equal, through REST
    #[command(subcommand)]
    Heal(pairs::HealAction),
    /// What the nodes of a cluster copy to each other, through REST
    #[command(subcommand)]
    Rules(rules::RulesAction),
}

/// Reads the command line; clap ends the process itself on `--help` and on errors.
pub(crate) fn parse() -> (Action, ArgMatches) {
    let matches = command().get_matches();
    match Action::from_arg_matches(&matches) {
        Ok(action) => (action, matches),
        Err(error) => error.exit(),
    }
}

fn command() -> Command {
    let base = Command::new("breakwater")
        .about("The high-availability console for Harbor container registries")
        .version(env!("CARGO_PKG_VERSION"))
        .arg_required_else_help(true)
        .subcommand_required(true)
        .arg(
            Arg::new("config")
                .long("config")
                .env("BREAKWATER_CONFIG")
                .value_parser(clap::value_parser!(PathBuf))
                .global(true)
                .help("Configuration file (TOML)"),
        );
    let with_keys = KEYS.iter().fold(base, |command, key| {
        command.arg(
            Arg::new(key.name)
                .long(key.name.replace('_', "-"))
                .global(true)
                .help(key.help)
                .help_heading("Configuration")
                .value_name("VALUE"),
        )
    });
    Action::augment_subcommands(with_keys)
}

/// Collects the configuration for a command that needs it.
///
/// # Errors
/// Every unknown key at once, one per line.
pub(crate) fn raw_config(matches: &ArgMatches) -> anyhow::Result<Raw> {
    let (_, leaf) = matches.subcommand().unwrap_or(("", matches));
    let file = leaf.get_one::<PathBuf>("config").or_else(|| matches.get_one("config"));
    let flags = KEYS.iter().filter_map(|key| {
        let text = leaf.get_one::<String>(key.name).or_else(|| matches.get_one(key.name))?;
        Some((key.name.to_owned(), text.clone()))
    });
    Raw::collect(file.map(PathBuf::as_path), std::env::vars(), flags).map_err(|faults| listed(&faults))
}

/// Several faults as one error, one per line.
pub(crate) fn listed<E: std::fmt::Display>(faults: &[E]) -> anyhow::Error {
    anyhow::anyhow!(faults.iter().map(E::to_string).collect::<Vec<_>>().join("\n"))
}

/// Writes one line to standard output; the one place that may.
#[expect(clippy::print_stdout, reason = "the command line's own output")]
pub(crate) fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

/// Arguments that name a running console.
#[derive(Debug, Args)]
pub(crate) struct Remote {
    /// Address of the console
    #[arg(long, env = "BREAKWATER_SERVER")]
    pub(crate) server: url::Url,
    /// API token
    #[arg(long, env = "BREAKWATER_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// Language of the texts: en or zh
    #[arg(long, default_value = "en")]
    pub(crate) lang: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_consistent() {
        command().debug_assert();
    }
}

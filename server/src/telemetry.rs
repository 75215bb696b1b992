//! Logs.

use std::io::IsTerminal;

use axum::extract::Request;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;

/// Begins to log to standard error, so that standard output stays for what a person asked for.
pub(crate) fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log)?;
    let registry = tracing_subscriber::registry().with(filter);
    if config.log_json {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()?;
    } else {
        // Colours are for a terminal: in a journal they are noise.
        let colours = std::io::stderr().is_terminal();
        registry.with(fmt::layer().with_ansi(colours).with_writer(std::io::stderr)).try_init()?;
    }
    Ok(())
}

/// What logs of a request stand in. The address of a share link is a secret, and is told without it.
pub(crate) fn span(request: &Request) -> tracing::Span {
    let path = told(request.uri().path());
    tracing::debug_span!("request", method = %request.method(), path)
}

fn told(path: &str) -> &str {
    const SHARE: &str = "/share/";
    if path.starts_with(SHARE) { SHARE } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_leaves_the_secret_of_a_link_out() {
        assert_eq!(told("/share/abcdefghijklmnopqrstuv/feed.atom"), "/share/");
        assert_eq!(told("/status/team/"), "/status/team/");
    }
}

//! `check-config` and `print-config`.

use clap::ArgMatches;

use super::{Outcome, listed, raw_config, say};

/// Says whether the configuration can be used.
///
/// # Errors
/// Every fault, one per line.
pub(crate) fn check(matches: &ArgMatches) -> Outcome {
    raw_config(matches)?.judge().map_err(|faults| listed(&faults))?;
    say("The configuration is fine.");
    Ok(())
}

/// Prints every key with its value and source; secrets are hidden.
///
/// # Errors
/// Unknown keys or an unreadable file.
pub(crate) fn print(matches: &ArgMatches) -> Outcome {
    for (key, given) in raw_config(matches)?.shown() {
        match given {
            Some((text, source)) => say(format_args!("{} = {text:?}  # {source}", key.name)),
            None => say(format_args!("# {} is not set", key.name)),
        }
    }
    Ok(())
}

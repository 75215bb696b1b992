//! `backup`, `restore` and `rotate-key`.

use std::path::Path;

use clap::ArgMatches;

use super::{Outcome, say};
use crate::start;

/// Writes a consistent copy, also while the console runs.
pub(crate) async fn backup(to: &Path, matches: &ArgMatches) -> Outcome {
    let store = start::store(&start::config(matches)?).await?;
    let written = store.backup(to).await?;
    say(format_args!("{} bytes written to {}", written.bytes, to.display()));
    say(
        "Keep keys.json of the data folder apart from it: without that file the sealed secrets cannot be read.",
    );
    store.close().await;
    Ok(())
}

/// Reads a backup into an empty database.
pub(crate) async fn restore(from: &Path, matches: &ArgMatches) -> Outcome {
    let store = start::store(&start::config(matches)?).await?;
    let restored = store.restore(from).await?;
    say(format_args!("{} rows restored", restored.rows));
    store.close().await;
    Ok(())
}

/// Seals every stored secret anew with a new key.
pub(crate) async fn rotate_key(matches: &ArgMatches) -> Outcome {
    let store = start::store(&start::config(matches)?).await?;
    let rotation = store.rotate_keys().await?;
    say(format_args!("{} secrets sealed with the new key {}", rotation.resealed, rotation.key_id));
    store.close().await;
    Ok(())
}

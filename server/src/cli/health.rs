//! `healthcheck`: for container health checks and supervisors.

use std::time::Duration;

use super::{Outcome, say};

/// Asks `/readyz` of a running console.
///
/// # Errors
/// It does not answer within three seconds, or is not ready.
pub(crate) async fn check(server: &url::Url) -> Outcome {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build()?;
    let answer = client.get(server.join("/readyz")?).send().await?;
    anyhow::ensure!(answer.status().is_success(), "the console answers {}", answer.status());
    say("ready");
    Ok(())
}

//! `drift PAIR --accept` and `drift PAIR --count-again`: differences that may stand.

use anyhow::Context as _;
use model::{
    Digest,
    drift::{Accepting, DriftView, HeldView, PairView, SeenRow},
    heal::Picked,
};
use reqwest::Method;

use super::{Outcome, Remote, client::Client, pairs, say};

/// Differences that may stand, or count again.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Letting {
    /// Let this difference stand, as `shop/cart:v1`: it does not count and no heal touches it, until either side
    /// changes; may be given several times
    #[arg(long, value_name = "REPOSITORY:TAG", requires_all = ["pair", "reason"], conflicts_with_all = ["unreplicated", "kind", "text", "history", "json"])]
    accept: Vec<String>,
    /// Why what is accepted may stand
    #[arg(long, requires = "accept")]
    reason: Option<String>,
    /// For how many days; as long as it stays the same where it is missing
    #[arg(long, requires = "accept")]
    days: Option<u16>,
    /// Let this accepted difference count again; may be given several times
    #[arg(long, value_name = "REPOSITORY:TAG", requires = "pair", conflicts_with_all = ["accept", "unreplicated", "kind", "text", "history", "json"])]
    count_again: Vec<String>,
}

impl Letting {
    /// Whether something is to be accepted, or to count again.
    pub(crate) fn is_asked(&self) -> bool {
        !self.accept.is_empty() || !self.count_again.is_empty()
    }
}

/// Accepts differences of a pair, or lets them count again, and says how the pair stands.
///
/// # Errors
/// The console's own error; that one of them does not differ.
pub(crate) async fn run(pair: &str, letting: Letting, remote: &Remote) -> Outcome {
    let Letting { accept, reason, days, count_again } = letting;
    let client = Client::new(remote)?;
    let pair = pairs::find(&client, pair).await?;
    if !count_again.is_empty() {
        return told(&client, &pair, "count-again", &picked(&count_again)?).await;
    }
    let picked = picked(&accept)?;
    let there = pairs::rows(&client, &pair, None, "").await?;
    let rows = picked.into_iter().map(|one| seen(&there, one)).collect::<anyhow::Result<_>>()?;
    let accepting = Accepting { rows, why: reason.unwrap_or_default(), days };
    told(&client, &pair, "accept", &accepting).await
}

async fn told(client: &Client, pair: &PairView, act: &str, body: &(impl serde::Serialize + Sync)) -> Outcome {
    let path = format!("/pairs/{}/{act}", pair.id);
    let after: PairView = client.call(Method::POST, &path, Some(body)).await?;
    say(pairs::line(&after));
    Ok(())
}

fn picked(what: &[String]) -> anyhow::Result<Vec<Picked>> {
    what.iter().map(|name| pairs::picked(name)).collect()
}

/// A difference as it is listed now: another one by the time it is accepted is refused.
fn seen(there: &[DriftView], Picked { repository, thing }: Picked) -> anyhow::Result<SeenRow> {
    let row = there.iter().find(|row| row.repository == repository && row.thing == thing);
    let row = row.with_context(|| {
        let between = if thing.starts_with('@') { "" } else { ":" };
        format!("{repository}{between}{thing} does not differ: `breakwater drift PAIR` lists what does")
    })?;
    let digest = |held: &HeldView| Digest::parse(&held.digest).context("a digest cannot be read");
    let [a, b] = &row.held;
    let held = [a.as_ref().map(digest).transpose()?, b.as_ref().map(digest).transpose()?];
    Ok(SeenRow { repository, thing, held })
}

//! `drift PAIR --history`: how many differences a pair had over time.

use anyhow::Context as _;
use jiff::Timestamp;
use model::{HistorySpan, drift::DriftHistory};
use reqwest::Method;

use super::{Outcome, Remote, client::Client, pairs, say};

/// The times in which as many differed, oldest first; a time in which nothing was compared is left out.
///
/// # Errors
/// The console's own error; a span that there is none of.
pub(crate) async fn run(pair: &str, span: &str, json: bool, remote: &Remote) -> Outcome {
    let span = HistorySpan::parse(span).with_context(|| {
        let all = HistorySpan::ALL.map(HistorySpan::as_str).join(", ");
        format!("there is no span {span}: {all}")
    })?;
    let client = Client::new(remote)?;
    let pair = pairs::find(&client, pair).await?;
    let path = format!("/pairs/{}/history?span={}", pair.id, span.as_str());
    let history: DriftHistory = client.call(Method::GET, &path, None::<&()>).await?;
    if json {
        say(serde_json::to_string_pretty(&history)?);
        return Ok(());
    }
    say(pairs::line(&pair));
    for step in &history.steps {
        let [from, until] = [step.from_ms, step.until_ms].map(Timestamp::from_millisecond);
        let kinds: Vec<String> =
            step.kinds.iter().map(|kind| format!("{} {}", kind.count, kind.kind.as_str())).collect();
        say(format_args!("{:.0}\t{:.0}\t{}\t{}", from?, until?, step.total, kinds.join(", ")));
    }
    Ok(())
}

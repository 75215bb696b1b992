//! `drift` and `heal`: through REST, so that they do what the console does.

use anyhow::Context as _;
use clap::Subcommand;
use jiff::Timestamp;
use model::{
    drift::{Accepted, DriftPage, DriftView, Kind, PairView},
    heal::{HealChoice, HealPlan, KeptView, Picked},
    ids::{LeftoverId, RunId},
    run::{RunState, RunView},
    settings::SettingsView,
};
use reqwest::Method;
use serde_json::Value;

use super::{Outcome, Remote, client::Client, cluster::wait, say};
use crate::rest::{pairs::HealBegin, types::RunStarted};

#[derive(Debug, Subcommand)]
pub(crate) enum HealAction {
    /// What a heal would do; nothing is done
    Plan {
        /// The pair: its id, or its nodes as `shanghai:beijing`
        pair: String,
        #[command(flatten)]
        picks: Picks,
        #[command(flatten)]
        remote: Remote,
    },
    /// Plan, carry out and wait
    Run {
        /// The pair: its id, or its nodes as `shanghai:beijing`
        pair: String,
        #[command(flatten)]
        picks: Picks,
        /// How many deletions the plan has, as `heal plan` says; needed where it has any
        #[arg(long)]
        deletes: Option<u64>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Where a heal stands
    Status {
        /// The run's id
        run: RunId,
        #[command(flatten)]
        remote: Remote,
    },
    /// Put a node into Harbor's read-only mode, for a switch-over to the other, and wait; the pair is compared then
    ReadOnly {
        /// The pair: its id, or its nodes as `shanghai:beijing`
        pair: String,
        /// The node
        node: String,
        #[command(flatten)]
        administrator: Administrator,
        #[command(flatten)]
        remote: Remote,
    },
    /// Let go what a failed heal, an absence or a switch-over holds, and wait; `breakwater drift PAIR` names it
    Lift {
        /// Its id
        fence: LeftoverId,
        #[command(flatten)]
        administrator: Administrator,
        #[command(flatten)]
        remote: Remote,
    },
    /// What a heal replaced or deleted and keeps for a time; with a name, put that back and wait
    Restore {
        /// The heal's run
        run: RunId,
        /// Which, as `shop/cart:v1`
        what: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// What a heal was and did, as JSON
    Receipt {
        /// The run's id
        run: RunId,
        #[command(flatten)]
        remote: Remote,
    },
}

/// An administrator of a node, where one is needed: only one may switch read-only mode.
#[derive(Debug, clap::Args)]
pub(crate) struct Administrator {
    /// The administrator's name
    #[arg(long, default_value = "admin")]
    username: String,
    /// The environment variable that holds the password
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
}

impl Administrator {
    /// As REST takes it; `None` where no variable is named.
    fn body(self) -> anyhow::Result<Option<Value>> {
        let Some(variable) = self.secret_env else { return Ok(None) };
        let secret =
            std::env::var(&variable).with_context(|| format!("the variable {variable} is not set"))?;
        Ok(Some(serde_json::json!({ "username": self.username, "secret": secret })))
    }
}

/// Which differences a heal carries; all that can be healed where nothing is said.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Picks {
    /// Copy only: nothing is moved or deleted
    #[arg(long)]
    copies_only: bool,
    /// Of this kind only: `new`, `moved`, `deleted`, …
    #[arg(long)]
    kind: Option<String>,
    /// Only those in repositories whose name contains this, and those whose tag begins with it
    #[arg(long)]
    text: Option<String>,
    /// Of this project only
    #[arg(long)]
    project: Option<String>,
    /// Of this repository only, as `shop/cart`
    #[arg(long)]
    repository: Option<String>,
    /// Only what this heal did not carry, where it is still the same: the run's id
    #[arg(long, value_name = "RUN")]
    failed_of: Option<RunId>,
    /// Only this one, as `shop/cart:v1`; may be given several times
    #[arg(long)]
    only: Vec<String>,
}

impl Picks {
    fn choice(self) -> anyhow::Result<HealChoice> {
        let only = self.only.iter().map(|name| picked(name));
        Ok(HealChoice {
            kind: parsed(self.kind)?,
            text: self.text.unwrap_or_default(),
            project: self.project,
            repository: self.repository,
            only: only.collect::<anyhow::Result<_>>()?,
            copies_only: self.copies_only,
            failed_of: self.failed_of,
            ..HealChoice::default()
        })
    }
}

/// One difference by its name. An artifact without a tag is written with its digest: `shop/cart@sha256:…`.
pub(super) fn picked(name: &str) -> anyhow::Result<Picked> {
    let at = name.find('@').or_else(|| name.rfind(':')).with_context(|| format!("{name} has no tag"))?;
    let (repository, rest) = name.split_at(at);
    Ok(Picked { repository: repository.to_owned(), thing: rest.trim_start_matches(':').to_owned() })
}

fn parsed(kind: Option<String>) -> anyhow::Result<Option<Kind>> {
    kind.map(|word| Kind::parse(&word).with_context(|| format!("there is no kind {word}"))).transpose()
}

/// Pairs, or what differs in one; exit code 1 where something does that counts.
///
/// # Errors
/// The console's own error; that something differs.
pub(crate) async fn drift(
    pair: Option<String>,
    kind: Option<String>,
    text: Option<String>,
    json: bool,
    remote: &Remote,
) -> Outcome {
    let kind = parsed(kind)?;
    let client = Client::new(remote)?;
    let Some(named) = pair else {
        let pairs = all(&client).await?;
        if json {
            say(serde_json::to_string_pretty(&pairs)?);
        } else {
            pairs.iter().for_each(|pair| say(line(pair)));
        }
        anyhow::ensure!(pairs.iter().all(|p| p.differences() == 0), "not every pair is equal");
        return Ok(());
    };
    let pair = find(&client, &named).await?;
    let rows = rows(&client, &pair, kind, text.as_deref().unwrap_or_default()).await?;
    if json {
        say(serde_json::to_string_pretty(&rows)?);
    } else {
        say(line(&pair));
        for fence in &pair.fences {
            say(format_args!("held: {} on {} ({})", fence.name, fence.node, fence.id));
        }
        for row in &rows {
            let (what, why) = (row.what.pick(client.locale), row.why.pick(client.locale));
            say(format_args!("{:<24} {}:{} {why}", what, row.repository, row.thing));
            if let Some(Accepted { by, why, until_ms, .. }) = &row.accepted {
                let until = until_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
                let until = until.map(|at| format!(" until {at}")).unwrap_or_default();
                say(format_args!("{:<24} accepted by {by}{until}: {why}", ""));
            }
        }
    }
    anyhow::ensure!(rows.iter().all(|row| !row.kind.counts()), "the pair is not equal");
    Ok(())
}

pub(crate) async fn unreplicated(pair: &str, json: bool, remote: &Remote) -> Outcome {
    let client = Client::new(remote)?;
    let pair = find(&client, pair).await?;
    let path = format!("/pairs/{}/unreplicated", pair.id);
    let view: SettingsView = client.call(Method::GET, &path, None::<&()>).await?;
    if json {
        say(serde_json::to_string_pretty(&view)?);
    } else {
        for row in &view.rows {
            let (kind, name) = (row.kind.words(), row.name.pick(client.locale));
            let [a, b] = row.held.clone().map(|held| held.map(|s| s.into_text(client.locale)));
            let (a, b) = (a.as_deref().unwrap_or("-"), b.as_deref().unwrap_or("-"));
            let project = if row.project.is_empty() { "*" } else { &row.project };
            say(format_args!("{project:<24} {} {name}: {a} | {b}", kind.pick(client.locale)));
        }
        for unseen in &view.unseen {
            let kind = unseen.kind.words();
            say(format_args!("{} does not show: {}", unseen.node, kind.pick(client.locale)));
        }
    }
    anyhow::ensure!(view.rows.is_empty(), "the settings of the two are not alike");
    Ok(())
}

pub(crate) async fn heal(action: HealAction) -> Outcome {
    match action {
        HealAction::Plan { pair, picks, remote } => {
            let client = Client::new(&remote)?;
            let pair = find(&client, &pair).await?;
            plan(&client, &pair, &picks.choice()?).await.map(drop)
        }
        HealAction::Run { pair, picks, deletes, remote } => {
            let client = Client::new(&remote)?;
            let pair = find(&client, &pair).await?;
            let plan = plan(&client, &pair, &picks.choice()?).await?;
            let path = format!("/heal-plans/{}/run", plan.id);
            let started: RunStarted = client.call(Method::POST, &path, Some(&HealBegin { deletes })).await?;
            succeeded(&client, &started.run).await
        }
        HealAction::Status { run, remote } => {
            let client = Client::new(&remote)?;
            let run: RunView = client.call(Method::GET, &format!("/runs/{run}"), None::<&()>).await?;
            say(format_args!("{:?}: {} of {} steps", run.state, run.finished(), run.steps.len()));
            Ok(())
        }
        HealAction::ReadOnly { pair, node, administrator, remote } => {
            let client = Client::new(&remote)?;
            let pair = find(&client, &pair).await?;
            let account = administrator.body()?.context("--secret-env is needed")?;
            let body = serde_json::json!({ "node": node, "account": account });
            let path = format!("/pairs/{}/read-only", pair.id);
            let started: RunStarted = client.call(Method::POST, &path, Some(&body)).await?;
            succeeded(&client, &started.run).await
        }
        HealAction::Lift { fence, administrator, remote } => {
            let client = Client::new(&remote)?;
            let path = format!("/fences/{fence}/lift");
            let started: RunStarted =
                client.call(Method::POST, &path, administrator.body()?.as_ref()).await?;
            succeeded(&client, &started.run).await
        }
        HealAction::Restore { run, what, remote } => restore(&Client::new(&remote)?, &run, what).await,
        HealAction::Receipt { run, remote } => {
            let client = Client::new(&remote)?;
            let receipt: Value =
                client.call(Method::GET, &format!("/runs/{run}/receipt"), None::<&()>).await?;
            say(serde_json::to_string_pretty(&receipt)?);
            Ok(())
        }
    }
}

async fn restore(client: &Client, run: &RunId, what: Option<String>) -> Outcome {
    let mut kept: Vec<KeptView> = client.call(Method::GET, &format!("/runs/{run}/kept"), None::<&()>).await?;
    kept.retain(|k| !k.gone);
    let name = |k: &KeptView| format!("{}:{}", k.repository, k.tag.as_deref().unwrap_or(&k.kept_as));
    let Some(what) = what else {
        kept.iter().for_each(|k| say(format_args!("{}\t{}\t{}\t{}", k.node, name(k), k.digest, k.kept_as)));
        return Ok(());
    };
    let one = kept.into_iter().find(|k| k.tag.is_some() && name(k) == what);
    let one =
        one.with_context(|| format!("{what} is not kept: `breakwater heal restore {run}` lists what is"))?;
    let path = format!("/kept/{}/restore", one.id);
    let started: RunStarted = client.call(Method::POST, &path, None::<&()>).await?;
    succeeded(client, &started.run).await
}

/// Waits until a run has ended well.
async fn succeeded(client: &Client, run: &RunId) -> Outcome {
    let run = wait(client, run).await?;
    anyhow::ensure!(run.state == RunState::Succeeded, "the run {} did not succeed", run.id);
    Ok(())
}

async fn all(client: &Client) -> anyhow::Result<Vec<PairView>> {
    client.call(Method::GET, "/pairs", None::<&()>).await
}

pub(super) async fn find(client: &Client, named: &str) -> anyhow::Result<PairView> {
    let fits = |p: &PairView| p.id.as_str() == named || format!("{}:{}", p.a, p.b) == named;
    let mut fitting: Vec<PairView> = all(client).await?.into_iter().filter(fits).collect();
    anyhow::ensure!(fitting.len() < 2, "several pairs are called {named}: give the id of one");
    fitting.pop().with_context(|| format!("there is no pair {named}: `breakwater drift` lists them"))
}

/// All differences, page by page.
pub(super) async fn rows(
    client: &Client,
    pair: &PairView,
    kind: Option<Kind>,
    text: &str,
) -> anyhow::Result<Vec<DriftView>> {
    let mut rows: Vec<DriftView> = Vec::new();
    loop {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(kind) = kind {
            query.append_pair("kind", kind.as_str());
        }
        if !text.is_empty() {
            query.append_pair("text", text);
        }
        if let Some(last) = rows.last() {
            query.append_pair("after_repository", &last.repository).append_pair("after_thing", &last.thing);
        }
        let path = format!("/pairs/{}/drift?{}", pair.id, query.finish());
        let page: DriftPage = client.call(Method::GET, &path, None::<&()>).await?;
        rows.extend(page.rows);
        if !page.more {
            return Ok(rows);
        }
    }
}

async fn plan(client: &Client, pair: &PairView, choice: &HealChoice) -> anyhow::Result<HealPlan> {
    let plan: HealPlan =
        client.call(Method::POST, &format!("/pairs/{}/heal-plans", pair.id), Some(choice)).await?;
    for note in &plan.notes {
        say(format_args!("note: {}", note.pick(client.locale)));
    }
    for step in &plan.steps {
        say(format_args!("{}: {}", step.node, step.title.pick(client.locale)));
        for item in step.what.items() {
            say(format_args!("    {}", item.name()));
        }
    }
    Ok(plan)
}

/// A pair in one line.
pub(super) fn line(pair: &PairView) -> String {
    let accepted = match pair.of_kind(Kind::Accepted) {
        0 => String::new(),
        n => format!(", {n} accepted"),
    };
    format!(
        "{}\t{}\t{}:{}\t{} differences, {} can be healed{accepted}",
        pair.id,
        pair.cluster_name,
        pair.a,
        pair.b,
        pair.differences(),
        pair.healable()
    )
}

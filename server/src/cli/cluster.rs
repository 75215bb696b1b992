//! `cluster list|plan|apply|status`: through REST, so that they do what the console does.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use model::{
    Locale,
    finding::{Finding, FindingState},
    health::{Board, HealthState},
    ids::RunId,
    names::NodeName,
    plan::Plan,
    run::{RunState, RunView, StepState},
    spec::{ClusterSpec, CredentialKind},
};
use reqwest::Method;
use serde::Deserialize;

use super::{Outcome, Remote, client::Client, say};
use crate::rest::types::{CredentialBody, PlanAnswer, PlanRequest, RunStarted};

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterAction {
    /// Clusters of the console, one per line
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Ask every finding for the cluster in a file and show the plan; changes nothing but what probes remove again
    Plan {
        #[command(flatten)]
        file: FileArgs,
        #[command(flatten)]
        remote: Remote,
    },
    /// Plan, carry out, prove and wait; of a cluster that is kept, only what the file says otherwise
    Apply {
        #[command(flatten)]
        file: FileArgs,
        #[command(flatten)]
        remote: Remote,
    },
    /// Health of every cluster; exit code 1 when one is not well
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        remote: Remote,
    },
}

/// The file that a cluster is read from.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// YAML file with the cluster and where its credentials are
    #[arg(short, long)]
    file: PathBuf,
}

/// The YAML file: the cluster, and for each node the variable that holds its secret.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterFile {
    cluster: ClusterSpec,
    #[serde(default)]
    credentials: BTreeMap<NodeName, CredentialFrom>,
    #[serde(default)]
    probes: bool,
    #[serde(default)]
    accept_warnings: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialFrom {
    #[serde(default)]
    kind: CredentialKind,
    username: String,
    /// Name of the environment variable; the secret itself does not belong into a file that is shared.
    secret_env: String,
    #[serde(default)]
    make_robot: bool,
}

pub(crate) async fn run(action: ClusterAction) -> Outcome {
    match action {
        ClusterAction::List { remote } => list(&Client::new(&remote)?).await,
        ClusterAction::Plan { file, remote } => plan(&Client::new(&remote)?, &file.file).await.map(drop),
        ClusterAction::Apply { file, remote } => apply(&Client::new(&remote)?, &file.file).await,
        ClusterAction::Status { json, remote } => status(&Client::new(&remote)?, json).await,
    }
}

async fn list(client: &Client) -> Outcome {
    let board: Board = client.call(Method::GET, "/health", None::<&()>).await?;
    for cluster in board.clusters {
        say(format_args!(
            "{}\t{}\t{}\t{}",
            cluster.id,
            cluster.name,
            cluster.topology,
            cluster.state.as_str()
        ));
    }
    Ok(())
}

async fn status(client: &Client, json: bool) -> Outcome {
    let board: Board = client.call(Method::GET, "/health", None::<&()>).await?;
    if json {
        say(serde_json::to_string_pretty(&board)?);
    } else {
        say(board.headline().pick(client.locale));
        for cluster in &board.clusters {
            say(format_args!(
                "{:<12} {}: {}",
                cluster.state.as_str(),
                cluster.name,
                cluster.sentence.pick(client.locale)
            ));
            for node in &cluster.nodes {
                let reason = node.reason.as_ref().map(|r| r.pick(client.locale)).unwrap_or_default();
                say(format_args!("  {:<12} {} {} {reason}", node.state.as_str(), node.name, node.address));
            }
        }
    }
    anyhow::ensure!(board.clusters.iter().all(|c| c.state == HealthState::Up), "not every cluster is well");
    Ok(())
}

/// What was planned.
struct Planned {
    request: PlanRequest,
    /// None where a kept cluster is as the file says.
    steps: usize,
}

async fn plan(client: &Client, file: &Path) -> anyhow::Result<Planned> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let request = read_file(&text, |name| std::env::var(name).ok())?;
    let answer: PlanAnswer = client.call(Method::POST, "/plans", Some(&request)).await?;
    show_findings(&answer.findings, client.locale);
    let Some(plan) = &answer.plan else {
        anyhow::bail!("something stands in the way of a plan: see the findings that failed");
    };
    show_plan(plan, client.locale);
    Ok(Planned { request, steps: plan.steps.len() })
}

fn read_file(text: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<PlanRequest> {
    let file: ClusterFile = yaml_serde::from_str(text)?;
    if let Err(faults) = file.cluster.judge() {
        return Err(super::listed(&faults));
    }
    let mut credentials = BTreeMap::new();
    for (node, from) in file.credentials {
        let secret = variable(&from.secret_env)
            .with_context(|| format!("{node}: the variable {} is not set", from.secret_env))?;
        let body =
            CredentialBody { kind: from.kind, username: from.username, secret, make_robot: from.make_robot };
        credentials.insert(node, body);
    }
    Ok(PlanRequest {
        cluster: file.cluster,
        credentials,
        probes: file.probes,
        accept_warnings: file.accept_warnings,
    })
}

async fn apply(client: &Client, file: &Path) -> Outcome {
    let Planned { request, steps } = plan(client, file).await?;
    if steps == 0 {
        // The plan's note has said so.
        return Ok(());
    }
    let started: RunStarted = client.call(Method::POST, "/runs", Some(&request)).await?;
    let run = wait(client, &started.run).await?;
    anyhow::ensure!(run.state == RunState::Succeeded, "the run {} did not succeed", run.id);
    Ok(())
}

/// Shows each step once when it is over, until the run is.
pub(super) async fn wait(client: &Client, id: &RunId) -> anyhow::Result<RunView> {
    let mut shown = 0;
    loop {
        let run: RunView = client.call(Method::GET, &format!("/runs/{id}"), None::<&()>).await?;
        let over = run
            .steps
            .iter()
            .take_while(|s| {
                !matches!(
                    s.state,
                    StepState::Waiting | StepState::Looking | StepState::Applying | StepState::Verifying
                )
            })
            .count();
        for step in run.steps.get(shown..over).unwrap_or_default() {
            let outcome = step.outcome.as_ref().map(|o| o.pick(client.locale)).unwrap_or_default();
            say(format_args!("{:?} {}: {} {outcome}", step.state, step.node, step.title.pick(client.locale)));
            if let Some(error) = &step.error {
                say(format_args!("  {} {}", error.cause.pick(client.locale), error.next.pick(client.locale)));
            }
        }
        shown = over.max(shown);
        if run.state.is_final() {
            return Ok(run);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub(super) fn show_findings(findings: &[Finding], locale: Locale) {
    let mut sorted: Vec<_> = findings.iter().collect();
    sorted.sort_by_key(|f| f.state.rank());
    for finding in sorted {
        let measured = finding.measured.as_ref().map(|m| m.pick(locale)).unwrap_or_default();
        say(format_args!("{:<14} {} {measured}", word(finding.state), finding.title.pick(locale)));
        if finding.blocks() {
            for text in
                [finding.meaning.as_ref(), finding.cure.as_ref().map(|c| &c.text)].into_iter().flatten()
            {
                say(format_args!("               {}", text.pick(locale)));
            }
        }
    }
}

fn word(state: FindingState) -> &'static str {
    match state {
        FindingState::Waiting => "waiting",
        FindingState::Ok => "ok",
        FindingState::Warning => "warning",
        FindingState::Failed => "failed",
        FindingState::NotApplicable => "not applicable",
        FindingState::NotProven => "not proven",
    }
}

fn show_plan(plan: &Plan, locale: Locale) {
    for note in &plan.notes {
        say(format_args!("note: {}", note.pick(locale)));
    }
    for step in &plan.steps {
        say(format_args!("{}: {}", step.node, step.title.pick(locale)));
        for call in &step.calls {
            let body = call.body.as_ref().map(ToString::to_string).unwrap_or_default();
            say(format_args!("    {} {} {body}", call.method, call.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
cluster:
  name: Production
  topology: dual-master
  nodes:
    - { name: shanghai, address: 'https://shanghai.example.cn' }
    - { name: beijing, address: beijing.example.cn, tls: { mode: off } }
  replication: { at_once: true }
credentials:
  shanghai: { username: admin, secret_env: SHANGHAI, make_robot: true }
";

    #[test]
    fn read_file_takes_secrets_from_variables() {
        let request = read_file(FILE, |name| (name == "SHANGHAI").then(|| "s3cret".to_owned())).unwrap();
        assert!(request.cluster.replication.at_once);
        let shanghai = NodeName::parse("shanghai").unwrap();
        assert_eq!(request.credentials[&shanghai].secret, "s3cret");
    }

    #[test]
    fn read_file_names_the_variable_that_is_missing() {
        let error = read_file(FILE, |_| None).err().unwrap().to_string();
        assert_eq!(error, "shanghai: the variable SHANGHAI is not set");
    }

    #[test]
    fn read_file_refuses_an_unknown_key() {
        let error = read_file(&FILE.replace("at_once", "atonce"), |_| Some(String::new())).err().unwrap();
        assert!(error.to_string().contains("atonce"), "{error}");
    }
}

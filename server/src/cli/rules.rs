//! `rules`: what the nodes of a cluster copy to each other, through REST, so that it does what the console does.

mod endpoints;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use model::{
    finding::Finding,
    rule::{DryRun, RuleDeed, RulesRow, RulesView, RulesWish},
    run::RunState,
    say::bytes,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::{
    Outcome, Remote,
    client::Client,
    cluster::{show_findings, wait},
    say,
};
use crate::rest::{rules::RulesBody, types::RunStarted};

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Clusters whose nodes copy, one per line
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// What is to be looked at; exit code 1 where something is
    Lint {
        /// The cluster: its name or its id
        cluster: String,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// What the next run of each link would do; nothing is asked of a Harbor
    DryRun {
        /// The cluster: its name or its id
        cluster: String,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Start the rule of every link once, and wait until each is started
    Run {
        /// The cluster: its name or its id
        cluster: String,
        /// Only from this node
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// The endpoints on a cluster's nodes, and the rules that use each
    Endpoints {
        /// The cluster: its name or its id
        cluster: String,
        /// Have each node try its own; exit code 1 where one does not work
        #[arg(long)]
        test: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        remote: Remote,
    },
    /// Give an endpoint another name, and wait
    RenameEndpoint {
        /// The cluster: its name or its id
        cluster: String,
        /// The node on which it stands
        #[arg(long)]
        node: String,
        /// Its name now
        name: String,
        /// Its new name
        to: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Write the rules of a cluster as YAML
    Export {
        /// The cluster: its name or its id
        cluster: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show what a file says otherwise than the console, and what on the Harbors is not as planned
    Plan {
        /// YAML file, as `export` writes it
        #[arg(short, long)]
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Carry out what a file says otherwise, and wait
    Apply {
        /// YAML file, as `export` writes it
        #[arg(short, long)]
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
}

/// The YAML file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    /// The cluster's name or its id.
    cluster: String,
    #[serde(default)]
    rules: RulesWish,
}

pub(crate) async fn run(action: RulesAction) -> Outcome {
    match action {
        RulesAction::List { remote } => list(&Client::new(&remote)?).await,
        RulesAction::Lint { cluster, json, remote } => lint(&Client::new(&remote)?, &cluster, json).await,
        RulesAction::DryRun { cluster, json, remote } => {
            dry_run(&Client::new(&remote)?, &cluster, json).await
        }
        RulesAction::Run { cluster, from, remote } => {
            start(&Client::new(&remote)?, &cluster, from.as_deref()).await
        }
        RulesAction::Endpoints { cluster, test, json, remote } => {
            endpoints::list(&Client::new(&remote)?, &cluster, test, json).await
        }
        RulesAction::RenameEndpoint { cluster, node, name, to, remote } => {
            endpoints::rename(&Client::new(&remote)?, &cluster, &node, &name, &to).await
        }
        RulesAction::Export { cluster, remote } => {
            let view = read(&Client::new(&remote)?, &cluster).await?;
            let file = RulesFile { cluster: view.name.to_string(), rules: view.wish };
            say(yaml_serde::to_string(&file)?.trim_end());
            Ok(())
        }
        RulesAction::Plan { file, remote } => {
            let client = Client::new(&remote)?;
            plan(&client, &file).await.map(drop)
        }
        RulesAction::Apply { file, remote } => apply(&Client::new(&remote)?, &file).await,
    }
}

async fn list(client: &Client) -> Outcome {
    for row in all(client).await? {
        let schedules: Vec<&str> = row.planned.iter().map(|r| r.schedule.pick(client.locale)).collect();
        say(format_args!("{}\t{}\t{}\t{}", row.cluster, row.name, row.topology, schedules.join(", ")));
    }
    Ok(())
}

async fn all(client: &Client) -> anyhow::Result<Vec<RulesRow>> {
    client.call(Method::GET, "/rules", None::<&()>).await
}

async fn read(client: &Client, named: &str) -> anyhow::Result<RulesView> {
    let fits = |row: &RulesRow| row.cluster.as_str() == named || row.name.as_str() == named;
    let row = all(client).await?.into_iter().find(fits);
    let row =
        row.with_context(|| format!("there are no rules of {named}: `breakwater rules list` lists them"))?;
    client.call(Method::GET, &format!("/clusters/{}/rules", row.cluster), None::<&()>).await
}

async fn lint(client: &Client, cluster: &str, json: bool) -> Outcome {
    let view = read(client, cluster).await?;
    if json {
        say(serde_json::to_string_pretty(&view.findings)?);
    } else {
        show_findings(&view.findings, client.locale);
    }
    for error in view.nodes.iter().filter_map(|n| n.error.as_ref()) {
        say(format_args!("not looked at: {}", error.cause.pick(client.locale)));
    }
    anyhow::ensure!(view.findings.is_empty(), "there is something to look at");
    anyhow::ensure!(view.nodes.iter().all(|n| n.error.is_none()), "not every node answers");
    Ok(())
}

async fn dry_run(client: &Client, cluster: &str, json: bool) -> Outcome {
    let view = read(client, cluster).await?;
    let path = format!("/clusters/{}/rules/dry-run", view.cluster);
    let runs: Vec<DryRun> = client.call(Method::GET, &path, None::<&()>).await?;
    if json {
        say(serde_json::to_string_pretty(&runs)?);
        return Ok(());
    }
    for run in runs {
        let read = if run.read_ms.is_none() { " (not compared yet)" } else { "" };
        say(format_args!(
            "{}{read}: copies {} ({}), of them {} that were deleted there; overwrites {}; leaves {} that differ; skips {}",
            run.link,
            run.copies,
            bytes(run.bytes),
            run.brings_back,
            run.overwrites,
            run.skips,
            run.same
        ));
        for example in &run.examples {
            say(format_args!("    {example}"));
        }
    }
    Ok(())
}

async fn start(client: &Client, cluster: &str, from: Option<&str>) -> Outcome {
    let view = read(client, cluster).await?;
    let links: Vec<_> =
        view.links.iter().filter(|link| from.is_none_or(|from| link.source.as_str() == from)).collect();
    anyhow::ensure!(!links.is_empty(), "no link of {} begins there", view.name);
    for link in links {
        act(client, &view, &RuleDeed::Start { link: link.clone() }).await?;
    }
    Ok(())
}

/// Does one thing and waits for it.
async fn act(client: &Client, view: &RulesView, deed: &RuleDeed) -> Outcome {
    let path = format!("/clusters/{}/rules", view.cluster);
    let started: RunStarted = client.call(Method::POST, &path, Some(deed)).await?;
    finish(client, started).await
}

async fn finish(client: &Client, started: RunStarted) -> Outcome {
    let run = wait(client, &started.run).await?;
    anyhow::ensure!(run.state == RunState::Succeeded, "the run {} did not succeed", run.id);
    Ok(())
}

/// What a file asks for.
struct Planned {
    view: RulesView,
    wish: RulesWish,
}

async fn plan(client: &Client, file: &Path) -> anyhow::Result<Planned> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let RulesFile { cluster, rules } = yaml_serde::from_str(&text).context("cannot read the file")?;
    let view = read(client, &cluster).await?;
    for line in differences(&view.wish, &rules) {
        say(line);
    }
    if view.wish == rules {
        say("the console says the same");
    }
    show_findings(&view.findings, client.locale);
    Ok(Planned { view, wish: rules })
}

/// "cron: 0 */10 * * * * → 0 0 * * * *", for each field that is otherwise.
fn differences(is: &RulesWish, wanted: &RulesWish) -> Vec<String> {
    let cron = |wish: &RulesWish| wish.cron.clone().unwrap_or_else(|| "proposed".to_owned());
    let speed =
        |wish: &RulesWish| wish.speed_kbps.map_or_else(|| "unlimited".to_owned(), |k| format!("{k} kbit/s"));
    let names =
        |wish: &RulesWish| wish.scope.names.as_ref().map_or_else(|| "all".to_owned(), ToString::to_string);
    let tags = |wish: &RulesWish| match &wish.scope.tags {
        None => "all".to_owned(),
        Some(tags) if tags.excludes => format!("excluding {}", tags.pattern),
        Some(tags) => format!("matching {}", tags.pattern),
    };
    let labels = |wish: &RulesWish| match &wish.scope.labels {
        None => "any".to_owned(),
        Some(labels) if labels.excludes() => format!("excluding {}", labels.listed()),
        Some(labels) => format!("matching {}", labels.listed()),
    };
    let namespace = |wish: &RulesWish| match &wish.scope.namespace {
        None => "the same".to_owned(),
        Some(to) => format!("{}, flattening {}", to.path, to.flattening.number()),
    };
    let fields = [
        ("cron", cron(is), cron(wanted)),
        ("at_once", is.at_once.to_string(), wanted.at_once.to_string()),
        ("speed_kbps", speed(is), speed(wanted)),
        ("copy_by_chunk", is.copy_by_chunk.to_string(), wanted.copy_by_chunk.to_string()),
        ("scope.names", names(is), names(wanted)),
        ("scope.tags", tags(is), tags(wanted)),
        ("scope.labels", labels(is), labels(wanted)),
        ("scope.namespace", namespace(is), namespace(wanted)),
    ];
    let other = |(field, is, wanted): (&str, String, String)| {
        (is != wanted).then(|| format!("{field}: {is} → {wanted}"))
    };
    fields.into_iter().filter_map(other).collect()
}

async fn apply(client: &Client, file: &Path) -> Outcome {
    let Planned { view, wish } = plan(client, file).await?;
    if view.wish != wish {
        let body = RulesBody { version: view.version, wish };
        let path = format!("/clusters/{}/rules", view.cluster);
        let started: RunStarted = client.call(Method::PUT, &path, Some(&body)).await?;
        return finish(client, started).await;
    }
    let mends = |f: &Finding| {
        use model::finding::CureAction::Rule;
        matches!(f.cure.as_ref().and_then(|c| c.action.as_ref()), Some(Rule { deed: RuleDeed::Mend }))
    };
    if view.findings.iter().any(mends) {
        return act(client, &view, &RuleDeed::Mend).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_read_as_it_is_written_and_knows_no_other_key() {
        let file = RulesFile {
            cluster: "P".into(),
            rules: RulesWish { cron: Some("0 0 * * * *".into()), at_once: true, ..RulesWish::default() },
        };
        let text = yaml_serde::to_string(&file).unwrap();
        let read: RulesFile = yaml_serde::from_str(&text).unwrap();
        assert_eq!((read.cluster, read.rules), (file.cluster, file.rules));
        assert!(yaml_serde::from_str::<RulesFile>("cluster: P\nrules: {override: true}").is_err());
    }

    #[test]
    fn differences_name_only_what_is_otherwise() {
        let is = RulesWish::default();
        let wanted = RulesWish { at_once: true, cron: Some("0 0 * * * *".into()), ..RulesWish::default() };
        assert_eq!(differences(&is, &wanted), ["cron: proposed → 0 0 * * * *", "at_once: false → true"]);
        assert!(differences(&is, &is).is_empty());
        let text = "cluster: P\nrules: {scope: {names: shop/**, namespace: {path: mirror}}}";
        let scoped = yaml_serde::from_str::<RulesFile>(text).unwrap().rules;
        assert_eq!(
            differences(&is, &scoped),
            ["scope.names: all → shop/**", "scope.namespace: the same → mirror, flattening 1"]
        );
        let wrong = yaml_serde::from_str::<RulesFile>("cluster: P\nrules: {scope: {names: shop}}");
        assert!(wrong.unwrap_err().to_string().contains("Every repository has a slash"));
    }
}

//! `cluster list|plan|apply|status` against a running console and two simulated Harbors.

use harbor_sim::{Fault, Sim, SimConfig};
use tempfile::TempDir;
use tokio::process::Command;

use crate::program::{Said, Served, eventually, home, program, run, token};

/// The administrator's password of both simulated Harbors.
const SECRET: &str = "Harbor12345";

struct World {
    home: TempDir,
    sim: Sim,
    console: Served,
    token: String,
}

impl World {
    async fn start() -> Self {
        let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
        let home = home();
        let console = Served::start(&home).await;
        console.claim().await;
        let token = token(&home, "operator").await;
        let world = Self { home, sim, console, token };
        world.write("");
        world
    }

    fn file(&self) -> String {
        self.home.path().join("cluster.yaml").display().to_string()
    }

    fn write(&self, more: &str) {
        let (a, b) = (self.sim.node(0).url(), self.sim.node(1).url());
        let text = format!(
            "cluster:\n  name: Production\n  topology: dual-master\n  nodes:\n    - {{ name: shanghai, address: '{a}' }}\n    \
             - {{ name: beijing, address: '{b}' }}\ncredentials:\n  shanghai: {{ username: admin, secret_env: SHANGHAI, \
             make_robot: true }}\n  beijing: {{ username: admin, secret_env: BEIJING, make_robot: true }}\n{more}"
        );
        std::fs::write(self.file(), text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        self.program(&[&["cluster"], words].concat())
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut command = program();
        command
            .args(words)
            .args(["--server", self.console.url(), "--token", &self.token])
            .env("SHANGHAI", SECRET)
            .env("BEIJING", SECRET);
        command
    }

    async fn cluster(&self, words: &[&str]) -> Said {
        run(&mut self.command(words)).await
    }

    async fn drift(&self, words: &[&str]) -> Said {
        run(&mut self.program(&[&["drift", "shanghai:beijing"], words].concat())).await
    }

    async fn metrics(&self) -> String {
        let ask = reqwest::Client::new().get(format!("{}/metrics", self.console.url));
        ask.bearer_auth(&self.token).send().await.unwrap().text().await.unwrap()
    }

    async fn end(self) {
        assert_eq!(self.console.stop().await, Some(0));
        self.sim.shutdown().await;
    }
}

fn has_no_secret(said: &Said) {
    assert!(!said.out.contains(SECRET) && !said.err.contains(SECRET), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_prints_findings_and_every_call_and_changes_nothing() {
    let world = World::start().await;
    world.write("accept_warnings: known\n");
    let said = world.cluster(&["plan", "-f", &world.file()]).await;
    has_no_secret(&said);
    let text = said.well();
    assert!(text.lines().any(|l| l.starts_with("ok ")), "{text}");
    let calls: Vec<&str> = text.lines().filter(|l| l.starts_with("    ")).map(str::trim).collect();
    for call in ["POST /api/v2.0/registries", "POST /api/v2.0/replication/policies", "POST /api/v2.0/robots"]
    {
        assert!(calls.iter().filter(|c| c.starts_with(call)).count() >= 2, "{call}: {text}");
    }
    // Each step that is announced says what it calls, and rules are made disabled.
    let rules = calls.iter().filter(|c| c.starts_with("POST /api/v2.0/replication/policies"));
    assert!(rules.into_iter().any(|c| c.contains("\"enabled\":false")), "{text}");
    let chinese = world.cluster(&["plan", "--lang", "zh", "-f", &world.file()]).await;
    has_no_secret(&chinese);
    let chinese = chinese.well();
    assert!(chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{chinese}");
    assert_eq!(world.cluster(&["list"]).await.well(), "", "a plan adopts nothing");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apply_adopts_and_status_follows_the_nodes() {
    let world = World::start().await;
    world.write("probes: true\naccept_warnings: known\n");
    let said = world.cluster(&["apply", "-f", &world.file()]).await;
    has_no_secret(&said);
    let text = said.well();
    assert!(text.contains("Done ") || text.contains("Adopted "), "no step was shown: {text}");
    let list = world.cluster(&["list"]).await.well();
    assert!(list.contains("\tProduction\tdual-master\t"), "{list}");

    eventually("up", async || world.cluster(&["status"]).await.code == Some(0)).await;
    let said = world.cluster(&["status", "--json"]).await;
    has_no_secret(&said);
    let board: serde_json::Value = serde_json::from_str(&said.well()).unwrap();
    let nodes = board["clusters"][0]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2);
    assert!(nodes.iter().all(|n| n["state"] == "up"), "{board}");
    let metrics = world.metrics().await;
    let up = |node| format!("breakwater_node_up{{cluster=\"Production\",node=\"{node}\"}}");
    assert!(metrics.contains(&format!("{} 1\n", up("shanghai"))), "{metrics}");
    let pair = "cluster=\"Production\",a=\"shanghai\",b=\"beijing\"";
    let age = format!("breakwater_pair_compared_age_seconds{{{pair}}} ");
    eventually("compared", async || world.metrics().await.contains(&age)).await;
    let metrics = world.metrics().await;
    for line in [
        format!("breakwater_drift{{{pair},kind=\"conflict\"}} 0\n"),
        format!("breakwater_pair_comparison_failing{{{pair}}} 0\n"),
        "breakwater_heals{cluster=\"Production\",state=\"succeeded\"} 0\n".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line}: {metrics}");
    }

    world.sim.node(1).fault(Fault::Refuse).await;
    eventually("down", async || {
        let said = world.cluster(&["status", "--json"]).await;
        // Exit code and JSON say the same, also when it is not well.
        let board: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        let well = board["clusters"][0]["state"] == "up";
        assert_eq!(said.code, Some(i32::from(!well)), "{said:?}");
        board["clusters"][0]["nodes"][1]["state"] == "unreachable"
    })
    .await;
    let said = world.cluster(&["status"]).await;
    assert!(said.out.contains("beijing") && said.err.contains("not every cluster is well"), "{said:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_says_what_is_missing_or_refused() {
    let mut world = World::start().await;
    let file = world.file();
    let said = run(world.command(&["plan", "-f", &file]).env_remove("BEIJING")).await.badly();
    assert!(said.contains("beijing: the variable BEIJING is not set"), "{said}");
    let said = run(world.command(&["plan", "-f", &file]).env("BEIJING", "wrong-one")).await.badly();
    assert!(said.contains("beijing: ") && said.contains("[harbor.unauthorized]"), "{said}");
    assert!(!said.contains("wrong-one"), "{said}");
    let said = world.cluster(&["plan", "-f", "nowhere.yaml"]).await.badly();
    assert!(said.contains("cannot read nowhere.yaml"), "{said}");
    world.write("nonsense: 1\n");
    let said = world.cluster(&["plan", "-f", &file]).await.badly();
    assert!(said.contains("nonsense"), "{said}");
    world.write("");
    world.token = token(&world.home, "viewer").await;
    let said = world.cluster(&["plan", "-f", &file]).await.badly();
    assert!(said.contains("[access.forbidden]. Ask somebody with the role operator."), "{said}");
    "bw_wrong".clone_into(&mut world.token);
    let said = world.cluster(&["list", "--lang", "zh"]).await.badly();
    assert!(said.contains("您尚未登录。 [access.signed_out]"), "{said}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_finds_by_text_and_over_time_and_accepts_and_lets_count_again() {
    let world = World::start().await;
    world.write("probes: true\naccept_warnings: known\n");
    has_no_secret(&world.cluster(&["apply", "-f", &world.file()]).await);
    world.sim.node(0).push_image("shop/cart", "v1", "one");
    world.sim.node(1).push_image("shop/cart", "v1", "other");
    eventually("the difference is seen", async || world.drift(&[]).await.out.contains("shop/cart:v1")).await;

    assert!(world.drift(&["--text", "cart:v"]).await.out.contains("shop/cart:v1"));
    assert!(!world.drift(&["--text", "lint"]).await.well().contains("shop/cart:v1"));
    eventually("the history tells it", async || {
        world.drift(&["--history", "24h"]).await.well().contains("\t1\t")
    })
    .await;
    let unknown = world.drift(&["--history", "1y"]).await.badly();
    assert!(unknown.contains("24h, 7d, 30d, 90d"), "{unknown}");

    let words = ["--accept", "shop/cart:v1", "--reason", "two builds", "--days", "7"];
    let said = world.drift(&words).await.well();
    assert!(said.contains("0 differences") && said.contains(", 1 accepted"), "{said}");
    let listed = world.drift(&["--kind", "accepted"]).await.well();
    assert!(listed.contains("two builds") && listed.contains(" until "), "{listed}");
    let again = world.drift(&words).await;
    assert!(again.code == Some(1) && again.err.contains("shop/cart:v1 does not differ"), "{again:?}");

    let said = world.drift(&["--count-again", "shop/cart:v1"]).await.well();
    assert!(said.contains("1 differences") && !said.contains("accepted"), "{said}");
    assert_eq!(world.drift(&[]).await.code, Some(1));
    let untagged = world.drift(&["--accept", "shop/cart", "--reason", "x"]).await;
    assert!(untagged.code == Some(1) && untagged.err.contains("has no tag"), "{untagged:?}");
    let unsaid = world.drift(&["--accept", "shop/cart:v1"]).await;
    assert!(unsaid.code == Some(2) && unsaid.err.contains("--reason"), "{unsaid:?}");
    world.end().await;
}

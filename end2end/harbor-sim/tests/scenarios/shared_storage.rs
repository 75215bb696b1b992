//! probes.md, "Shared storage": each probe tells its own secret apart and stays quiet for the others.

use harbor_sim::{Image, NodeHandle, Sim, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, wait_for};
use crate::sessions::Browser;

/// What the seven probes of probes.md found.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    database: bool,
    storage: bool,
    session: bool,
    csrf: bool,
    secretkey: bool,
    token_key: bool,
    jobs: bool,
}

const FINE: Verdict = Verdict {
    database: true,
    storage: true,
    session: true,
    csrf: true,
    secretkey: true,
    token_key: true,
    jobs: true,
};

async fn probe(edit: impl FnOnce(&mut harbor_sim::Secrets)) -> Verdict {
    let mut config = SimConfig::shared(2, "2.15.2");
    config.timing.login_delay = std::time::Duration::from_millis(100);
    edit(&mut config.nodes[1].secrets);
    let sim = Sim::start(config).await.unwrap();
    let (one, two) = (sim.node(0), sim.node(1));
    let admin = Client::admin(&one);
    one.create_project("probe", false);
    let (_, robot) =
        admin.robot("probe", &[], &["repository:pull", "repository:push", "repository:list"]).await;
    Verdict {
        database: database(&robot, &two).await,
        storage: storage(&one, &two).await,
        session: session(&one, &two).await,
        csrf: csrf(&one, &two).await,
        secretkey: secretkey(&sim, &robot).await,
        token_key: token_key(&one, &two).await,
        jobs: jobs(&sim).await,
    }
}

async fn database(robot: &Client, two: &NodeHandle) -> bool {
    let there = Client { base: two.url(), ..robot.clone() };
    let list = there.get("/projects").await;
    list.status == 200 && list.json().as_array().unwrap().iter().any(|p| p["name"] == "probe")
}

async fn storage(one: &NodeHandle, two: &NodeHandle) -> bool {
    let image = Image::new("probe layer");
    one.push_image("probe/image", "v1", "probe layer");
    let there = Client::admin(two);
    let (layer, bytes) = &image.blobs[1];
    let got = there.raw(Method::GET, &format!("/v2/probe/image/blobs/{layer}"), None, &[]).await;
    got.status == 200 && got.text.as_bytes() == bytes
}

async fn session(one: &NodeHandle, two: &NodeHandle) -> bool {
    let mut browser = Browser::new(one);
    assert_eq!(browser.sign_in("admin", "Harbor12345").await, 200);
    browser.client.base = two.url();
    browser.call(Method::GET, "/api/v2.0/users/current", None, false).await.status == 200
}

async fn csrf(one: &NodeHandle, two: &NodeHandle) -> bool {
    let mut browser = Browser::new(one);
    browser.visit().await;
    browser.client.base = two.url();
    let got = browser.login("nobody", "nothing").await;
    match got.status {
        401 => true,
        403 => {
            assert_eq!(got.message(), "CSRF token invalid");
            false
        }
        other => panic!("{other}"),
    }
}

async fn secretkey(sim: &Sim, robot: &Client) -> bool {
    let (one, two) = (sim.node(0), sim.node(1));
    let (user, secret) = robot.user.clone().unwrap();
    let id = Client::admin(&one).endpoint_as("self", &one, &user, &secret).await;
    let there = Client::admin(&two);
    let whole = json!({
        "type": "harbor", "url": one.url(), "credential_type": "basic", "access_key": user, "access_secret": secret,
        "insecure": true,
    });
    assert_eq!(there.post("/registries/ping", whole).await.status, 200, "the control");
    let by_id = there.post("/registries/ping", json!({"id": id})).await;
    if by_id.status != 200 && by_id.status != 404 {
        assert_eq!((by_id.status, by_id.message().as_str()), (400, "the registry is unhealthy"));
    }
    // A registry that is not there at all says nothing about the key.
    by_id.status != 400
}

async fn token_key(one: &NodeHandle, two: &NodeHandle) -> bool {
    let admin = Client::admin(one);
    let got = admin.raw(Method::GET, "/service/token?service=harbor-registry", None, &[]).await;
    let bearer = format!("Bearer {}", got.json()["token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let control = Client::anonymous(one).raw(Method::GET, "/v2/", None, &headers).await;
    assert_eq!(control.status, 200, "the control");
    Client::anonymous(two).raw(Method::GET, "/v2/", None, &headers).await.status == 200
}

/// Twelve runs of a rule to itself, started through both in turn.
async fn jobs(sim: &Sim) -> bool {
    let (one, two) = (sim.node(0), sim.node(1));
    let admin = Client::admin(&one);
    let endpoint = admin.endpoint("self-admin", &one).await;
    let more = json!({"override": true, "filters": [{"type": "name", "value": "probe/image"}]});
    let rule = admin.rule("probe", endpoint, "manual", more).await;
    let starts: Vec<Client> = vec![admin.clone(), Client::admin(&two)];
    let mut started = 0;
    for turn in 0..12 {
        let got = starts[turn % 2].post("/replication/executions", json!({"policy_id": rule})).await;
        started += usize::from(got.status == 201);
    }
    wait_for(|| one.is_quiet() && two.is_quiet()).await;
    let list = admin.get(&format!("/replication/executions?policy_id={rule}&page_size=100")).await.json();
    let rows: Vec<Value> = list.as_array().unwrap().clone();
    let broken = |r: &&Value| r["status"] == "Failed" && r["total"] != 0;
    started < 12 || rows.iter().filter(broken).count() == 0
}

#[tokio::test]
async fn probes_with_equal_secrets_all_pass() {
    assert_eq!(probe(|_| {}).await, FINE);
}

#[tokio::test]
async fn probe_of_secretkey_tells_a_wrong_secretkey() {
    let verdict = probe(|s| s.secretkey = "another-key-0000".to_owned()).await;
    assert_eq!(verdict, Verdict { secretkey: false, ..FINE });
}

#[tokio::test]
async fn probe_of_the_token_tells_a_wrong_token_key() {
    let verdict = probe(|s| s.token_key = "another".to_owned()).await;
    assert_eq!(verdict, Verdict { token_key: false, ..FINE });
}

#[tokio::test]
async fn probe_of_jobs_tells_a_wrong_jobservice_secret() {
    let verdict = probe(|s| s.jobservice_secret = "another".to_owned()).await;
    assert_eq!(verdict, Verdict { jobs: false, ..FINE });
}

#[tokio::test]
async fn probe_of_csrf_tells_a_wrong_csrf_key() {
    let verdict = probe(|s| s.csrf_key = "csrf-key-with-32-characters-0002".to_owned()).await;
    assert_eq!(verdict, Verdict { csrf: false, ..FINE });
}

#[tokio::test]
async fn probe_of_sessions_tells_another_session_store() {
    assert_eq!(probe(|s| s.own_sessions = true).await, Verdict { session: false, ..FINE });
}

#[tokio::test]
async fn probe_of_storage_tells_another_storage() {
    let verdict = probe(|s| s.own_storage = true).await;
    // Jobs that run on the other node find no image to copy: more than one probe tells this one.
    assert_eq!(verdict, Verdict { storage: false, jobs: verdict.jobs, ..FINE });
}

#[tokio::test]
async fn probe_of_the_database_tells_another_database() {
    let mut config = SimConfig::shared(2, "2.15.2");
    config.nodes[1].secrets.own_database = true;
    let sim = Sim::start(config).await.unwrap();
    let (_, robot) = Client::admin(&sim.node(0)).robot("probe", &[], &["repository:pull"]).await;
    assert!(!database(&robot, &sim.node(1)).await);
}

#[tokio::test]
async fn core_secret_is_visible_in_no_probe() {
    assert_eq!(probe(|s| s.core_secret = "another".to_owned()).await, FINE);
}

#[tokio::test]
async fn pools_of_a_shared_queue_are_the_same_through_each_node() {
    let sim = Sim::start(SimConfig::shared(2, "2.15.2")).await.unwrap();
    let ids = async |node: &NodeHandle| -> Vec<String> {
        let list = Client::admin(node).get("/jobservice/pools").await.json();
        list.as_array().unwrap().iter().map(|p| p["worker_pool_id"].as_str().unwrap().to_owned()).collect()
    };
    let (one, two) = (ids(&sim.node(0)).await, ids(&sim.node(1)).await);
    assert_eq!((one.len(), &one), (2, &two));
}

#[tokio::test]
async fn six_of_twelve_runs_fail_while_preparing_with_a_wrong_secretkey() {
    let mut config = SimConfig::shared(2, "2.15.2");
    config.nodes[1].secrets.secretkey = "another-key-0000".to_owned();
    let sim = Sim::start(config).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    sim.node(0).push_image("probe/image", "v1", "x");
    let (_, robot) = admin.robot("probe", &[], &["repository:pull", "repository:push"]).await;
    let (user, secret) = robot.user.unwrap();
    let endpoint = admin.endpoint_as("self", &sim.node(0), &user, &secret).await;
    let rule = admin.rule("probe", endpoint, "manual", json!({})).await;
    let starts = [admin.clone(), Client::admin(&sim.node(1))];
    for turn in 0..12 {
        starts[turn % 2].post("/replication/executions", json!({"policy_id": rule})).await;
    }
    wait_for(|| sim.node(0).is_quiet()).await;
    let failed: Vec<_> = sim.node(0).executions().into_iter().filter(|e| e.3 == "Failed").collect();
    assert_eq!(failed.len(), 6);
    assert!(failed.iter().all(|e| e.5 == 0 && e.4.contains("401")), "{failed:?}");
}

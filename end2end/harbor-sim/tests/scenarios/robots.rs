//! Robots: least rights, the fence, new secrets, what older versions do.

use harbor_sim::{Sim, SimConfig};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Client, until};

const LINK: [&str; 10] = [
    "repository:pull",
    "repository:push",
    "repository:list",
    "repository:read",
    "artifact:read",
    "artifact:list",
    "artifact:create",
    "tag:create",
    "tag:list",
    "project:read",
];

#[tokio::test]
async fn robot_of_a_link_copies_makes_projects_and_is_named_in_the_audit_log() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let (a, b) = (Client::admin(&sim.node(0)), Client::admin(&sim.node(1)));
    let (_, robot) = b.robot("link-a", &["project:create", "project:list"], &LINK).await;
    let (user, secret) = robot.user.unwrap();
    let endpoint = a.endpoint_as("b", &sim.node(1), &user, &secret).await;
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    sim.node(0).push_image("shop/cart", "v1", "one");
    assert_eq!(a.run(rule).await["status"], "Succeed");
    let rows = sim.node(1).audit();
    let made: Vec<_> = rows.iter().filter(|r| r.username == "robot$link-a").collect();
    let kinds: Vec<_> = made.iter().map(|r| (r.operation.as_str(), r.resource_type.as_str())).collect();
    assert_eq!(kinds, [("create", "project"), ("create", "artifact")]);
}

#[tokio::test]
async fn disabled_robot_fences_the_peer_off_until_it_is_enabled() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let (a, b) = (Client::admin(&sim.node(0)), Client::admin(&sim.node(1)));
    let (id, robot) = b.robot("link-a", &["project:create"], &LINK).await;
    let (user, secret) = robot.user.unwrap();
    let endpoint = a.endpoint_as("b", &sim.node(1), &user, &secret).await;
    let rule = a.rule("push", endpoint, "manual", json!({})).await;
    sim.node(0).push_image("shop/cart", "v1", "one");
    let mut whole = b.get(&format!("/robots/{id}")).await.json();
    whole["disable"] = json!(true);
    assert_eq!(b.put(&format!("/robots/{id}"), whole.clone()).await.status, 200);
    let run = a.run(rule).await;
    assert_eq!((run["status"].as_str(), run["total"].as_i64()), (Some("Failed"), Some(0)));
    assert!(run["status_text"].as_str().unwrap().contains("401"), "{run}");
    assert!(sim.node(1).tag_digest("shop/cart", "v1").is_none(), "nothing was written");
    whole["disable"] = json!(false);
    assert_eq!(b.put(&format!("/robots/{id}"), whole).await.status, 200);
    assert_eq!(a.run(rule).await["status"], "Succeed");
}

#[tokio::test]
async fn patch_makes_a_new_secret_whatever_the_body_says() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    let (id, robot) = admin.robot("r", &["system-volumes:read"], &[]).await;
    assert_eq!(robot.get("/systeminfo/volumes").await.status, 200);
    let body = Some(json!({"disable": true}));
    let got = admin.raw(Method::PATCH, &format!("/api/v2.0/robots/{id}"), body, &[]).await;
    let secret = got.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(robot.get("/systeminfo/volumes").await.status, 401, "the old secret is over");
    let name = robot.user.unwrap().0;
    let renewed = Client { user: Some((name, secret)), ..admin.clone() };
    assert_eq!(renewed.get("/systeminfo/volumes").await.status, 200);
    assert_eq!(
        admin.get(&format!("/robots/{id}")).await.json()["disable"],
        false,
        "the flag was not touched"
    );
}

#[tokio::test]
async fn robot_without_rights_gets_empty_lists_and_412() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    sim.node(0).push_image("shop/cart", "v1", "one");
    let (_, robot) = admin.robot("r", &["system-volumes:read"], &[]).await;
    let current = robot.get("/users/current").await;
    assert_eq!(current.status, 412);
    assert_eq!(current.message(), "get current user not available for security context: robot");
    let audit = robot.get("/auditlog-exts").await;
    assert_eq!((audit.status, audit.json()), (200, json!([])));
    assert_eq!(robot.get("/projects").await.json().as_array().unwrap().len(), 1, "only the public one");
    assert_eq!(robot.get("/projects/shop").await.status, 403);
    let policies = robot.get("/replication/policies").await;
    assert_eq!((policies.status, policies.message().as_str()), (403, "robot$r"));
    let (_, compare) = admin.robot("compare", &[], &["repository:list", "artifact:list"]).await;
    assert_eq!(compare.get("/projects").await.json().as_array().unwrap().len(), 2);
    assert_eq!(compare.get("/projects/shop/artifacts").await.status, 200);
}

#[tokio::test]
async fn robot_creates_projects_unless_only_admins_may() {
    let sim = Sim::start(SimConfig::independent(1, "2.15.2")).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    let (_, plain) = admin.robot("plain", &["system-volumes:read"], &[]).await;
    let (_, maker) = admin.robot("maker", &["project:create"], &[]).await;
    assert_eq!(plain.post("/projects", json!({"project_name": "p1"})).await.status, 201);
    admin.put("/configurations", json!({"project_creation_restriction": "adminonly"})).await;
    let refused = plain.post("/projects", json!({"project_name": "p2"})).await;
    assert_eq!((refused.status, refused.message().as_str()), (403, "Only system admin can create project"));
    assert_eq!(maker.post("/projects", json!({"project_name": "p3"})).await.status, 201);
}

#[tokio::test]
async fn endpoint_account_with_push_alone_copies_but_does_not_delete() {
    let sim = Sim::start(SimConfig::independent(2, "2.15.2")).await.unwrap();
    let (a, b) = (Client::admin(&sim.node(0)), Client::admin(&sim.node(1)));
    let (_, robot) = b.robot("tpush", &[], &["repository:push", "repository:pull"]).await;
    let (user, secret) = robot.user.unwrap();
    let endpoint = a.endpoint_as("b", &sim.node(1), &user, &secret).await;
    a.rule("push", endpoint, "event_based", json!({"deletion": true})).await;
    let node = sim.node(0);
    node.push_image("shop/cart", "v1", "one");
    until(async || sim.node(1).tag_digest("shop/cart", "v1")).await;
    node.delete_tag("shop/cart", "v1");
    let task = until(async || {
        let run = node.executions().into_iter().nth(1).filter(|e| e.3 == "Failed")?;
        let list = a.get(&format!("/replication/executions/{}/tasks", run.0)).await.json();
        Some(list[0].clone())
    })
    .await;
    assert_eq!((task["operation"].as_str(), task["status"].as_str()), (Some("tag deletion"), Some("Failed")));
    assert!(sim.node(1).tag_digest("shop/cart", "v1").is_some());
    let pull = json!({
        "name": "pull", "enabled": true, "src_registry": {"id": endpoint}, "trigger": {"type": "manual"},
    });
    let rule = a.post("/replication/policies", pull).await.id();
    let run = a.run(rule).await;
    assert_eq!(
        (run["status"].as_str(), run["total"].as_i64()),
        (Some("Failed"), Some(0)),
        "a pull needs more"
    );
    assert!(run["status_text"].as_str().unwrap().contains("code 403"), "{run}");
}

#[tokio::test]
async fn old_version_takes_any_right_and_refuses_mixed_robots_inside_projects() {
    let sim = Sim::start(SimConfig::independent(1, "2.8.6")).await.unwrap();
    let admin = Client::admin(&sim.node(0));
    sim.node(0).push_image("shop/cart", "v1", "one");
    assert_eq!(admin.get("/permissions").await.status, 404);
    admin.robot("nonsense", &["bogus:read"], &[]).await;
    let rights = ["repository:list", "artifact:list"];
    let (_, mixed) = admin.robot("mixed", &["registry:list"], &rights).await;
    let (_, pure) = admin.robot("pure", &[], &rights).await;
    assert_eq!(mixed.get("/registries").await.status, 200);
    assert_eq!(mixed.get("/projects/shop/repositories").await.status, 403);
    assert_eq!(pure.get("/projects/shop/repositories").await.status, 200);
}

#[tokio::test]
async fn rights_a_robot_may_get_grow_with_the_version() {
    for (version, system) in [("2.10.3", 53), ("2.12.4", 70), ("2.15.2", 70)] {
        let sim = Sim::start(SimConfig::independent(1, version)).await.unwrap();
        let rights: Value = Client::admin(&sim.node(0)).get("/permissions").await.json();
        assert_eq!(rights["system"].as_array().unwrap().len(), system, "{version}");
    }
}

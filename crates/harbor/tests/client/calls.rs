//! Calls as they go out, and answers as they are read.

use harbor::{
    Credential, List, Q,
    api::{
        artifacts::With,
        executions::ExecutionFilter,
        identity::Who,
        jobs::QueueAction,
        policies::{NewPolicy, Trigger},
        projects::NewProject,
        registries::{NewRegistry, RegistryTrial},
        robots::{NewRobot, Permission, Robot},
    },
    inventory::{INVENTORY, find},
    oci::image::TinyImage,
};

use crate::server::{Reply, Request, Server, admin, signed_in};

/// One node that knows an answer to everything.
fn anything(request: &Request) -> Reply {
    let path = request.path_only();
    let location = |to: &str| Reply::With(201, vec![("location".to_owned(), to.to_owned())], String::new());
    match (request.method.as_str(), path) {
        (_, "/api/version") => Reply::ok(r#"{"version":"v2.0"}"#),
        (_, "/api/systeminfo") => Reply::ok(r#"{"harbor_version":"v1.9.0"}"#),
        (_, "/api/v2.0/systeminfo") => Reply::With(
            200,
            vec![
                ("set-cookie".to_owned(), "sid=s1; Path=/; HttpOnly".to_owned()),
                ("set-cookie".to_owned(), "_gorilla_csrf=g1; Path=/".to_owned()),
                ("x-harbor-csrf-token".to_owned(), "t1".to_owned()),
            ],
            r#"{"harbor_version":"v2.15.2-x","current_time":"2026-11-23T08:11:20.758Z"}"#.to_owned(),
        ),
        (_, "/api/v2.0/ping") => Reply::ok("Pong"),
        (_, "/c/login") => {
            Reply::With(200, vec![("set-cookie".to_owned(), "sid=s2; Path=/".to_owned())], String::new())
        }
        (_, "/service/token") => {
            Reply::ok(r#"{"token":"abc","expires_in":1800,"issued_at":"2026-11-23T09:02:34Z"}"#)
        }
        (_, "/v2/") => Reply::With(
            401,
            vec![(
                "www-authenticate".to_owned(),
                r#"Bearer realm="https://h/service/token",service="harbor-registry""#.to_owned(),
            )],
            "{}".to_owned(),
        ),
        ("POST", "/api/v2.0/robots") => {
            Reply::Json(201, r#"{"id":4,"name":"robot$x","secret":"Abc12345"}"#.to_owned())
        }
        ("PATCH", _) => Reply::ok(r#"{"secret":"Abc12345"}"#),
        ("POST", p) if p.ends_with("/blobs/uploads/") => {
            location("http://wrong.host/v2/p/r/blobs/uploads/u-1?_state=a%2Bb")
        }
        ("HEAD", p) if p.contains("/blobs/") => Reply::Json(404, String::new()),
        ("HEAD", p) if p.contains("/manifests/") => {
            Reply::With(200, vec![("docker-content-digest".to_owned(), "sha256:1".to_owned())], String::new())
        }
        ("POST", _) => location("/api/v2.0/things/42"),
        (_, p) if lists(p) => {
            Reply::With(200, vec![("x-total-count".to_owned(), "0".to_owned())], "null".to_owned())
        }
        (_, p) if p.ends_with("/log") => Reply::ok("2026-11-23T08:48:14Z [INFO] done"),
        _ => Reply::ok("{}"),
    }
}

fn lists(path: &str) -> bool {
    const LISTS: [&str; 19] = [
        "/registries",
        "/policies",
        "/executions",
        "/tasks",
        "/projects",
        "/repositories",
        "/artifacts",
        "/tags",
        "/immutabletagrules",
        "/members",
        "/labels",
        "/audit-logs",
        "/auditlog-exts",
        "/schedules",
        "/queues",
        "/pools",
        "/workers",
        "/quotas",
        "/robots",
    ];
    LISTS.iter().any(|l| path.ends_with(l)) && path.starts_with("/api/")
}

/// Every public call once. A call that is added to the client and not here fails the test below.
async fn call_everything(harbor: &harbor::Harbor) {
    let list = List::new();
    let secret = || secrecy::SecretString::from("Abc12345");
    harbor.identify().await.unwrap();
    harbor.version_of_1x().await.unwrap();
    harbor.ping().await.unwrap();
    harbor.health().await.unwrap();
    harbor.volumes().await.unwrap();
    harbor.configurations().await.unwrap();
    harbor.set_read_only(true).await.unwrap();
    harbor.statistics().await.unwrap();
    harbor.permissions().await.unwrap();
    harbor.rights().await.unwrap();
    let session = harbor.sign_in("admin", &secret()).await.unwrap();
    harbor.session_user(&session).await.unwrap();
    harbor.sign_out(&session).await.unwrap();

    let new = NewRegistry::harbor("n", "https://peer", "robot$x", secret());
    harbor.registries(&list).await.unwrap();
    harbor.registry(1).await.unwrap();
    assert_eq!(harbor.create_registry(&new).await.unwrap(), 42);
    harbor.put_registry(1, &new.as_change()).await.unwrap();
    harbor.delete_registry(1).await.unwrap();
    harbor.ping_registry(&RegistryTrial::from(&new)).await.unwrap();
    harbor.ping_registry_by_id(1).await.unwrap();
    harbor.registry_info(1).await.unwrap();

    let rule = NewPolicy::push("r", 1, Trigger::scheduled("0 0 * * * *"));
    harbor.policies(&list).await.unwrap();
    harbor.policy(1).await.unwrap();
    harbor.create_policy(&rule).await.unwrap();
    harbor.put_policy(1, &rule).await.unwrap();
    harbor.delete_policy(1).await.unwrap();
    harbor.executions(&ExecutionFilter { policy_id: Some(1), ..Default::default() }, &list).await.unwrap();
    harbor.execution(1).await.unwrap();
    harbor.start_execution(1).await.unwrap();
    harbor.stop_execution(1).await.unwrap();
    harbor.tasks(1, &list).await.unwrap();
    harbor.task_log(1, 2).await.unwrap();

    harbor.projects(&list).await.unwrap();
    harbor.project("p").await.unwrap();
    assert!(harbor.project_exists("p").await.unwrap());
    harbor.create_project(&NewProject::new("p", false)).await.unwrap();
    harbor.delete_project("p").await.unwrap();
    harbor.project_metadata("p").await.unwrap();
    harbor.all_repositories(&list).await.unwrap();
    harbor.repositories("p").await.unwrap();
    harbor.delete_repository("p", "a/b").await.unwrap();
    harbor.project_artifacts_at_once("p", With::TAGS, &list).await.unwrap();
    harbor.artifacts("p", "a/b", With::TAGS, &list).await.unwrap();
    harbor.artifact("p", "a/b", "v1").await.unwrap();
    harbor.tags("p", "a/b", "v1").await.unwrap();
    harbor.create_tag("p", "a/b", "v1", "v2").await.unwrap();
    harbor.delete_tag_at("p", "a/b", "sha256:1", "v2").await.unwrap();
    harbor.delete_artifact("p", "r", "sha256:1").await.unwrap();
    harbor.retention(1).await.unwrap();
    harbor.immutable_rules("p").await.unwrap();
    harbor.members("p").await.unwrap();
    harbor.labels(Some(1)).await.unwrap();
    harbor.labels(None).await.unwrap();
    harbor.audit(&"2.8.6".parse().unwrap(), &list).await.unwrap();
    harbor.audit(&"2.15.2".parse().unwrap(), &list).await.unwrap();

    harbor.schedules().await.unwrap();
    harbor.schedules_paused().await.unwrap();
    harbor.queues().await.unwrap();
    harbor.act_on_queue("REPLICATION", QueueAction::Resume).await.unwrap();
    harbor.pools().await.unwrap();
    harbor.workers("all").await.unwrap();
    harbor.quotas().await.unwrap();
    let robot = NewRobot::system("x", "", vec![Permission::system(&["audit-log:list"])]);
    harbor.robots().await.unwrap();
    harbor.robot(4).await.unwrap();
    assert_eq!(harbor.create_robot(&robot).await.unwrap().name, "robot$x");
    harbor.put_robot(&Robot { id: 4, ..Robot::default() }).await.unwrap();
    harbor.refresh_robot(4).await.unwrap();
    harbor.delete_robot(4).await.unwrap();

    harbor.challenge().await.unwrap();
    let oci = harbor.oci("p/r").await.unwrap();
    TinyImage::new("seed").push(&oci, "v1").await.unwrap();
    oci.manifest("v1").await.unwrap();
    oci.manifest_head("v1").await.unwrap();
    oci.delete_manifest("sha256:1").await.unwrap();
    oci.tag_names().await.unwrap();
    let empty = harbor::oci::digest_of(b"{}");
    oci.blob(&empty).await.unwrap();
}

#[tokio::test]
async fn every_call_of_the_inventory_is_made_and_no_other() {
    let server = Server::start(anything).await;
    call_everything(&server.handle(admin())).await;
    let mut made = std::collections::BTreeSet::new();
    for request in server.heard() {
        let call = find(&request.method, request.path_only());
        made.insert(
            call.unwrap_or_else(|| panic!("not in the inventory: {} {}", request.method, request.path)).name,
        );
    }
    let unmade: Vec<_> = INVENTORY.iter().map(|c| c.name).filter(|n| !made.contains(n)).collect();
    assert!(unmade.is_empty(), "in the inventory, but nothing makes them: {unmade:?}");
}

#[tokio::test]
async fn paths_and_bodies_are_as_harbor_wants_them() {
    let server = Server::start(anything).await;
    let harbor = server.handle(admin());
    let q = Q::new().base().between("id", 1, 5000).any_of("repository_id", [1, 2]);
    harbor.project_artifacts("p", With::TAGS, &List::new().page(1, 0).sort("id").filter(q)).await.unwrap();
    harbor.delete_tag_at("p", "a/b", "sha256:1", "v2").await.unwrap();
    harbor.project("123").await.unwrap();
    harbor.create_policy(&NewPolicy::push("r", 5, Trigger::manual())).await.unwrap();
    TinyImage::new("seed").push(&harbor.oci("p/r").await.unwrap(), "v1").await.unwrap();
    let heard = server.heard();
    let path = |part: &str| heard.iter().find(|r| r.path.contains(part)).unwrap();
    assert_eq!(
        path("/projects/p/artifacts").path,
        "/api/v2.0/projects/p/artifacts?with_tag=true&page=1&page_size=0&sort=id&q=base%3D%2A%2Cid%3D%5B1~5000%5D%2Crepository_id%3D%7B1%202%7D"
    );
    assert_eq!(path("/tags/v2").path, "/api/v2.0/projects/p/repositories/a%252Fb/artifacts/sha256:1/tags/v2");
    assert_eq!(path("/projects/123").header("x-is-resource-name"), Some("true"));
    let rule: serde_json::Value = serde_json::from_str(&path("/replication/policies").body).unwrap();
    assert_eq!(rule["dest_registry"]["id"], 5);
    assert_eq!(
        (&rule["override"], &rule["deletion"], &rule["enabled"]),
        (&false.into(), &false.into(), &false.into())
    );
    assert!(rule.get("src_registry").is_none() && rule.get("single_active_replication").is_none());
    // An upload goes on at our address, whatever host its location names, and keeps its state.
    let put = path("/blobs/uploads/u-1");
    assert!(put.path.starts_with("/v2/p/r/blobs/uploads/u-1?_state=a%2Bb&digest=sha256:"), "{}", put.path);
    assert_eq!(put.header("authorization"), Some("Bearer abc"));
}

#[tokio::test]
async fn lists_are_read_to_their_end() {
    let server = Server::start(signed_in(|request| {
        let page: usize =
            request.path.split("page=").nth(1).and_then(|p| p.split('&').next()?.parse().ok()).unwrap();
        let rows = if page < 3 { 100 } else { 7 };
        let body = vec![r#"{"name":"x"}"#; rows].join(",");
        Reply::With(200, vec![("x-total-count".to_owned(), "207".to_owned())], format!("[{body}]"))
    }))
    .await;
    assert_eq!(server.handle(admin()).all_registries().await.unwrap().len(), 207);
}

#[tokio::test]
async fn everything_at_once_falls_back_to_pages_where_zero_is_refused_or_cut() {
    for refuses in [true, false] {
        let server = Server::start(signed_in(move |request| {
            if request.path.contains("page_size=0") && refuses {
                return Reply::Json(422, "{}".to_owned());
            }
            let rows = if request.path.contains("page_size=0") || request.path.contains("page=2&") {
                10
            } else {
                100
            };
            let body = vec![r#"{"id":1}"#; rows].join(",");
            Reply::With(200, vec![("x-total-count".to_owned(), "110".to_owned())], format!("[{body}]"))
        }))
        .await;
        let rows =
            server.handle(admin()).project_artifacts_at_once("p", With::TAGS, &List::new()).await.unwrap();
        assert_eq!(rows.len(), 110);
    }
}

#[tokio::test]
async fn identify_tells_a_robot_from_a_person_and_reads_the_clock() {
    for (status, robot) in [(412, true), (200, false)] {
        let server = Server::start(move |request| match request.path.as_str() {
            "/api/v2.0/users/current" => {
                Reply::Json(status, r#"{"username":"ann","sysadmin_flag":true}"#.to_owned())
            }
            _ => anything(request),
        })
        .await;
        let identity = server.handle(Credential::basic("robot$x", "Abc12345")).identify().await.unwrap();
        let expected = if robot {
            Who::Robot { username: "robot$x".to_owned() }
        } else {
            Who::Person { username: "ann".to_owned(), admin: true }
        };
        assert_eq!(identity.who, expected);
        assert_eq!(identity.version.unwrap().numbers(), "2.15.2");
        assert!(identity.clock_offset_ms.is_some());
    }
}

#[tokio::test]
async fn rights_are_found_by_what_is_refused() {
    let server = Server::start(signed_in(|request| match request.path_only() {
        "/api/v2.0/robots" | "/api/v2.0/configurations" => Reply::Json(403, "{}".to_owned()),
        _ => anything(request),
    }))
    .await;
    let rights = server.handle(admin()).rights().await.unwrap();
    assert!(rights.registries && rights.jobs && !rights.robots && !rights.configurations);
}

#[tokio::test]
async fn names_that_would_leave_their_path_are_not_sent() {
    let server = Server::start(anything).await;
    let harbor = server.handle(admin());
    for name in ["..", "", "a/../../users"] {
        assert_eq!(
            harbor.delete_repository("p", name).await.unwrap_err().code(),
            "harbor.validation",
            "{name}"
        );
    }
    assert!(server.heard().iter().all(|r| r.path == "/api/v2.0/systeminfo"));
}

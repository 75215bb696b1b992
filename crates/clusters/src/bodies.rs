//! What is sent to a Harbor: built in one place, so that the plan lists exactly what the steps send.

use harbor::api::{
    policies::{Filter, NewPolicy, Trigger},
    projects::NewProject,
    registries::NewRegistry,
    robots::{
        CONSOLE_PROJECT, CONSOLE_SETTINGS, CONSOLE_SYSTEM, LINK_PROJECT, LINK_SYSTEM, NewRobot, Permission,
    },
};
use model::{
    HarborVersion, Link,
    plan::PlannedRule,
    scope::Scope,
    spec::{ClusterSpec, NodeSpec},
};
use secrecy::SecretString;

use crate::{names::Names, reach::peer_tls};

/// The end of every description: whose it is, and which run made it. A run takes back only what bears its own id,
/// so that a crash between making a thing and noting it loses nothing, and what was there before is never taken.
pub(crate) fn mark(run: &str) -> String {
    format!("{MARK}{run}")
}

/// How the mark of any run begins: what does not bear it was there before, and is never removed.
pub(crate) const MARK: &str = "made by Breakwater, run ";

/// From 2.12.4 the console robot may look after other robots, so that links can be changed without the
/// administrator (harbor-facts A.2).
const CONSOLE_ROBOTS: [&str; 4] = ["robot:create", "robot:delete", "robot:list", "robot:read"];

/// The robots the console signs in with: one, or on 2.8 two, since a robot with system and project rights together
/// is refused there inside every project. The first is for the system, the last for projects.
pub(crate) fn console_robots(spec: &ClusterSpec, version: &HarborVersion, run: &str) -> Vec<NewRobot> {
    let names = Names::of(&spec.name);
    let (mut system, mut projects) = (CONSOLE_SYSTEM.to_vec(), CONSOLE_PROJECT.to_vec());
    if version.robot_may_manage_people() {
        system.extend(CONSOLE_ROBOTS);
        projects.extend(CONSOLE_SETTINGS);
        // A robot can only make robots that may do no more than itself.
        system.extend(LINK_SYSTEM.iter().filter(|right| !CONSOLE_SYSTEM.contains(right)));
    }
    let description = format!("Daily work in the cluster {}; {}", spec.name, mark(run));
    let robot = |name: &str, permissions| NewRobot::system(name, &description, permissions);
    let (system, projects) = (Permission::system(&system), Permission::project("*", &projects));
    if version.mixed_robot_allowed() {
        vec![robot(&names.console_robot(), vec![system, projects])]
    } else {
        vec![
            robot(&names.console_robot(), vec![system]),
            robot(&names.console_projects_robot(), vec![projects]),
        ]
    }
}

/// The robot on a link's destination. On 2.8 it gets project rights only: rights over the system in the same robot
/// would shut it out of every project, and anyone may make projects there unless that was restricted.
pub(crate) fn link_robot(spec: &ClusterSpec, link: &Link, version: &HarborVersion, run: &str) -> NewRobot {
    let mut permissions = vec![Permission::project("*", &LINK_PROJECT)];
    if version.mixed_robot_allowed() {
        permissions.insert(0, Permission::system(&LINK_SYSTEM));
    }
    let description = format!("What {} sends, in the cluster {}; {}", link.source, spec.name, mark(run));
    NewRobot::system(&Names::of(&spec.name).link_robot(link), &description, permissions)
}

/// How the description of a link's endpoint begins. Its name may be changed, by us or in Harbor's portal; by this it is
/// still known as what a run made for the link.
pub(crate) fn endpoint_mark(spec: &ClusterSpec, link: &Link) -> String {
    format!("{} in the cluster {}; {MARK}", link.destination, spec.name)
}

/// The endpoint of a link among those of its source: the one that was made for it, whatever it is called now, else the
/// one that bears its name. `told` gives name and description.
pub(crate) fn endpoint_of<'a, T>(
    all: &'a [T],
    spec: &ClusterSpec,
    link: &Link,
    told: impl Fn(&T) -> (&str, &str),
) -> Option<&'a T> {
    let (mark, name) = (endpoint_mark(spec, link), Names::of(&spec.name).endpoint(link));
    let marked = |one: &&T| told(one).1.starts_with(&mark);
    let named = |one: &&T| told(one).0 == name;
    all.iter().find(|one| marked(one) && named(one)).or(all.iter().find(marked)).or(all.iter().find(named))
}

/// The endpoint on a link's source.
pub(crate) fn endpoint(
    spec: &ClusterSpec,
    link: &Link,
    destination: &NodeSpec,
    source: &HarborVersion,
    robot: &str,
    secret: SecretString,
    run: &str,
) -> NewRegistry {
    let (insecure, ca_certificate) = peer_tls(&destination.tls, source);
    NewRegistry {
        description: format!("{}{run}", endpoint_mark(spec, link)),
        insecure,
        ca_certificate,
        ..NewRegistry::harbor(
            &Names::of(&spec.name).endpoint(link),
            &destination.address.origin(),
            robot,
            secret,
        )
    }
}

/// A link's rule, disabled.
pub(crate) fn rule(spec: &ClusterSpec, planned: &PlannedRule, endpoint: i64, run: &str) -> NewPolicy {
    let trigger = match &planned.cron {
        Some(cron) => Trigger::scheduled(cron),
        None => Trigger::event_based(),
    };
    let (dest_namespace, dest_namespace_replace_count) = lands(&planned.scope);
    NewPolicy {
        description: format!("To {} in the cluster {}; {}", planned.link.destination, spec.name, mark(run)),
        filters: filters(&planned.scope),
        dest_namespace,
        dest_namespace_replace_count,
        overwrite: planned.r#override,
        deletion: planned.deletion,
        replicate_deletion: planned.deletion,
        speed: planned.speed,
        copy_by_chunk: planned.copy_by_chunk,
        single_active_replication: planned.single_active_replication.then_some(true),
        ..NewPolicy::push(&planned.name, endpoint, trigger)
    }
}

/// A bandwidth as Harbor keeps it: -1 for none.
pub(crate) fn speed(kbps: Option<u32>) -> i32 {
    kbps.and_then(|k| i32::try_from(k).ok()).filter(|k| *k > 0).unwrap_or(-1)
}

/// A scope as Harbor's filters.
pub(crate) fn filters(scope: &Scope) -> Vec<Filter> {
    let names = scope.names.iter().map(|names| Filter::name(names.as_str()));
    let tags = scope.tags.iter().map(|tags| Filter::tag(tags.pattern.as_str()).excluding(tags.excludes));
    let labels = scope.labels.iter().map(|labels| {
        let names = labels.names().iter().map(model::scope::LabelName::as_str);
        Filter::labels(names).excluding(labels.excludes())
    });
    names.chain(tags).chain(labels).collect()
}

/// Where a scope puts what is copied, in Harbor's two fields. Without a namespace the count means nothing.
pub(crate) fn lands(scope: &Scope) -> (String, Option<i32>) {
    match &scope.namespace {
        None => (String::new(), None),
        Some(namespace) => (namespace.path.to_string(), Some(namespace.flattening.number())),
    }
}

/// The repository inside a proof's or probe's project.
pub(crate) const PROOF_REPOSITORY: &str = "image";
/// The tag of the image in it.
pub(crate) const PROOF_TAG: &str = "crossing";

/// The temporary project of a proof or probe.
pub(crate) fn proof_project(name: &str, public: bool) -> NewProject {
    NewProject::new(name, public)
}

/// The narrow temporary rule of a proof: nothing but the one tag in the one project.
pub(crate) fn proof_rule(project: &str, endpoint: i64) -> NewPolicy {
    NewPolicy {
        description: "Temporary: proves that an image crosses, then goes".to_owned(),
        filters: vec![Filter::name(&format!("{project}/**")), Filter::tag(PROOF_TAG)],
        overwrite: true,
        enabled: true,
        ..NewPolicy::push(project, endpoint, Trigger::manual())
    }
}

/// The robot of the probes: pull and push in their project.
pub(crate) fn bench_robot(project: &str) -> NewRobot {
    let rights = ["repository:pull", "repository:push", "repository:read", "artifact:read", "project:read"];
    NewRobot::system(
        project,
        "Temporary: probes of a shared storage",
        vec![Permission::project(project, &rights)],
    )
}

/// The endpoint of the probes: the first node itself.
pub(crate) fn bench_endpoint(
    project: &str,
    first: &NodeSpec,
    version: &HarborVersion,
    robot: &str,
    secret: SecretString,
) -> NewRegistry {
    let (insecure, ca_certificate) = peer_tls(&first.tls, version);
    NewRegistry {
        description: "Temporary: probes of a shared storage".to_owned(),
        insecure,
        ca_certificate,
        ..NewRegistry::harbor(project, &first.address.origin(), robot, secret)
    }
}

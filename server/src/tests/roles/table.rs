//! The table. A function or route that is not in it, or no longer there, fails the test.

use crate::tests::console::{ADMINISTRATOR, OPERATOR, VIEWER, Who};

/// An id of nothing.
pub(crate) const ID: &str = "0193a1b2-0000-7000-8000-00000000abcd";

/// A server function: its name, the least that may call it, and arguments it understands. Those that take a form
/// have a form.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) least: Who,
    pub(crate) body: &'static str,
}

const fn function(name: &'static str, least: Who, body: &'static str) -> Function {
    Function { name, least, body }
}

const NOBODY: Who = Who::Nobody;

pub(crate) const FUNCTIONS: &[Function] = &[
    // The doors.
    function("entrance", NOBODY, ""),
    function("claim", NOBODY, "code=x&name=x&password=x&locale=en&public_address="),
    function("sign-in", NOBODY, "name=Somebody&password=wrong+password"),
    function("use-reset-code", NOBODY, "name=Somebody&code=x&password=a+hill+of+beans"),
    function("sign-out", NOBODY, ""),
    function("set-locale", NOBODY, "locale=en"),
    function("set-theme", NOBODY, "theme=day"),
    // What is up, and what happened.
    function("board", VIEWER, "{}"),
    function("cluster-histories", VIEWER, r#"{"range":"24h"}"#),
    function("cluster", VIEWER, r#"{"id":"ID"}"#),
    function("cluster-history", VIEWER, r#"{"id":"ID","range":"24h"}"#),
    function("cluster-latency", VIEWER, r#"{"id":"ID"}"#),
    function("cluster-settings", VIEWER, r#"{"id":"ID"}"#),
    function("cluster-runs", VIEWER, r#"{"id":"ID"}"#),
    function("node", VIEWER, r#"{"cluster":"ID","node":"ID"}"#),
    function("node-history", VIEWER, r#"{"node":"ID","range":"7d"}"#),
    function("node-latency", VIEWER, r#"{"node":"ID"}"#),
    function("activity", VIEWER, r#"{"filter":{},"before":null}"#),
    function("left-by-heal", VIEWER, r#"{"run":"ID"}"#),
    function("kept", VIEWER, r#"{"run":"ID"}"#),
    function("pairs", VIEWER, "{}"),
    function("pair", VIEWER, r#"{"id":"ID"}"#),
    function("projects", VIEWER, r#"{"id":"ID"}"#),
    function("unreplicated", VIEWER, r#"{"id":"ID"}"#),
    function("drift-history", VIEWER, r#"{"id":"ID","span":"7d"}"#),
    function("drifts", VIEWER, r#"{"id":"ID","query":{}}"#),
    function("rules", VIEWER, "{}"),
    function("rules-of", VIEWER, r#"{"id":"ID"}"#),
    function("dry-run", VIEWER, r#"{"id":"ID"}"#),
    function("source-repositories", VIEWER, r#"{"id":"ID"}"#),
    function("endpoints", VIEWER, r#"{"id":"ID"}"#),
    function("links", VIEWER, r#"{"id":"ID"}"#),
    function("executions", VIEWER, r#"{"id":"ID","query":{}}"#),
    function("execution", VIEWER, r#"{"id":"ID","node":"a","execution":1}"#),
    function("tasks", VIEWER, r#"{"id":"ID","node":"a","execution":1,"page":1}"#),
    function("task-log", VIEWER, r#"{"id":"ID","node":"a","execution":1,"task":1}"#),
    function("status-pages", VIEWER, "{}"),
    function("runs", VIEWER, "{}"),
    function("run", VIEWER, r#"{"id":"ID"}"#),
    function("receipt", VIEWER, r#"{"id":"ID"}"#),
    function("open-drafts", VIEWER, "{}"),
    function("drafts", VIEWER, "{}"),
    function("draft", VIEWER, r#"{"id":"ID"}"#),
    function("probe-steps", VIEWER, r#"{"id":"ID"}"#),
    // Changing clusters.
    function("create-draft", OPERATOR, "{}"),
    function("begin-change", OPERATOR, r#"{"cluster":"ID","start":{"begin":"add"}}"#),
    function("save-draft", OPERATOR, r#"{"id":"ID","version":1,"draft":{}}"#),
    function("discard-draft", OPERATOR, r#"{"id":"ID"}"#),
    function("set-secret", OPERATOR, r#"{"id":"ID","node_key":"a","secret":"x"}"#),
    function("test-node", OPERATOR, r#"{"id":"ID","node_key":"a"}"#),
    function("test-entry", OPERATOR, r#"{"id":"ID"}"#),
    function("run-checks", OPERATOR, r#"{"id":"ID","only":null}"#),
    function("run-probes", OPERATOR, r#"{"id":"ID"}"#),
    function(
        "waive",
        OPERATOR,
        r#"{"id":"ID","finding":"x","subject":{"about":"cluster"},"reason":"known"}"#,
    ),
    function("plan", OPERATOR, r#"{"id":"ID"}"#),
    function("apply", OPERATOR, r#"{"id":"ID"}"#),
    function("start-first-copy", OPERATOR, r#"{"id":"ID"}"#),
    function("start-copy-after", OPERATOR, r#"{"run":"ID"}"#),
    function(
        "replace-credential",
        OPERATOR,
        r#"{"cluster":"ID","node":"ID","kind":"admin","username":"x","secret":"x"}"#,
    ),
    function("remove-cluster", OPERATOR, r#"{"id":"ID","take_back":false,"name":"x"}"#),
    function("save-rules", OPERATOR, r#"{"id":"ID","version":1,"wish":{}}"#),
    function("do-rule", OPERATOR, r#"{"id":"ID","deed":{"do":"mend"}}"#),
    function("test-endpoint", OPERATOR, r#"{"id":"ID","node":"a","endpoint":1}"#),
    function("set-mending", OPERATOR, r#"{"id":"ID","mends":true}"#),
    function("compare-pair", OPERATOR, r#"{"id":"ID","whole":true}"#),
    function("stop-comparing", OPERATOR, r#"{"id":"ID"}"#),
    function("accept-drift", OPERATOR, r#"{"id":"ID","accepting":{"rows":[],"why":"x"}}"#),
    function("count-again", OPERATOR, r#"{"id":"ID","rows":[]}"#),
    function("plan-heal", OPERATOR, r#"{"id":"ID","choice":{}}"#),
    function("heal", OPERATOR, r#"{"plan":"ID","deletes":null}"#),
    function("set-heal-policy", OPERATOR, r#"{"id":"ID","policy":"all"}"#),
    function("lift-fence", OPERATOR, r#"{"fence":"ID"}"#),
    function("keep-fence", OPERATOR, r#"{"fence":"ID"}"#),
    function("set-read-only", OPERATOR, r#"{"id":"ID","node":"a","username":"x","secret":"y"}"#),
    function("take-pushes", OPERATOR, r#"{"fence":"ID","username":"x","secret":"y"}"#),
    function("set-heal-settings", OPERATOR, r#"{"id":"ID","settings":{"keep_days":7}}"#),
    function("cancel-run", OPERATOR, r#"{"id":"ID"}"#),
    function("retry-run", OPERATOR, r#"{"id":"ID"}"#),
    function("undo-run", OPERATOR, r#"{"id":"ID"}"#),
    function("give-run-account", OPERATOR, r#"{"id":"ID","node":"a","username":"x","secret":"x"}"#),
    // One's own account.
    function("sessions", VIEWER, "{}"),
    function("revoke-session", VIEWER, r#"{"id":"ID"}"#),
    function("revoke-other-sessions", VIEWER, "{}"),
    function("change-password", VIEWER, r#"{"old":"a hill of beans","new":"a hill of beans"}"#),
    function("tokens", VIEWER, "{}"),
    function("create-token", VIEWER, r#"{"name":"ci","role":"viewer","days":1}"#),
    function("revoke-token", VIEWER, r#"{"id":"ID"}"#),
    // Everybody's.
    function("restore", ADMINISTRATOR, r#"{"kept":"ID"}"#),
    function("edit-page", ADMINISTRATOR, r#"{"id":null}"#),
    function(
        "preview-page",
        ADMINISTRATOR,
        r#"{"settings":{"name":"x","slug":"x","title":"x","clusters":[{"id":"ID","shown_as":"x","nodes":[]}],"zone":"UTC"}}"#,
    ),
    function(
        "make-page",
        ADMINISTRATOR,
        r#"{"settings":{"name":"x","slug":"x","title":"x","clusters":[{"id":"ID","shown_as":"x","nodes":[]}],"zone":"UTC"}}"#,
    ),
    function(
        "save-page",
        ADMINISTRATOR,
        r#"{"id":"ID","version":1,"settings":{"name":"x","slug":"y","title":"x","clusters":[{"id":"ID","shown_as":"x","nodes":[]}],"zone":"UTC"}}"#,
    ),
    function("remove-page", ADMINISTRATOR, r#"{"id":"ID"}"#),
    function("page-links", ADMINISTRATOR, r#"{"id":"ID"}"#),
    function(
        "make-link",
        ADMINISTRATOR,
        r#"{"id":"ID","link":{"name":"x","days":1,"locale":null},"password":""}"#,
    ),
    function("revoke-link", ADMINISTRATOR, r#"{"page":"ID","id":"ID"}"#),
    function("people", ADMINISTRATOR, "{}"),
    function("add-person", ADMINISTRATOR, r#"{"name":"New","role":"viewer"}"#),
    function("reset-password", ADMINISTRATOR, r#"{"id":"ID"}"#),
    function("set-role", ADMINISTRATOR, r#"{"id":"ID","role":"viewer"}"#),
    function("set-disabled", ADMINISTRATOR, r#"{"id":"ID","disabled":true}"#),
    function("remove-person", ADMINISTRATOR, r#"{"id":"ID"}"#),
];

/// A REST call below `/api/v1`.
pub(crate) struct Rest {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) least: Who,
    pub(crate) body: &'static str,
}

const fn rest(method: &'static str, path: &'static str, least: Who, body: &'static str) -> Rest {
    Rest { method, path, least, body }
}

/// Understood, and refused before anybody is asked: a cluster has more than one node.
const SPEC: &str = r#"{"cluster":{"name":"prod","topology":"dual-master","nodes":[
    {"name":"a","address":"http://127.0.0.1:1"}]}}"#;

pub(crate) const REST: &[Rest] = &[
    rest("GET", "/health", VIEWER, ""),
    rest("GET", "/events", VIEWER, ""),
    rest("GET", "/clusters", VIEWER, ""),
    rest("GET", "/clusters/{id}", VIEWER, ""),
    rest("DELETE", "/clusters/{id}", OPERATOR, ""),
    rest("GET", "/clusters/{id}/findings", VIEWER, ""),
    rest("POST", "/clusters/{id}/first-copy", OPERATOR, ""),
    rest(
        "PUT",
        "/clusters/{id}/nodes/{node}/credential",
        OPERATOR,
        r#"{"kind":"admin","username":"x","secret":"x"}"#,
    ),
    rest("POST", "/plans", OPERATOR, SPEC),
    rest("POST", "/runs", OPERATOR, SPEC),
    rest("GET", "/rules", VIEWER, ""),
    rest("GET", "/clusters/{id}/rules", VIEWER, ""),
    rest("PUT", "/clusters/{id}/rules", OPERATOR, r#"{"version":1,"wish":{}}"#),
    rest("POST", "/clusters/{id}/rules", OPERATOR, r#"{"do":"mend"}"#),
    rest("PUT", "/clusters/{id}/rules/mending", OPERATOR, r#"{"mends":true}"#),
    rest("GET", "/clusters/{id}/rules/dry-run", VIEWER, ""),
    rest("GET", "/clusters/{id}/links", VIEWER, ""),
    rest("GET", "/clusters/{id}/endpoints", VIEWER, ""),
    rest("POST", "/clusters/{id}/endpoints/{endpoint}/test", OPERATOR, ""),
    rest("GET", "/clusters/{id}/executions", VIEWER, ""),
    rest("GET", "/clusters/{id}/executions/{execution}/tasks", VIEWER, ""),
    rest("GET", "/clusters/{id}/executions/{execution}/tasks/{task}/log", VIEWER, ""),
    rest("GET", "/pairs", VIEWER, ""),
    rest("GET", "/pairs/{id}", VIEWER, ""),
    rest("GET", "/pairs/{id}/projects", VIEWER, ""),
    rest("GET", "/pairs/{id}/unreplicated", VIEWER, ""),
    rest("GET", "/pairs/{id}/drift", VIEWER, ""),
    rest("GET", "/pairs/{id}/history", VIEWER, ""),
    rest("GET", "/pairs/{id}/drift/export", VIEWER, ""),
    rest("POST", "/pairs/{id}/compare", OPERATOR, ""),
    rest("DELETE", "/pairs/{id}/compare", OPERATOR, ""),
    rest("PUT", "/pairs/{id}/policy", OPERATOR, r#"{"policy":"all"}"#),
    rest("POST", "/pairs/{id}/accept", OPERATOR, r#"{"rows":[],"why":"x"}"#),
    rest("POST", "/pairs/{id}/count-again", OPERATOR, "[]"),
    rest("POST", "/pairs/{id}/heal-plans", OPERATOR, "{}"),
    rest("POST", "/heal-plans/{id}/run", OPERATOR, "{}"),
    rest("PUT", "/pairs/{id}/settings", OPERATOR, r#"{"keep_days":7}"#),
    rest("POST", "/fences/{id}/lift", OPERATOR, r#"{"username":"x","secret":"y"}"#),
    rest(
        "POST",
        "/pairs/{id}/read-only",
        OPERATOR,
        r#"{"node":"a","account":{"username":"x","secret":"y"}}"#,
    ),
    rest("POST", "/fences/{id}/keep", OPERATOR, ""),
    rest("GET", "/runs/{id}/left", VIEWER, ""),
    rest("GET", "/runs/{id}/kept", VIEWER, ""),
    rest("POST", "/kept/{id}/restore", ADMINISTRATOR, ""),
    rest("GET", "/runs/{id}", VIEWER, ""),
    rest("POST", "/runs/{id}/cancel", OPERATOR, ""),
    rest("POST", "/runs/{id}/retry", OPERATOR, ""),
    rest("POST", "/runs/{id}/undo", OPERATOR, ""),
    rest("GET", "/runs/{id}/receipt", VIEWER, ""),
];

/// Pages, as the route table of `app` has them.
pub(crate) const PAGES: &[(&str, Who)] = &[
    ("/sign-in", NOBODY),
    ("/setup", NOBODY),
    ("/", VIEWER),
    ("/clusters", VIEWER),
    ("/clusters/new", VIEWER),
    ("/clusters/new/{draft}/{step}", VIEWER),
    ("/clusters/{cluster}", VIEWER),
    ("/clusters/{cluster}/nodes/{node}", VIEWER),
    ("/drift", VIEWER),
    ("/drift/{pair}", VIEWER),
    ("/drift/{pair}/unreplicated", VIEWER),
    ("/rules", VIEWER),
    ("/rules/{cluster}", VIEWER),
    ("/rules/{cluster}/endpoints", VIEWER),
    ("/rules/{cluster}/executions/{execution}", VIEWER),
    ("/runs", VIEWER),
    ("/runs/{run}", VIEWER),
    ("/pages", VIEWER),
    ("/pages/new", VIEWER),
    ("/pages/{page}", VIEWER),
    ("/activity", VIEWER),
    ("/settings", VIEWER),
    ("/{*rest}", VIEWER),
];

/// Everything else that the router knows, beside server functions and REST.
pub(crate) const PLAIN: &[(&str, Who)] = &[
    ("/live", VIEWER),
    ("/metrics", VIEWER),
    ("/healthz", NOBODY),
    ("/readyz", NOBODY),
    ("/favicon.svg", NOBODY),
    ("/icons.svg", NOBODY),
    ("/fonts", NOBODY),
    ("/pkg", NOBODY),
    ("/status/{slug}", NOBODY),
    ("/status/{slug}/{*piece}", NOBODY),
    ("/share/{secret}", NOBODY),
    ("/share/{secret}/{*piece}", NOBODY),
    ("/api/v1/openapi.json", NOBODY),
    ("/api/{*unknown}", NOBODY),
];

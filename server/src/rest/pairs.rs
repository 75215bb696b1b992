//! Pairs of Harbors: how equal they are, what differs, and healing them.

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use futures::stream;
use http::{HeaderValue, header};
use model::{
    HistorySpan, Locale,
    drift::{DriftHistory, DriftPage, DriftQuery, Kind, PairView, ProjectsView},
    heal::{HealChoice, HealPlan, HealPolicy, HealSettings, KeptView, LeftByHeal},
    ids::{LeftoverId, PairId, PlanId, RunId},
    names::NodeName,
    settings::SettingsView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Answer, answer, id,
    problem::Problem,
    types::{AccountBody, RunStarted},
};
use crate::{
    http::identity::{Administrator, Operator, Viewer},
    router::AppState,
};

/// Which differences are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    kind: Option<Kind>,
    text: String,
    after_repository: String,
    after_thing: String,
}

/// How far back is looked.
#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    #[serde(default = "a_day")]
    span: HistorySpan,
}

fn a_day() -> HistorySpan {
    HistorySpan::Day
}

/// Which differences go into a file, and how.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Export {
    format: String,
    kind: Option<Kind>,
    text: String,
}

/// What is healed by itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyBody {
    policy: HealPolicy,
}

/// Which node takes no pushes, and the administrator who may say so. Has no `Debug`: it holds a secret for the time of
/// one request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadOnlyBody {
    node: NodeName,
    account: AccountBody,
}

/// What was seen in a plan before it begins.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HealBegin {
    /// How many deletions the plan has; needed where it has any.
    pub(crate) deletes: Option<u64>,
}

/// All pairs whose nodes should hold the same.
#[utoipa::path(get, path = "/pairs", operation_id = "list_pairs",
    responses((status = 200, body = Vec<PairView>)))]
pub(crate) async fn list(Viewer(locale): Viewer, State(state): State<AppState>) -> Answer<Vec<PairView>> {
    answer(state.services.clusters.pairs().await, locale)
}

/// One pair: when it was compared, what was alike, and how many differences there are of each kind.
#[utoipa::path(get, path = "/pairs/{id}", operation_id = "get_pair", params(("id" = String, Path)),
    responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn get(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.pair(&id).await, locale)
}

/// How far the projects of a pair are, those that differ most first: what was compared, what both sides have, what is
/// alike.
#[utoipa::path(get, path = "/pairs/{id}/projects", operation_id = "list_pair_projects", params(("id" = String, Path)),
    responses((status = 200, body = ProjectsView), (status = 404, body = Problem)))]
pub(crate) async fn projects(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<ProjectsView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.projects(&id).await, locale)
}

/// What Harbor does not replicate, where the two nodes differ: read from both now.
#[utoipa::path(get, path = "/pairs/{id}/unreplicated", operation_id = "get_unreplicated", params(("id" = String, Path)),
    responses((status = 200, body = SettingsView), (status = 404, body = Problem)))]
pub(crate) async fn unreplicated(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<SettingsView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.pair_settings(&id).await, locale)
}

/// A page of what differs, by repository and thing; the next one begins behind the last row of this one. `text` finds
/// repositories whose name contains it, and tags and digests that begin with it; `repository:tag` finds both together.
#[utoipa::path(get, path = "/pairs/{id}/drift", operation_id = "list_drift",
    params(("id" = String, Path), ("kind" = Option<Kind>, Query), ("text" = Option<String>, Query),
        ("after_repository" = Option<String>, Query), ("after_thing" = Option<String>, Query)),
    responses((status = 200, body = DriftPage), (status = 404, body = Problem)))]
pub(crate) async fn drift(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer<DriftPage> {
    let id = id(&text, PairId::parse, locale)?;
    let after =
        (!wanted.after_repository.is_empty()).then_some((wanted.after_repository, wanted.after_thing));
    let query = DriftQuery { kind: wanted.kind, text: wanted.text, after };
    answer(state.services.clusters.drifts(&id, &query).await, locale)
}

/// How many differences there were over time: in the last 24 hours, or in `7d`, `30d`, `90d`.
#[utoipa::path(get, path = "/pairs/{id}/history", operation_id = "get_drift_history",
    params(("id" = String, Path), ("span" = Option<HistorySpan>, Query)),
    responses((status = 200, body = DriftHistory), (status = 404, body = Problem)))]
pub(crate) async fn history(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(Span { span }): Query<Span>,
) -> Answer<DriftHistory> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.pair_history(&id, span).await, locale)
}

/// All that differs as a file: `csv` for a table, or `json`. `text` finds the same as in the pages.
#[utoipa::path(get, path = "/pairs/{id}/drift/export", operation_id = "export_drift",
    params(("id" = String, Path), ("format" = Option<String>, Query), ("kind" = Option<Kind>, Query), ("text" = Option<String>, Query)),
    responses((status = 200, content_type = "text/csv"), (status = 404, body = Problem)))]
pub(crate) async fn export(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(wanted): Query<Export>,
) -> Result<Response, Problem> {
    let id = id(&text, PairId::parse, locale)?;
    let Json(pair) = answer(state.services.clusters.pair(&id).await, locale)?;
    let csv = wanted.format != "json";
    let names = [pair.a.to_string(), pair.b.to_string()];
    let query = DriftQuery { kind: wanted.kind, text: wanted.text, after: None };
    let begin = Exporting { query: Some(query), first: true, names, csv, locale };
    let clusters = state.services.clusters.clone();
    // Page by page: a million differences are never in memory at once.
    let pages = stream::try_unfold(begin, move |mut at| {
        let (clusters, id) = (clusters.clone(), id.clone());
        async move {
            let Some(query) = at.query.take() else { return Ok(None) };
            let page = clusters.drifts(&id, &query).await.map_err(|e| std::io::Error::other(e.code))?;
            let text = at.write(&page);
            if page.more {
                let after = page.rows.last().map(|row| (row.repository.clone(), row.thing.clone()));
                at.query = Some(DriftQuery { after, ..query });
            }
            Ok::<_, std::io::Error>(Some((text, at)))
        }
    });
    let (kind, ending) = if csv { ("text/csv; charset=utf-8", "csv") } else { ("application/json", "json") };
    let mut response = Body::from_stream(pages).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"drift-{text}.{ending}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// How far writing a file has come.
struct Exporting {
    /// The next page; `None` behind the last one.
    query: Option<DriftQuery>,
    first: bool,
    names: [String; 2],
    csv: bool,
    locale: Locale,
}

impl Exporting {
    /// A page as a part of the file.
    fn write(&mut self, page: &DriftPage) -> String {
        let mut out = String::new();
        let first = std::mem::take(&mut self.first);
        if self.csv {
            if first {
                let [a, b] = &self.names;
                line(
                    &mut out,
                    ["repository", "thing", "kind", a, b, "heals", "what", "why"].map(str::to_owned),
                );
            }
            for row in &page.rows {
                let [a, b] =
                    [0, 1].map(|at| row.held[at].as_ref().map(|h| h.digest.clone()).unwrap_or_default());
                let (what, why) = (row.what.pick(self.locale), row.why.pick(self.locale));
                line(
                    &mut out,
                    [
                        row.repository.clone(),
                        row.thing.clone(),
                        row.kind.as_str().to_owned(),
                        a,
                        b,
                        row.heals.to_string(),
                        what.to_owned(),
                        why.to_owned(),
                    ],
                );
            }
            return out;
        }
        for (n, row) in page.rows.iter().enumerate() {
            out.push_str(if first && n == 0 { "[\n" } else { ",\n" });
            out.push_str(&serde_json::to_string(row).unwrap_or_default());
        }
        if first && page.rows.is_empty() {
            out.push('[');
        }
        if !page.more {
            out.push_str("\n]\n");
        }
        out
    }
}

/// A line of a table by RFC 4180. What a spreadsheet would take for a formula is kept from being one.
fn line<const N: usize>(out: &mut String, cells: [String; N]) {
    for (n, cell) in cells.into_iter().enumerate() {
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let guard = if formula { "'" } else { "" };
        let comma = if n == 0 { "" } else { "," };
        out.push_str(&format!("{comma}\"{guard}{}\"", cell.replace('"', "\"\"")));
    }
    out.push_str("\r\n");
}

/// How much is compared.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct CompareParams {
    /// Everything is read, and not only what has changed.
    #[serde(default)]
    whole: bool,
}

/// Begins to compare a pair now.
#[utoipa::path(post, path = "/pairs/{id}/compare", operation_id = "compare_pair",
    params(("id" = String, Path), CompareParams),
    responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn compare(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Query(params): Query<CompareParams>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.compare_now(&id, params.whole, &actor.shown_name()).await, locale)
}

/// Stops the comparison under way; what was compared until then stays.
#[utoipa::path(delete, path = "/pairs/{id}/compare", operation_id = "stop_comparing", params(("id" = String, Path)),
    responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn stop_comparing(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.stop_comparing(&id, &actor.shown_name()).await, locale)
}

/// Chooses what the pair's cluster heals by itself.
#[utoipa::path(put, path = "/pairs/{id}/policy", operation_id = "set_heal_policy", params(("id" = String, Path)),
    request_body = PolicyBody, responses((status = 200, body = PairView), (status = 404, body = Problem)))]
pub(crate) async fn set_policy(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(body): Json<PolicyBody>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.set_heal_policy(&id, body.policy, &actor.shown_name()).await, locale)
}

/// Chooses how the heals of the pair's cluster work.
#[utoipa::path(put, path = "/pairs/{id}/settings", operation_id = "set_heal_settings", params(("id" = String, Path)),
    request_body = HealSettings,
    responses((status = 200, body = PairView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn set_settings(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(settings): Json<HealSettings>,
) -> Answer<PairView> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.set_heal_settings(&id, settings, &actor.shown_name()).await, locale)
}

/// Plans a heal; nothing is done yet.
#[utoipa::path(post, path = "/pairs/{id}/heal-plans", operation_id = "plan_heal", params(("id" = String, Path)),
    request_body = HealChoice, responses((status = 200, body = HealPlan), (status = 409, body = Problem)))]
pub(crate) async fn plan(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(choice): Json<HealChoice>,
) -> Answer<HealPlan> {
    let id = id(&text, PairId::parse, locale)?;
    answer(state.services.clusters.heal_plan(&id, &choice, &actor.shown_name()).await, locale)
}

/// Carries a plan out; `heal.stale` where other differences were found since it was made.
#[utoipa::path(post, path = "/heal-plans/{id}/run", operation_id = "run_heal", params(("id" = String, Path)),
    request_body = Option<HealBegin>,
    responses((status = 200, body = RunStarted), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn heal(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    begin: Option<Json<HealBegin>>,
) -> Answer<RunStarted> {
    let id = id(&text, PlanId::parse, locale)?;
    let deletes = begin.and_then(|Json(begin)| begin.deletes);
    let run = state.services.clusters.heal(&id, deletes, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

/// Lets go what a failed heal, an absence or a switch-over holds; a pair names them as its `fences`. Read-only mode
/// needs the account of an administrator of that node.
#[utoipa::path(post, path = "/fences/{id}/lift", operation_id = "lift_fence", params(("id" = String, Path)),
    request_body = Option<AccountBody>,
    responses((status = 200, body = RunStarted), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn lift_fence(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    account: Option<Json<AccountBody>>,
) -> Answer<RunStarted> {
    let id = id(&text, LeftoverId::parse, locale)?;
    let account = account.map(|Json(account)| account.into());
    let run = state.services.clusters.lift_fence(&id, account, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

/// Puts a node of the pair into Harbor's read-only mode, for a switch-over to the other; by an administrator's account,
/// which serves this alone.
#[utoipa::path(post, path = "/pairs/{id}/read-only", operation_id = "set_read_only", params(("id" = String, Path)),
    request_body = ReadOnlyBody,
    responses((status = 200, body = RunStarted), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn set_read_only(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
    Json(ReadOnlyBody { node, account }): Json<ReadOnlyBody>,
) -> Answer<RunStarted> {
    let id = id(&text, PairId::parse, locale)?;
    let run = state.services.clusters.set_read_only(&id, &node, account.into(), &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

/// Leaves it held: nobody is asked about it again.
#[utoipa::path(post, path = "/fences/{id}/keep", operation_id = "keep_fence", params(("id" = String, Path)),
    responses((status = 200, body = PairView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn keep_fence(
    Operator(actor, locale): Operator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<PairView> {
    let id = id(&text, LeftoverId::parse, locale)?;
    answer(state.services.clusters.keep_fence(&id, &actor.shown_name()).await, locale)
}

/// What a heal replaced or deleted and keeps for a time.
#[utoipa::path(get, path = "/runs/{id}/kept", operation_id = "list_kept", params(("id" = String, Path)),
    responses((status = 200, body = Vec<KeptView>)))]
pub(crate) async fn kept(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<Vec<KeptView>> {
    let id = id(&text, RunId::parse, locale)?;
    answer(state.services.clusters.kept_by_heal(&id).await, locale)
}

/// What a heal was to carry and did not, where it is still the same: `failed_of` in a plan's choice plans that alone.
/// `null` where nothing is left of it.
#[utoipa::path(get, path = "/runs/{id}/left", operation_id = "left_by_heal", params(("id" = String, Path)),
    responses((status = 200, body = Option<LeftByHeal>), (status = 404, body = Problem)))]
pub(crate) async fn left(
    Viewer(locale): Viewer,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<Option<LeftByHeal>> {
    let id = id(&text, RunId::parse, locale)?;
    answer(state.services.clusters.left_by_heal(&id).await, locale)
}

/// Puts back what is kept: its tag stands for it again, and the other side follows.
#[utoipa::path(post, path = "/kept/{id}/restore", operation_id = "restore_kept", params(("id" = String, Path)),
    responses((status = 200, body = RunStarted), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn restore(
    Administrator(actor, locale): Administrator,
    State(state): State<AppState>,
    Path(text): Path<String>,
) -> Answer<RunStarted> {
    let id = id(&text, LeftoverId::parse, locale)?;
    let run = state.services.clusters.restore(&id, &actor.shown_name()).await;
    answer(run.map(|run| RunStarted { run }), locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_keeps_quotes_and_disarms_formulas() {
        let mut out = String::new();
        line(&mut out, ["a \"b\", c", "=1+1", "@sha256:0"].map(str::to_owned));
        assert_eq!(out, "\"a \"\"b\"\", c\",\"'=1+1\",\"'@sha256:0\"\r\n");
    }

    #[test]
    fn json_is_a_list_also_of_nothing_and_over_pages() {
        let mut at = Exporting {
            query: None,
            first: true,
            names: ["a".into(), "b".into()],
            csv: false,
            locale: Locale::En,
        };
        let empty = at.write(&DriftPage::default());
        assert_eq!(serde_json::from_str::<Vec<u8>>(&empty).unwrap(), Vec::<u8>::new());
    }
}

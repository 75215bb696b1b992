//! Every route, once. Pages and server functions come from `app`; the rest is listed here.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use app::api::{Caller, Services};
use axum::{
    Router,
    extract::{FromRef, Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use http::{HeaderValue, Method, header};
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
};
use leptos_axum::{LeptosRoutes, ResponseOptions, handle_server_fns_with_context};
use store::Store;
use tower_http::{
    catch_panic::CatchPanicLayer, csrf::CsrfLayer, limit::RequestBodyLimitLayer, services::ServeDir,
    trace::TraceLayer,
};

use crate::{
    config::Config,
    http::{headers, identity, refuse},
    live, pages,
    probes::{self, Readiness},
    rest, telemetry,
};

/// Largest body of a request, bytes: a certificate chain pasted into a form fits a hundred times.
const BODY_LIMIT: usize = 1 << 20;

/// What handlers work with. Every layer and handler of a request clones it, which therefore counts one thing only.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Held>);

/// What they find in it.
pub(crate) struct Held {
    pub(crate) services: Services,
    pub(crate) store: Store,
    pub(crate) config: Arc<Config>,
    pub(crate) leptos: LeptosOptions,
    pub(crate) readiness: Readiness,
}

impl From<Held> for AppState {
    fn from(held: Held) -> Self {
        Self(Arc::new(held))
    }
}

impl Deref for AppState {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// The whole console.
pub(crate) fn router(state: AppState) -> Router {
    let site = PathBuf::from(&*state.leptos.site_root);
    let files = |folder: &str| ServeDir::new(site.join(folder)).precompressed_br().precompressed_gzip();
    let context = {
        let state = state.clone();
        move || {
            // Every request has one; without it nobody is signed in.
            let identity = use_context::<http::request::Parts>()
                .and_then(|parts| parts.extensions.get::<identity::Identity>().cloned());
            provide_context(state.services.clone());
            provide_context(Caller {
                address: identity.as_ref().map(|i| i.address.to_string()).unwrap_or_default(),
                actor: identity.and_then(|i| i.actor),
                secure: state.services.access.is_https(),
            });
            if let (Some(nonce), Some(response)) =
                (leptos::nonce::use_nonce(), use_context::<ResponseOptions>())
                && let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce))
            {
                response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
                response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
        }
    };
    let shell = {
        let options = state.leptos.clone();
        move || app::shell(options.clone())
    };
    let functions = {
        let context = context.clone();
        move |request: Request| handle_server_fns_with_context(context.clone(), request)
    };
    let recognised = Router::new()
        .route(&format!("{}/{{*function}}", app::api::PREFIX), post(functions))
        .route("/live", get(live::events))
        .route("/metrics", get(probes::metrics))
        .nest("/api/v1", rest::routes())
        .merge(pages::routes())
        .leptos_routes_with_context(&state, app::routes::all(), context, shell)
        .layer(from_fn_with_state(state.clone(), identity::recognise))
        .layer(CsrfLayer::new());
    Router::new()
        .merge(recognised)
        .nest_service("/fonts", files("fonts"))
        .nest_service(
            "/pkg",
            tower::ServiceBuilder::new().layer(from_fn(headers::immutable)).service(files("pkg")),
        )
        .route("/favicon.svg", get(asset))
        .route("/icons.svg", get(asset))
        .route("/api/v1/openapi.json", get(rest::openapi))
        .route("/healthz", get(probes::alive))
        .route("/readyz", get(probes::ready))
        // Else a page would answer a program that misspelt a path, or takes this console for a Harbor.
        .route("/api/{*unknown}", any(async || http::StatusCode::NOT_FOUND))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(state.clone(), refuse::worded))
        .layer(from_fn(headers::secure))
        .layer(TraceLayer::new_for_http().make_span_with(telemetry::span))
        .with_state(state)
}

/// One of the few files that stand at the root.
async fn asset(State(state): State<AppState>, request: Request) -> Response {
    debug_assert_eq!(request.method(), Method::GET);
    match ServeDir::new(&*state.leptos.site_root).try_call(request).await {
        Ok(response) => response.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of the site cannot be read");
            http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

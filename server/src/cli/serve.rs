//! `serve`: opens everything, listens, and stops in order.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use app::api::Services;
use axum::serve::ListenerExt;
use clap::ArgMatches;
use leptos::config::{Env, LeptosOptions};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Outcome, say};
use crate::{
    probes::Readiness,
    router::{AppState, Held, router},
    start, telemetry,
};

/// Longest wait for open requests when the console stops.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the console until SIGTERM or SIGINT.
///
/// # Errors
/// The configuration, the database, the port, or a site folder that was not built.
pub(crate) async fn serve(matches: &ArgMatches) -> Outcome {
    let config = start::config(matches)?;
    telemetry::log(&config)?;
    let leptos = site(&config.site)?;
    let open = start::open(&config).await?;
    let code = open.services.access.setup_code().await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = shown_address(listener.local_addr()?);
    // Else an event waits until the one before it was acknowledged, which clients put off for 40 ms.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps collecting what it sends");
        }
    });
    let stop = CancellationToken::new();
    let state = AppState::from(Held {
        services: open.services.clone(),
        store: open.store.clone(),
        config: Arc::new(config),
        leptos,
        readiness: Readiness::default(),
    });
    say(format_args!("address: {address}"));
    if let Some(code) = code {
        say(format_args!("set-up code: {}", code.expose_secret()));
    }
    let upkeep = tokio::spawn(start::upkeep(open.clone(), stop.clone()));
    tokio::spawn(stop_on_signal(stop.clone()));
    let app = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let (graceful, hard) = (stop.clone(), stop.clone());
    let Services { watch, pages, .. } = open.services.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        graceful.cancelled().await;
        // Ends the event streams, which would otherwise hold the shutdown up for ever.
        tokio::join!(watch.shutdown(), pages.shutdown());
    });
    tokio::select! {
        served = server => served?,
        () = async { hard.cancelled().await; tokio::time::sleep(GRACE).await } => tracing::warn!("stopped with requests still open"),
    }
    stop.cancel();
    upkeep.await.context("the upkeep failed")?;
    open.close().await;
    Ok(())
}

/// What Leptos must know to name the files that `build-site` wrote.
pub(crate) fn site(folder: &Path) -> anyhow::Result<LeptosOptions> {
    let root = folder.canonicalize().with_context(|| {
        format!("the site folder {} is not there; `make run` builds it", folder.display())
    })?;
    let hashes = root.join("pkg/hash.txt");
    anyhow::ensure!(
        hashes.is_file(),
        "the site folder {} is not complete; `make run` builds it",
        root.display()
    );
    Ok(LeptosOptions::builder()
        .output_name("breakwater")
        .site_root(root.to_string_lossy().as_ref())
        .site_pkg_dir("pkg")
        .hash_file(Arc::from(hashes.to_string_lossy().as_ref()))
        .hash_files(true)
        .env(Env::PROD)
        .build())
}

/// An address a person can open: a wildcard listens everywhere, and this machine is somewhere.
fn shown_address(at: SocketAddr) -> String {
    if at.ip().is_unspecified() { format!("http://localhost:{}", at.port()) } else { format!("http://{at}") }
}

async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
    tracing::info!("stopping");
    stop.cancel();
}

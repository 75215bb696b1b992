//! The control port of the binary: everything [`crate::NodeHandle`] can do, over HTTP.
//!
//! | call | does |
//! |---|---|
//! | `GET /nodes` | name, address, version, faults and requests served of each node |
//! | `POST /nodes/{i}/faults/{fault}` | sets a fault: `refuse`, `drop`, `hang`, `slow:<ms>`, `500`, `502`, `html`, `cut-json`, `endless-body`, `clock:<s>`, `certificate:self-signed\|expired\|wrong-host`, `read-only`, `sick:<component>`, `frozen:database\|redis` |
//! | `DELETE /nodes/{i}/faults/{fault}`, `DELETE /nodes/{i}/faults` | takes one or all away |
//! | `POST /nodes/{i}/images?repository=p/r&tag=t` | pushes an image whose layer is the body |
//! | `DELETE /nodes/{i}/images?repository=p/r&tag=t` | deletes the tag |
//! | `POST /nodes/{i}/fill?seed=1&artifacts=1000000&repositories=2000&projects=20&tags=1&prefix=fill` | fills |
//! | `POST /nodes/{i}/diverge?…&count=10` | changes rows of that filling, answers with the list |
//! | `POST /nodes/{i}/restart`, `POST /nodes/{i}/flush` | restart, FLUSHDB of the job service |
//! | `POST /nodes/{i}/queues/{name}/pause\|resume` | a queue of the job service |
//! | `POST /clock/advance?seconds=60`, `GET /clock` | simulated time |

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fault::Fault;
use crate::fill::{Difference, Fill};
use crate::handle::NodeHandle;
use crate::http::Request;
use crate::sim::Sim;

/// Serves the control port until the future is dropped.
pub async fn serve(sim: Arc<Sim>, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let sim = Arc::clone(&sim);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&sim), request));
            // A client that goes away is no failure.
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    sim: Arc<Sim>,
    request: http::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
    let request = Request::new(parts.method, &parts.uri, parts.headers, body);
    let (status, value) = match route(&sim, &request).await {
        Ok(value) => (StatusCode::OK, value),
        Err(text) => (StatusCode::BAD_REQUEST, json!({"error": text})),
    };
    let mut response = Response::new(Full::new(Bytes::from(format!("{value}\n"))));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}

fn show(node: &NodeHandle) -> Value {
    json!({
        "name": node.name(), "url": node.url(), "version": node.version(), "faults": node.faults(),
        "served": node.served(), "quiet": node.is_quiet(),
    })
}

async fn route(sim: &Sim, request: &Request) -> Result<Value, String> {
    let path: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let method = request.method.as_str();
    match (method, path.as_slice()) {
        ("GET", ["nodes"]) => Ok(sim.nodes().iter().map(show).collect()),
        ("GET", ["clock"]) => Ok(json!({"now": crate::clock::rfc3339(sim.clock().now())})),
        ("POST", ["clock", "advance"]) => {
            sim.clock().advance(std::time::Duration::from_secs(number(request, "seconds", 0)? as u64));
            Ok(json!({"now": crate::clock::rfc3339(sim.clock().now())}))
        }
        (_, ["nodes", at, rest @ ..]) => {
            let at: usize = at.parse().map_err(|_| format!("{at} is no number of a node"))?;
            let node = sim.nodes().into_iter().nth(at).ok_or_else(|| format!("there is no node {at}"))?;
            on_node(&node, method, rest, request).await
        }
        _ => Err(format!("there is no {method} {}", request.raw_path)),
    }
}

fn number(request: &Request, name: &str, default: usize) -> Result<usize, String> {
    match request.param(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| format!("{name}={text} is no number")),
    }
}

fn fill_of(request: &Request) -> Result<Fill, String> {
    let default = Fill::default();
    Ok(Fill {
        seed: number(request, "seed", 1)? as u64,
        prefix: request.param("prefix").unwrap_or("fill").to_owned(),
        projects: number(request, "projects", default.projects)?,
        repositories: number(request, "repositories", default.repositories)?,
        artifacts: number(request, "artifacts", default.artifacts)?,
        tags_per_artifact: number(request, "tags", default.tags_per_artifact)?,
    })
}

fn show_difference(difference: &Difference) -> Value {
    match difference {
        Difference::Missing { repository, tag, digest } => {
            json!({"kind": "missing", "repository": repository, "tag": tag, "digest": digest})
        }
        Difference::Moved { repository, tag, from, to } => {
            json!({"kind": "moved", "repository": repository, "tag": tag, "from": from, "to": to})
        }
        Difference::Extra { repository, tag, digest } => {
            json!({"kind": "extra", "repository": repository, "tag": tag, "digest": digest})
        }
        Difference::Untagged { repository, tag, digest } => {
            json!({"kind": "untagged", "repository": repository, "tag": tag, "digest": digest})
        }
    }
}

async fn on_node(node: &NodeHandle, method: &str, path: &[&str], request: &Request) -> Result<Value, String> {
    let param =
        |name: &str| request.param(name).map(str::to_owned).ok_or_else(|| format!("{name} is missing"));
    match (method, path) {
        ("GET", []) => {}
        ("POST", ["faults", fault]) => node.fault(parse(fault)?).await,
        ("DELETE", ["faults", fault]) => node.clear(&parse(fault)?).await,
        ("DELETE", ["faults"]) => node.heal().await,
        ("POST", ["images"]) => {
            let digest = node.push_image(&param("repository")?, &param("tag")?, request.body.clone());
            return Ok(json!({"digest": digest}));
        }
        ("DELETE", ["images"]) => {
            let gone = node.delete_tag(&param("repository")?, &param("tag")?);
            return Ok(json!({"deleted": gone}));
        }
        ("POST", ["fill"]) => node.fill(&fill_of(request)?),
        ("POST", ["diverge"]) => {
            let all = node.diverge(&fill_of(request)?, number(request, "count", 10)?);
            return Ok(all.iter().map(show_difference).collect());
        }
        ("POST", ["restart"]) => node.restart(),
        ("POST", ["flush"]) => node.flush_jobs(),
        ("POST", ["queues", name, "pause"]) => node.pause_queue(name, true),
        ("POST", ["queues", name, "resume"]) => node.pause_queue(name, false),
        _ => return Err(format!("there is no {method} {}", request.raw_path)),
    }
    Ok(show(node))
}

fn parse(fault: &str) -> Result<Fault, String> {
    fault.parse().map_err(|e: crate::UnknownFault| e.to_string())
}

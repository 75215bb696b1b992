//! Simulated Harbors from the command line.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use harbor_sim::{NodeConfig, Sim, SimConfig, Timing, TlsMode, control};

/// Starts simulated Harbors on 127.0.0.1 and a control port that breaks them.
#[derive(Parser)]
#[command(name = "harbor-sim")]
struct Options {
    /// How many nodes.
    #[arg(long, default_value_t = 2)]
    nodes: u16,
    /// The version all of them pretend to be.
    #[arg(long, default_value = "2.15.2")]
    version: String,
    /// Port of the first node; the others follow. Free ports when not given.
    #[arg(long)]
    port: Option<u16>,
    /// Port of the control interface.
    #[arg(long)]
    control: Option<u16>,
    /// All nodes on one database, session store, job queue and storage.
    #[arg(long)]
    shared: bool,
    /// A node that differs in a secret or part, as `2:csrf_key`: `secretkey`, `token_key`, `jobservice_secret`,
    /// `csrf_key`, `core_secret`, `database`, `storage`, `sessions` or `jobs`. May be given several times.
    #[arg(long, value_name = "NODE:PART")]
    differ: Vec<String>,
    /// TLS with this certificate: self-signed, expired or wrong-host.
    #[arg(long)]
    tls: Option<String>,
    /// Delays as measured on real Harbors instead of short ones.
    #[arg(long)]
    realistic: bool,
}

fn config(options: &Options) -> Result<SimConfig, String> {
    let tls = match options.tls.as_deref() {
        None => None,
        Some("self-signed") => Some(TlsMode::SelfSigned),
        Some("expired") => Some(TlsMode::Expired),
        Some("wrong-host") => Some(TlsMode::WrongHost),
        Some(other) => return Err(format!("--tls {other}: self-signed, expired or wrong-host")),
    };
    let node = |i: u16| NodeConfig {
        port: options.port.map(|p| p + i),
        shares: (options.shared && i > 0).then_some(0),
        tls,
        ..NodeConfig::new(&format!("node-{}", i + 1), &options.version)
    };
    let mut nodes: Vec<NodeConfig> = (0..options.nodes).map(node).collect();
    for pair in &options.differ {
        let (number, part) =
            pair.split_once(':').ok_or_else(|| format!("--differ {pair}: a number, :, a part"))?;
        let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let node =
            place.and_then(|p| nodes.get_mut(p)).ok_or_else(|| format!("there is no node {number}"))?;
        node.secrets.differ(part)?;
    }
    let timing = if options.realistic { Timing::realistic() } else { Timing::default() };
    Ok(SimConfig { nodes, timing })
}

async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let sim = Arc::new(Sim::start(config(options)?).await?);
    let mut out = std::io::stdout().lock();
    for node in sim.nodes() {
        writeln!(out, "{} {} ({})", node.name(), node.url(), node.version())?;
    }
    if let Some(port) = options.control {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        writeln!(out, "control http://{}", listener.local_addr()?)?;
        tokio::spawn(control::serve(Arc::clone(&sim), listener));
    }
    out.flush()?;
    drop(out);
    tokio::signal::ctrl_c().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "harbor-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

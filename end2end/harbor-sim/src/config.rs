//! What a simulation is made of.

use std::time::Duration;

/// A whole simulation.
#[derive(Clone, Debug, Default)]
pub struct SimConfig {
    /// The nodes, in the order in which [`crate::Sim::node`] numbers them.
    pub nodes: Vec<NodeConfig>,
    /// Delays; the defaults keep tests quick, [`Timing::realistic`] is what real Harbors take.
    pub timing: Timing,
}

impl SimConfig {
    /// `count` independent nodes of one version.
    #[must_use]
    pub fn independent(count: usize, version: &str) -> Self {
        let nodes = (0..count).map(|i| NodeConfig::new(&format!("node-{}", i + 1), version)).collect();
        Self { nodes, timing: Timing::default() }
    }

    /// `count` nodes on one database, session store, job queue and storage, with equal secrets.
    #[must_use]
    pub fn shared(count: usize, version: &str) -> Self {
        let mut config = Self::independent(count, version);
        for node in config.nodes.iter_mut().skip(1) {
            node.shares = Some(0);
        }
        config
    }
}

/// One Harbor.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Only for people: shown in the control port's list.
    pub name: String,
    /// `2.15.2`; a version without a recording behaves like the nearest older one.
    pub version: String,
    /// Ephemeral when not given.
    pub port: Option<u16>,
    /// Password of the user `admin`. A node that shares a database uses the owner's.
    pub admin_password: String,
    /// `external_url`; the node's own address when not given.
    pub external_url: Option<String>,
    /// Index of the node whose database, session store, job queue and storage this one uses.
    pub shares: Option<usize>,
    /// Secrets, and the backends this node has for itself although it `shares`.
    pub secrets: Secrets,
    /// Plain HTTP when not given.
    pub tls: Option<TlsMode>,
}

impl NodeConfig {
    /// A node with defaults.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            port: None,
            admin_password: "Harbor12345".to_owned(),
            external_url: None,
            shares: None,
            secrets: Secrets::default(),
            tls: None,
        }
    }
}

/// What nodes of one cluster must have in common. A wrong value shows only where a real Harbor shows it.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Seals endpoints' passwords in the database; must have 16 characters.
    pub secretkey: String,
    /// Signs the tokens of `/service/token` (`private_key.pem`).
    pub token_key: String,
    /// Shared by core and job service.
    pub jobservice_secret: String,
    /// Seals the CSRF cookie.
    pub csrf_key: String,
    /// Not visible from outside.
    pub core_secret: String,
    /// A database of its own although it shares the rest.
    pub own_database: bool,
    /// A storage of its own although it shares the rest.
    pub own_storage: bool,
    /// A session store of its own although it shares the rest.
    pub own_sessions: bool,
    /// A job queue of its own although it shares the rest.
    pub own_jobs: bool,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            secretkey: "0123456789abcdef".to_owned(),
            token_key: "token-key-1".to_owned(),
            jobservice_secret: "jobservice-1".to_owned(),
            csrf_key: "csrf-key-with-32-characters-0001".to_owned(),
            core_secret: "core-1".to_owned(),
            own_database: false,
            own_storage: false,
            own_sessions: false,
            own_jobs: false,
        }
    }
}

impl Secrets {
    /// Makes one of them another than the default, by its name; a backend becomes the node's own.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn differ(&mut self, part: &str) -> Result<(), String> {
        match part {
            "secretkey" => "fedcba9876543210".clone_into(&mut self.secretkey),
            "token_key" => "token-key-2".clone_into(&mut self.token_key),
            "jobservice_secret" => "jobservice-2".clone_into(&mut self.jobservice_secret),
            "csrf_key" => "csrf-key-with-32-characters-0002".clone_into(&mut self.csrf_key),
            "core_secret" => "core-2".clone_into(&mut self.core_secret),
            "database" => self.own_database = true,
            "storage" => self.own_storage = true,
            "sessions" => self.own_sessions = true,
            "jobs" => self.own_jobs = true,
            _ => return Err(format!("there is no part {part} that nodes have in common")),
        }
        Ok(())
    }
}

/// The certificate a node shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Valid for 127.0.0.1 and localhost, signed by itself: [`crate::NodeHandle::ca_pem`] verifies it.
    SelfSigned,
    /// As above but ended yesterday.
    Expired,
    /// Valid for another host name.
    WrongHost,
}

/// How long things take.
#[derive(Clone, Debug)]
pub struct Timing {
    /// A failed login sleeps this long and locks the name (real: 1.5 s).
    pub login_delay: Duration,
    /// How long an execution's status trails its tasks (real: up to 30 s).
    pub status_lag: Duration,
    /// Pause before a failed job runs again (real: 16–118 s). A job runs three times at most.
    pub job_retry: Duration,
    /// First pause after a failed blob; doubles for four retries (real: 2 s).
    pub blob_retry: Duration,
    /// From a push to the run of its event rules (real: about 2 s).
    pub event_delay: Duration,
    /// Interval of the check that refreshes endpoints' status (real: 5 min).
    pub endpoint_check: Duration,
    /// Limit of a call to a peer that does not answer (real: 30 min; connecting 30 s).
    pub peer_timeout: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            login_delay: Duration::from_millis(1500),
            status_lag: Duration::from_millis(50),
            job_retry: Duration::from_millis(200),
            blob_retry: Duration::from_millis(10),
            event_delay: Duration::from_millis(5),
            endpoint_check: Duration::from_secs(300),
            peer_timeout: Duration::from_secs(1800),
        }
    }
}

impl Timing {
    /// The delays measured on real Harbors.
    #[must_use]
    pub fn realistic() -> Self {
        Self {
            status_lag: Duration::from_secs(15),
            job_retry: Duration::from_secs(45),
            blob_retry: Duration::from_secs(2),
            event_delay: Duration::from_millis(2000),
            ..Self::default()
        }
    }
}

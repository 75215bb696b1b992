//! What the probes of a shared storage stand on: made through the first node, asked for through all.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use harbor::{
    Credential, Harbor, HarborError,
    api::{
        registries::RegistryTrial,
        session::{CsrfVerdict, Session},
    },
    oci::{Token, image::TinyImage},
};
use secrecy::SecretString;

use super::{NodeSurvey, PeerPing, Seen, SeenOf, Survey};
use crate::reach::peer_tls;

/// Jobs per round: with two pools both were hit in every run on real Harbors (probes.md).
const JOBS: usize = 12;
/// Rounds until "not proven".
const ROUNDS: usize = 3;
/// Longest time for one round.
const ROUND_LIMIT: Duration = Duration::from_secs(120);
/// Pause between two looks at the workers, which are busy for a second or less.
const LOOK: Duration = Duration::from_millis(150);

/// What a probe run has made through the first node.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// The project.
    pub project: String,
    /// The repository in it, without the project.
    pub repository: String,
    /// The image's tag.
    pub tag: String,
    /// What the image is made from.
    pub seed: String,
    /// The robot's full name.
    pub robot: String,
    /// Its secret.
    pub secret: SecretString,
    /// The endpoint that points at the first node with that robot.
    pub endpoint: i64,
    /// The rule that copies the project onto itself.
    pub rule: i64,
}

impl Bench {
    fn name(&self) -> String {
        format!("{}/{}", self.project, self.repository)
    }

    fn credential(&self) -> Credential {
        Credential::basic(&self.robot, self.secret.clone())
    }
}

/// What came of the jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JobsSeen {
    /// Worker pools there are.
    pub pools: usize,
    /// Pools that were seen at work.
    pub pools_at_work: usize,
    /// Jobs that succeeded.
    pub succeeded: u32,
    /// Jobs that a job service took and failed.
    pub failed: u32,
    /// Executions that ended before any job was made: another secret's fault.
    pub unprepared: u32,
    /// Jobs that were not over in time.
    pub unfinished: u32,
}

impl NodeSurvey {
    fn as_robot(&self, bench: &Bench) -> Harbor {
        self.reach().projects.with_credential(bench.credential())
    }

    /// Whether this node takes the bench's robot.
    pub(crate) async fn knows_robot(&self, bench: &Bench) -> Seen<bool> {
        match self.as_robot(bench).systeminfo().await {
            Ok(info) => Ok(info.current_time.is_some()),
            Err(HarborError::Unauthorized | HarborError::CredentialRefused) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Pulls the image through this node and compares every byte.
    pub(crate) async fn pull_hashed(&self, bench: &Bench) -> Seen<bool> {
        let oci = self.as_robot(bench).oci(&bench.name()).await?;
        match TinyImage::new(&bench.seed).pull(&oci, &bench.tag).await {
            Ok(()) => Ok(true),
            Err(HarborError::Garbled(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// Signs a person in through this node.
    pub(crate) async fn sign_in(&self) -> Seen<Session> {
        let account = self.reach().account.as_ref().ok_or(HarborError::Unauthorized)?;
        Ok(self.reach().system.sign_in(&account.username, &account.secret).await?)
    }

    /// Ends a session.
    pub(crate) async fn sign_out(&self, session: &Session) -> Seen<()> {
        Ok(self.reach().system.sign_out(session).await?)
    }

    /// Whether this node knows a session.
    pub(crate) async fn session_known(&self, session: &Session) -> Seen<bool> {
        match self.reach().system.session_user(session).await {
            Ok(_) => Ok(true),
            Err(HarborError::Unauthorized) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// A CSRF cookie and token of this node.
    pub(crate) async fn csrf_pair(&self) -> Seen<Session> {
        Ok(self.reach().system.open_session().await?)
    }

    /// Whether this node takes a CSRF pair.
    pub(crate) async fn csrf_taken(&self, pair: &Session) -> Seen<bool> {
        Ok(self.reach().system.judge_csrf(pair).await? == CsrfVerdict::Same)
    }

    /// Has this node ping the first with the robot's secret in the request.
    pub(crate) async fn ping_bench_by_body(&self, first: &Self, bench: &Bench) -> PeerPing {
        let version = match self.basics().await {
            Ok(basics) => basics.version.clone(),
            Err(trouble) => return PeerPing::NotAsked(trouble),
        };
        let (insecure, ca_certificate) = peer_tls(first.place().tls(), &version);
        self.ping_trial(&RegistryTrial {
            kind: "harbor",
            url: first.place().address().origin(),
            credential_type: "basic",
            access_key: bench.robot.clone(),
            access_secret: Some(bench.secret.clone()),
            insecure,
            ca_certificate,
        })
        .await
    }

    /// Has this node ping the stored endpoint, whose secret it must decrypt.
    pub(crate) async fn ping_bench_by_id(&self, bench: &Bench) -> PeerPing {
        self.ping_stored(bench.endpoint).await
    }

    /// A token of this node for the bench's repository.
    pub(crate) async fn token(&self, bench: &Bench) -> Seen<Token> {
        Ok(self.as_robot(bench).token(&bench.name(), "pull").await?)
    }

    /// Whether this node's registry takes a token.
    pub(crate) async fn token_taken(&self, token: &Token) -> Seen<bool> {
        Ok(self.reach().system.anonymous().takes_token(token).await?)
    }
}

impl Survey {
    /// Starts jobs through the nodes in turn until every worker pool was seen at work, or the rounds are over.
    pub(crate) async fn run_jobs(&self, bench: &Bench) -> SeenOf<JobsSeen> {
        let first = &self.nodes()[0];
        let of_first = |error: HarborError| (first.name().clone(), error.into());
        let mut seen = JobsSeen::default();
        let mut at_work = BTreeSet::new();
        for round in 0..ROUNDS {
            let mut open = Vec::new();
            for node in self.nodes().iter().cycle().take(JOBS) {
                let started = node.reach().system.start_execution(bench.rule).await;
                open.push(started.map_err(|e| (node.name().clone(), e.into()))?);
            }
            let until = Instant::now() + ROUND_LIMIT;
            while !open.is_empty() && Instant::now() < until {
                let busy = first.reach().system.workers("all").await.map_err(of_first)?;
                at_work.extend(
                    busy.into_iter()
                        .filter(|w| !w.job_id.is_empty() && w.job_name == "REPLICATION")
                        .map(|w| w.pool_id),
                );
                let mut still = Vec::new();
                for id in open {
                    let run = first.reach().system.execution(id).await.map_err(of_first)?;
                    match (run.is_done() || run.is_final(), run.total) {
                        (false, _) => still.push(id),
                        (true, 0) => seen.unprepared += 1,
                        (true, _) if run.failed > 0 => seen.failed += 1,
                        (true, _) => seen.succeeded += 1,
                    }
                }
                open = still;
                tokio::time::sleep(LOOK).await;
            }
            seen.unfinished += u32::try_from(open.len()).unwrap_or(u32::MAX);
            let pools = first.reach().system.pools().await.map_err(of_first)?;
            seen.pools = pools.len();
            seen.pools_at_work = pools.iter().filter(|p| at_work.contains(&p.worker_pool_id)).count();
            let proven = seen.pools >= self.nodes().len() && seen.pools_at_work == seen.pools;
            if seen.failed > 0 || seen.unfinished > 0 || proven || round + 1 == ROUNDS {
                break;
            }
        }
        Ok(seen)
    }
}

//! A task in the job service: manifest by manifest, blob by blob, with the log Harbor writes.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::end::{End, open};
use super::peer::PeerError;
use super::{Item, Operation, Side, Work};
use crate::clock::{rfc3339, whole_seconds};
use crate::node::Node;
use crate::state::image::{ManifestFacts, digest_of};
use crate::state::repository::is_digest;

/// Bytes of each blob that the speed limit does not slow.
const BURST: usize = 1_024_000;

/// A failed task; the reason is in its log.
#[derive(Debug)]
pub(crate) struct TaskFailed;

/// Writes lines as the job's logger does; they can be read while the task runs.
struct Log {
    node: Arc<Node>,
    task: i64,
}

impl Log {
    fn line(&self, level: &str, at: u32, text: &str) {
        let now = rfc3339(whole_seconds(self.node.now())).replace(".000Z", "Z");
        if let Some(task) = self.node.db().tasks.get_mut(&self.task) {
            // Writing to a String cannot fail.
            let _ = writeln!(
                task.log,
                "{now} [{level}] [/controller/replication/transfer/image/transfer.go:{at}]: {text}"
            );
        }
    }

    fn info(&self, at: u32, text: &str) {
        self.line("INFO", at, text);
    }

    fn error(&self, at: u32, text: &str) {
        self.line("ERROR", at, text);
    }
}

fn described(side: &Side) -> String {
    match side {
        Side::Local => "[type: harbor, URL: http://127.0.0.1:8080, insecure: true]".to_owned(),
        Side::Remote(e) => format!("[type: {}, URL: {}, insecure: {}]", e.kind, e.url, e.insecure),
    }
}

/// One run of a task. `stopped` says whether it was told to stop meanwhile.
pub(crate) async fn run(
    node: &Arc<Node>,
    task: i64,
    work: &Work,
    stopped: impl Fn() -> bool + Send + Sync,
) -> Result<(), TaskFailed> {
    let mut job = Job { log: Log { node: Arc::clone(node), task }, node, work, stopped: &stopped };
    job.run().await
}

struct Job<'a, S> {
    log: Log,
    node: &'a Arc<Node>,
    work: &'a Work,
    stopped: &'a S,
}

impl<S: Fn() -> bool + Send + Sync> Job<'_, S> {
    async fn open(&mut self, side: &Side, role: &str, at: u32) -> Result<End, TaskFailed> {
        match open(self.node, side).await {
            Ok(end) => {
                self.log.info(at, &format!("client for {role} registry {} created", described(side)));
                Ok(end)
            }
            Err(error) => {
                let text = format!("failed to create client for {role} registry: {error}");
                self.log.error(at - 3, &text);
                Err(TaskFailed)
            }
        }
    }

    async fn run(&mut self) -> Result<(), TaskFailed> {
        let work = self.work;
        let source = self.open(&work.source, "source", 140).await?;
        let dest = self.open(&work.dest, "destination", 150).await?;
        let owner_secret = &self.node.jobs.secret;
        let reads_here = matches!(work.source, Side::Local) && work.operation == Operation::Copy;
        if reads_here && *owner_secret != self.node.secrets.jobservice_secret {
            // The job service shows core a secret that is not core's.
            self.log.error(468, "failed to pull the manifest: http status code: 401, body: ");
            return Err(TaskFailed);
        }
        match work.operation {
            Operation::Copy => self.copy_all(&source, &dest).await,
            Operation::Deletion => self.delete_all(&dest).await,
            Operation::TagDeletion => self.delete_tags(&dest).await,
        }
    }

    async fn copy_all(&mut self, source: &End, dest: &End) -> Result<(), TaskFailed> {
        let work = self.work;
        let all: Vec<&str> = work.items.iter().flat_map(references).collect();
        let list = all.join(",");
        let (from, to) = (&work.source_repository, &work.dest_repository);
        let both = format!("{from}:[{list}](source registry) to {to}:[{list}](destination registry)");
        self.log.info(183, &format!("copying {both}..."));
        if work.speed > 0 {
            self.log.info(186, &format!("limit network speed at {} kb/s", work.speed));
        }
        let mut failed = false;
        for reference in all {
            if (self.stopped)() {
                self.log.info(178, "the job is stopped");
                return Err(TaskFailed);
            }
            if let Err(error) = self.copy_one(source, dest, reference).await {
                self.log.error(195, &error.to_string());
                failed = true;
            }
        }
        if failed {
            self.log.error(201, "got error during the whole transfer period, mark the job failure");
            return Err(TaskFailed);
        }
        self.log.info(205, &format!("copy {both} completed"));
        Ok(())
    }

    async fn copy_one(&mut self, source: &End, dest: &End, reference: &str) -> Result<(), PeerError> {
        let work = self.work;
        let from = named(&work.source_repository, reference);
        let to = named(&work.dest_repository, reference);
        self.log.info(211, &format!("copying {from}(source registry) to {to}(destination registry)..."));
        self.log.info(465, &format!("pulling the manifest of artifact {from} ..."));
        let (media_type, bytes) = source.manifest(&work.source_repository, reference).await?;
        self.log.info(471, &format!("the manifest of artifact {from} pulled"));
        let digest = digest_of(&bytes);
        let there = match dest.head(&work.dest_repository, reference).await {
            Ok(there) => there,
            Err(error) => {
                let text = "failed to check the existence of the manifest of artifact";
                self.log.error(479, &format!("{text} {to} on the destination registry: {}", short(&error)));
                return Err(error);
            }
        };
        if there.as_deref() == Some(digest.as_str()) {
            let text = format!("the artifact {to} already exists on the destination registry, skip");
            self.log.info(227, &text);
            return Ok(());
        }
        if there.is_some() && !work.overwrite {
            let text = format!(
                "the same name artifact {to} exists on the destination registry, but the \"override\" is set to false, \
                 skip"
            );
            self.log.line("WARNING", 232, &text);
            return Ok(());
        }
        self.copy_content(source, dest, reference, media_type, bytes).await?;
        self.log.info(254, &format!("copy {from}(source registry) to {to}(destination registry) completed"));
        Ok(())
    }

    /// Blobs or children, then the manifest itself.
    fn copy_content<'b>(
        &'b mut self,
        source: &'b End,
        dest: &'b End,
        reference: &'b str,
        media_type: String,
        bytes: Bytes,
    ) -> Pin<Box<dyn Future<Output = Result<(), PeerError>> + Send + 'b>> {
        Box::pin(async move {
            let work = self.work;
            if let Some(facts) = ManifestFacts::read(&media_type, &bytes) {
                for (child, ..) in &facts.children {
                    let (kind, bytes) = source.manifest(&work.source_repository, child).await?;
                    // Children are put again even when they are there.
                    self.copy_content(source, dest, child, kind, bytes).await?;
                }
                for (blob, size) in &facts.blobs {
                    self.copy_blob(source, dest, blob, *size).await?;
                }
            }
            let to = named(&work.dest_repository, reference);
            self.log.info(494, &format!("pushing the manifest of artifact {to} ..."));
            let put = dest.put_manifest(&work.dest_repository, reference, &media_type, bytes).await;
            if let Err(error) = &put {
                self.log.error(501, &format!("failed to push manifest of artifact {to}: {}", short(error)));
                return put;
            }
            self.log.info(506, &format!("the manifest of artifact {to} pushed"));
            Ok(())
        })
    }

    async fn copy_blob(
        &mut self,
        source: &End,
        dest: &End,
        digest: &str,
        size: u64,
    ) -> Result<(), PeerError> {
        let mut pause = self.node.timing.blob_retry;
        let mut attempt = 1;
        loop {
            self.log.info(290, &format!("copying the blob {digest}(the {attempt}th running)..."));
            match self.try_blob(source, dest, digest, size).await {
                Ok(()) => {
                    self.log.info(292, &format!("copy the blob {digest} completed"));
                    return Ok(());
                }
                Err(error) if attempt >= 5 => return Err(error),
                Err(error) => {
                    self.log.error(
                        396,
                        &format!("failed to pushing the blob {digest}, size {size}: {}", short(&error)),
                    );
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    async fn try_blob(&mut self, source: &End, dest: &End, digest: &str, size: u64) -> Result<(), PeerError> {
        let work = self.work;
        if dest.has_blob(&work.dest_repository, digest).await? {
            let text = format!("the blob {digest} already exists on the destination registry, skip");
            self.log.info(340, &text);
            return Ok(());
        }
        let bytes = source.blob(&work.source_repository, digest).await?;
        if work.speed > 0 {
            let slowed = usize::try_from(size).unwrap_or(0).saturating_sub(BURST);
            let per_second = f64::from(i32::try_from(work.speed).unwrap_or(i32::MAX)) * 128.0;
            tokio::time::sleep(Duration::from_secs_f64(slowed as f64 / per_second)).await;
        }
        dest.put_blob(&work.dest_repository, digest, bytes).await
    }

    /// Each tag is resolved at the destination, and the whole manifest found there goes, whatever it is.
    async fn delete_all(&mut self, dest: &End) -> Result<(), TaskFailed> {
        let repository = self.work.dest_repository.clone();
        for item in &self.work.items {
            for reference in references(item) {
                let shown = named(&repository, reference);
                let result = match dest.head(&repository, reference).await {
                    Ok(None) => {
                        let text =
                            format!("the artifact {shown} doesn't exist on the destination registry, skip");
                        self.log.info(520, &text);
                        continue;
                    }
                    Ok(Some(digest)) => dest.delete(&repository, &digest).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = result {
                    let text = format!(
                        "failed to delete the manifest of artifact {shown} on the destination registry"
                    );
                    self.log.error(528, &format!("{text}: {error}"));
                    return Err(TaskFailed);
                }
                self.log.info(533, &format!("the manifest of artifact {shown} is deleted"));
            }
        }
        Ok(())
    }

    async fn delete_tags(&mut self, dest: &End) -> Result<(), TaskFailed> {
        let repository = self.work.dest_repository.clone();
        for tag in self.work.items.iter().flat_map(|i| &i.tags) {
            if let Err(error) = dest.delete_tag(&repository, tag).await {
                let text = format!(
                    "failed to delete the tag {repository}:{tag} on the destination registry: {error}"
                );
                self.log.error(551, &text);
                return Err(TaskFailed);
            }
            self.log.info(555, &format!("the tag {repository}:{tag} is deleted"));
        }
        Ok(())
    }
}

/// The registry's errors are worded otherwise than the API's.
fn short(error: &PeerError) -> String {
    match error {
        PeerError::Status(status, body) => format!("http status code: {status}, body: {body}"),
        other => other.to_string(),
    }
}

fn references(item: &Item) -> impl Iterator<Item = &str> {
    let digest = item.tags.is_empty().then_some(item.digest.as_str());
    item.tags.iter().map(String::as_str).chain(digest)
}

fn named(repository: &str, reference: &str) -> String {
    let separator = if is_digest(reference) { '@' } else { ':' };
    format!("{repository}{separator}{reference}")
}

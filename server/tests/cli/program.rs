//! Runs the program, and a console that it serves.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// Nothing in these tests takes longer on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const PASSWORD: &str = "a hill of beans";

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    pub(crate) fn badly(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        self.err
    }
}

/// The program without any variable of ours from the surroundings.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakwater"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BREAKWATER_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub(crate) async fn run(command: &mut Command) -> Said {
    let ended = tokio::time::timeout(PATIENCE, command.output());
    let Output { status, stdout, stderr } = ended.await.expect("the command does not end").unwrap();
    Said {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// A folder with what `serve` needs to be there.
pub(crate) fn home() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let pkg = dir.path().join("site/pkg");
    std::fs::create_dir_all(&pkg).unwrap();
    std::fs::write(pkg.join("hash.txt"), "js: abc\nwasm: abc\ncss: abc\n").unwrap();
    dir
}

pub(crate) fn data(home: &TempDir) -> PathBuf {
    home.path().join("data")
}

/// A command at the data of `home`.
pub(crate) fn at(home: &TempDir, words: &[&str]) -> Command {
    let mut command = program();
    command.args(words).arg("--data-dir").arg(data(home));
    command
}

/// A console that runs.
pub(crate) struct Served {
    pub(crate) url: String,
    /// What it printed when it was not claimed.
    pub(crate) code: Option<String>,
    child: Child,
    http: reqwest::Client,
}

impl Served {
    pub(crate) async fn start(home: &TempDir) -> Self {
        Self::start_with(home, &[]).await
    }

    pub(crate) async fn start_with(home: &TempDir, flags: &[&str]) -> Self {
        let mut command =
            at(home, &["serve", "--listen", "127.0.0.1:0", "--poll-seconds", "2", "--log", "warn"]);
        command.arg("--site").arg(home.path().join("site")).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = line(&mut lines, "address: ").await.unwrap();
        // The code stands in the line after the address, if there is one; its file says whether to wait for it.
        let unclaimed = data(home).join("setup-code").exists();
        let code = if unclaimed { line(&mut lines, "set-up code: ").await } else { None };
        Self { url, code, child, http: reqwest::Client::new() }
    }

    /// Claims the console for `Administrator`.
    pub(crate) async fn claim(&self) {
        let code = self.code.clone().unwrap();
        let form = [("code", code.as_str()), ("name", "Administrator"), ("password", PASSWORD)];
        let (status, answer) =
            self.form("claim", &[&form[..], &[("locale", "en"), ("public_address", "")]].concat()).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// A server function that takes a form.
    pub(crate) async fn form(&self, name: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self.http.post(format!("{}/fn/{name}", self.url)).form(form);
        let answer = request.header("accept", "application/json").send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// REST with a token; the status and the answer.
    pub(crate) async fn rest(&self, token: &str, path: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}/api/v1{path}", self.url)).bearer_auth(token);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks it to stop, as a supervisor does; its exit code.
    pub(crate) async fn stop(mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        run(Command::new("kill").args(["-TERM", &id])).await.well();
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it does not stop").unwrap().code()
    }
}

async fn line(lines: &mut Lines<BufReader<ChildStdout>>, begin: &str) -> Option<String> {
    let wait = tokio::time::timeout(PATIENCE, async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(begin) {
                return Some(rest.to_owned());
            }
        }
        None
    });
    wait.await.expect("the console does not start")
}

/// A token of the administrator of a claimed console, made on its machine.
pub(crate) async fn token(home: &TempDir, role: &str) -> String {
    let words = ["token", "create", "Administrator", "test", "--role", role];
    run(&mut at(home, &words)).await.well().trim().to_owned()
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Waits for a condition that comes true by itself.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

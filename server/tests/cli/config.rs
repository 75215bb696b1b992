//! `check-config` and `print-config`.

use crate::program::{program, run};

#[tokio::test]
async fn check_config_names_the_nearest_known_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("breakwater.toml");
    std::fs::write(&file, "trusted_proxy = \"10.0.0.0/8\"\nzzz = 1\n").unwrap();
    let mut command = program();
    command.args(["check-config", "--config"]).arg(&file).env("BREAKWATER_POLL_SECOND", "9");
    let said = run(&mut command).await.badly();
    let file = file.display();
    for line in [
        format!("unknown key `trusted_proxy` (file {file}); did you mean `trusted_proxies`?"),
        format!("unknown key `zzz` (file {file})"),
        "unknown key `poll_second` (variable BREAKWATER_POLL_SECOND); did you mean `poll_seconds`?"
            .to_owned(),
    ] {
        assert!(said.contains(&line), "{line} is not in {said}");
    }
    // An unknown flag is the command line's own error, with its own exit code.
    let said = run(program().args(["check-config", "--poll-second", "9"])).await;
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--poll-seconds"), "{said:?}");
}

#[tokio::test]
async fn check_config_names_every_faulty_value_and_no_secret() {
    let words = ["--listen", "nowhere", "--log-format", "xml", "--trusted-proxies", "10.0.0.0/99"];
    let said = run(program()
        .arg("check-config")
        .args(words)
        .env("BREAKWATER_DATABASE_URL", "postgres://bw:hunter2@db:port/bw"))
    .await
    .badly();
    for key in ["`listen` (flag)", "`log_format` (flag)", "`trusted_proxies` (flag)"] {
        assert!(said.contains(key), "{key} is not in {said}");
    }
    assert!(said.contains("`database_url` (variable BREAKWATER_DATABASE_URL)"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(run(program().arg("check-config")).await.well(), "The configuration is fine.\n");
}

#[tokio::test]
async fn check_config_names_a_file_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("breakwater.toml");
    let check = async || run(program().args(["check-config", "--config"]).arg(&file)).await.badly();
    assert!(check().await.contains("breakwater.toml"));
    std::fs::write(&file, "listen = ").unwrap();
    assert!(check().await.contains("breakwater.toml"));
    std::fs::write(&file, "[listen]\nport = 1\n").unwrap();
    assert!(check().await.contains("`listen` is neither a value nor a list of values"));
}

#[tokio::test]
async fn print_config_shows_each_source_and_hides_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("breakwater.toml");
    let text = "poll_seconds = 9\nlog = \"warn\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\
                outbound_proxy = \"http://proxy:hunter2@proxy.example:3128\"\n";
    std::fs::write(&file, text).unwrap();
    let mut command = program();
    command
        .args(["print-config", "--listen", "127.0.0.1:1"])
        .env("BREAKWATER_CONFIG", &file)
        .env("BREAKWATER_LOG", "debug")
        .env("BREAKWATER_DATABASE_URL", "postgres://bw:hunter2@db/bw");
    let said = run(&mut command).await.well();
    let file = file.display();
    for line in [
        "listen = \"127.0.0.1:1\"  # flag".to_owned(),
        "log = \"debug\"  # variable BREAKWATER_LOG".to_owned(),
        format!("poll_seconds = \"9\"  # file {file}"),
        format!("trusted_proxies = \"10.0.0.0/8,::1\"  # file {file}"),
        format!("outbound_proxy = \"http://proxy:•••@proxy.example:3128/\"  # file {file}"),
        "database_url = \"•••\"  # variable BREAKWATER_DATABASE_URL".to_owned(),
        "log_format = \"text\"  # default".to_owned(),
        "# public_address is not set".to_owned(),
    ] {
        assert!(said.lines().any(|l| l == line), "{line} is not in {said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
}

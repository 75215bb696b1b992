//! Harbor's versions and everything that differs between them, in one place.
//!
//! What each method says was observed on real Harbors 2.8.6, 2.10.3, 2.12.4, 2.13.5, 2.14.4, 2.15.2 and the
//! unreleased 2.16; a boundary that fell between two observed versions is set where the safe way is the same.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Say, say};

/// A Harbor version such as `v2.15.2-1c6a5b8d`; ordered by its numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HarborVersion {
    major: u16,
    minor: u16,
    patch: u16,
    build: String,
}

/// The text was not a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion(String);

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a Harbor version", self.0)
    }
}

impl std::error::Error for NotAVersion {}

/// Whether Breakwater works with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// 2.8 to 2.16: the range that was run.
    Supported,
    /// 1.x: another API, and no replication to or from 2.x.
    TooOldOne,
    /// 2.0 to 2.7: parts of the API that are needed are missing or different.
    TooOldTwo,
    /// Newer than 2.16: probably fine, but nothing here was tested against it.
    Newer,
}

impl Support {
    /// Whether the console may go on with such a node.
    pub fn usable(self) -> bool {
        matches!(self, Self::Supported | Self::Newer)
    }

    /// What the person should do; `None` where there is nothing to do.
    pub fn advice(self) -> Option<Say> {
        match self {
            Self::Supported => None,
            Self::TooOldOne => Some(say!(
                "Harbor 1.x has another API and cannot replicate with 2.x. Upgrade it to 2.8 or later, in the steps that Harbor's upgrade notes name (harbor.yml can be migrated from 1.9 on), then test again.",
                "Harbor 1.x 的 API 不同，也不能与 2.x 互相复制。请按 Harbor 升级说明的步骤升级到 2.8 或更高版本（harbor.yml 从 1.9 起可以迁移），然后重新测试。"
            )),
            Self::TooOldTwo => Some(say!(
                "Harbor 2.0 to 2.7 is too old for Breakwater. Upgrade it to 2.8 or later, in the steps that Harbor's upgrade notes name, then test again.",
                "Harbor 2.0 到 2.7 对 Breakwater 来说太旧。请按 Harbor 升级说明的步骤升级到 2.8 或更高版本，然后重新测试。"
            )),
            Self::Newer => Some(say!(
                "This Harbor is newer than any that Breakwater was tested with (2.16). It is treated like 2.16.",
                "此 Harbor 比 Breakwater 测试过的版本（2.16）更新，将按 2.16 处理。"
            )),
        }
    }
}

/// Where a version writes its audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditSource {
    /// `/audit-logs`, to 2.12.
    AuditLogs,
    /// `/auditlog-exts`, from 2.13; the old path then answers 200 with an empty list.
    AuditLogExts,
}

impl HarborVersion {
    /// A version by its numbers.
    pub fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch, build: String::new() }
    }

    /// The first number.
    pub fn major(&self) -> u16 {
        self.major
    }

    /// The second number; nodes of one cluster should agree on it.
    pub fn minor(&self) -> u16 {
        self.minor
    }

    /// The third number.
    pub fn patch(&self) -> u16 {
        self.patch
    }

    /// What follows the numbers: a commit, `dev`; empty if nothing does.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// The numbers alone: `2.15.2`.
    pub fn numbers(&self) -> String {
        format!("{}.{}.{}", self.major, self.minor, self.patch)
    }

    /// Whether Breakwater works with it.
    pub fn support(&self) -> Support {
        match (self.major, self.minor) {
            (0 | 1, _) => Support::TooOldOne,
            (2, 0..=7) => Support::TooOldTwo,
            (2, 8..=16) => Support::Supported,
            _ => Support::Newer,
        }
    }

    fn at_least(&self, minor: u16, patch: u16) -> bool {
        (self.major, self.minor, self.patch) >= (2, minor, patch)
    }

    /// `/systeminfo` names the version without a login (to 2.12).
    pub fn shown_to_anonymous(&self) -> bool {
        !self.at_least(13, 0)
    }

    /// A cron may use any second, and every minute as `*` (to 2.8).
    pub fn seconds_in_cron(&self) -> bool {
        !self.at_least(9, 0)
    }

    /// `/projects/{p}/artifacts` exists and artifact rows name their repository. 404 on 2.10.3, there on 2.12.4;
    /// where this says no, the repositories are walked one by one, which is right everywhere.
    pub fn has_project_artifact_list(&self) -> bool {
        self.at_least(12, 4)
    }

    /// Where new audit rows are. Must be chosen by version: the wrong path answers 200 and an empty list.
    pub fn audit_source(&self) -> AuditSource {
        if self.at_least(13, 0) { AuditSource::AuditLogExts } else { AuditSource::AuditLogs }
    }

    /// The audit log names sign-ins (from 2.13).
    pub fn audits_sign_ins(&self) -> bool {
        self.at_least(13, 0)
    }

    /// `single_active_replication` is stored (from 2.14); before, it is dropped with 201. With an event trigger
    /// it is a masked 500.
    pub fn single_active_replication(&self) -> bool {
        self.at_least(14, 0)
    }

    /// The token realm is built from the request's `Host` (from 2.14) and not fixed to the external URL.
    pub fn realm_from_host(&self) -> bool {
        self.at_least(14, 0)
    }

    /// `/permissions` exists and a robot's rights are checked against it (from 2.10).
    pub fn has_permission_list(&self) -> bool {
        self.at_least(10, 0)
    }

    /// One robot may hold system and project rights together. On 2.8 such a robot is refused inside every
    /// project: make two.
    pub fn mixed_robot_allowed(&self) -> bool {
        self.at_least(10, 0)
    }

    /// A robot may hold robot, user and `quota:update` rights (seen from 2.12.4).
    pub fn robot_may_manage_people(&self) -> bool {
        self.at_least(12, 4)
    }

    /// A repository's `update_time` also moves with tags and deletions (from 2.15.2).
    pub fn update_time_complete(&self) -> bool {
        self.at_least(15, 2)
    }

    /// An endpoint's `ca_certificate` is stored and checked (from 2.15); before, it is dropped with 201.
    pub fn ca_certificate(&self) -> bool {
        self.at_least(15, 0)
    }

    /// PUT of an endpoint with another URL keeps the stored secret (to 2.15); later it is refused with 400.
    pub fn url_change_keeps_secret(&self) -> bool {
        !self.at_least(16, 0)
    }

    /// A ping by id obeys a `url` beside the id (to 2.15); later the stored one is used in silence.
    pub fn ping_by_id_obeys_url(&self) -> bool {
        !self.at_least(16, 0)
    }

    /// A local user's password costs about 120 ms of processor per request (from 2.15.2, for passwords set
    /// there): poll with a robot.
    pub fn slow_passwords(&self) -> bool {
        self.at_least(15, 2)
    }

    /// The header `X-Harbor-No-Session-Renewal` is understood (2.14.4, 2.15.1 and later).
    pub fn no_session_renewal(&self) -> bool {
        self.at_least(15, 1) || (self.major, self.minor) == (2, 14) && self.patch >= 4
    }
}

impl FromStr for HarborVersion {
    type Err = NotAVersion;

    /// Reads `v2.15.2-1c6a5b8d`, `2.16-dev`, `v2.8.6`; a missing third number is 0.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let refuse = || NotAVersion(text.chars().take(64).collect());
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix(['v', 'V']).unwrap_or(trimmed);
        let (numbers, build) = bare.split_once(['-', '+', ' ']).unwrap_or((bare, ""));
        let mut parts = numbers.split('.');
        let mut number = |needed: bool| match parts.next() {
            Some(p) if p.bytes().all(|b| b.is_ascii_digit()) => p.parse::<u16>().map_err(|_| refuse()),
            None if !needed => Ok(0),
            _ => Err(refuse()),
        };
        let (major, minor, patch) = (number(true)?, number(true)?, number(false)?);
        if parts.next().is_some() || build.len() > 128 {
            return Err(refuse());
        }
        Ok(Self { major, minor, patch, build: build.to_owned() })
    }
}

impl fmt::Display for HarborVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)?;
        if self.build.is_empty() { Ok(()) } else { write!(f, "-{}", self.build) }
    }
}

impl Serialize for HarborVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HarborVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v(text: &str) -> HarborVersion {
        text.parse().unwrap()
    }

    #[test]
    fn parse_reads_the_forms_harbor_and_people_write() {
        assert_eq!(v("v2.15.2-1c6a5b8d").build(), "1c6a5b8d");
        assert_eq!(v("2.16-dev").numbers(), "2.16.0");
        assert_eq!(v(" v2.8.6 ").to_string(), "v2.8.6");
        for bad in ["", "v", "2", "dev", "2.x", "2.15.2.1", "99999999.1", "v-2.1", "2..1"] {
            assert!(bad.parse::<HarborVersion>().is_err(), "{bad}");
        }
    }

    #[test]
    fn order_follows_the_numbers_not_the_text() {
        assert!(v("2.10.3") > v("2.8.6"));
        assert!(v("2.16-dev") > v("v2.15.2-ffff"));
    }

    #[test]
    fn support_names_the_range() {
        assert_eq!(v("1.10.19").support(), Support::TooOldOne);
        assert_eq!(v("2.7.4").support(), Support::TooOldTwo);
        assert_eq!(v("2.8.0").support(), Support::Supported);
        assert_eq!(v("2.16-dev").support(), Support::Supported);
        assert_eq!(v("2.17.0").support(), Support::Newer);
        assert_eq!(v("3.0.0").support(), Support::Newer);
        assert!(Support::TooOldOne.advice().is_some() && !Support::TooOldOne.usable());
    }

    /// One question of the table: its name, the method, and the answers for [`RUN`].
    type Row = (&'static str, fn(&HarborVersion) -> bool, [bool; 7]);

    const RUN: [&str; 7] = ["2.8.6", "2.10.3", "2.12.4", "2.13.5", "2.14.4", "2.15.2", "2.16-dev"];

    #[test]
    fn differences_agree_with_the_versions_that_were_run() {
        const Y: bool = true;
        const N: bool = false;
        let rows: [Row; 13] = [
            ("shown_to_anonymous", HarborVersion::shown_to_anonymous, [Y, Y, Y, N, N, N, N]),
            ("seconds_in_cron", HarborVersion::seconds_in_cron, [Y, N, N, N, N, N, N]),
            ("project_artifact_list", HarborVersion::has_project_artifact_list, [N, N, Y, Y, Y, Y, Y]),
            ("exts", |v| v.audit_source() == AuditSource::AuditLogExts, [N, N, N, Y, Y, Y, Y]),
            ("audits_sign_ins", HarborVersion::audits_sign_ins, [N, N, N, Y, Y, Y, Y]),
            ("single_active", HarborVersion::single_active_replication, [N, N, N, N, Y, Y, Y]),
            ("realm_from_host", HarborVersion::realm_from_host, [N, N, N, N, Y, Y, Y]),
            ("permission_list", HarborVersion::has_permission_list, [N, Y, Y, Y, Y, Y, Y]),
            ("mixed_robot_allowed", HarborVersion::mixed_robot_allowed, [N, Y, Y, Y, Y, Y, Y]),
            ("robot_may_manage_people", HarborVersion::robot_may_manage_people, [N, N, Y, Y, Y, Y, Y]),
            ("ca_certificate", HarborVersion::ca_certificate, [N, N, N, N, N, Y, Y]),
            ("url_change_keeps_secret", HarborVersion::url_change_keeps_secret, [Y, Y, Y, Y, Y, Y, N]),
            ("ping_by_id_obeys_url", HarborVersion::ping_by_id_obeys_url, [Y, Y, Y, Y, Y, Y, N]),
        ];
        for (name, ask, answers) in rows {
            for (version, expected) in RUN.iter().zip(answers) {
                assert_eq!(ask(&v(version)), expected, "{name} on {version}");
            }
        }
        assert!(v("2.15.2").update_time_complete() && !v("2.15.1").update_time_complete());
        assert!(v("2.15.2").slow_passwords() && !v("2.14.4").slow_passwords());
        assert!(v("2.14.4").no_session_renewal() && !v("2.15.0").no_session_renewal());
    }

    proptest! {
        #[test]
        fn display_and_parse_agree(major in 0u16..4, minor in 0u16..30, patch in 0u16..30, build in "[a-z0-9]{0,12}") {
            let text = if build.is_empty() { format!("v{major}.{minor}.{patch}") } else { format!("v{major}.{minor}.{patch}-{build}") };
            let version = v(&text);
            prop_assert_eq!(version.to_string(), text.clone());
            let json = serde_json::to_string(&version).unwrap();
            prop_assert_eq!(serde_json::from_str::<HarborVersion>(&json).unwrap(), version);
        }

        #[test]
        fn parse_never_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<HarborVersion>();
        }
    }
}

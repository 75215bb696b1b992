//! What Harbor never replicates, but matters once the other node has to do: the settings of two sides, side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Say,
    ids::{ClusterId, PairId},
    names::{ClusterName, NodeName},
    say,
};

/// What kind of setting it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// That a project is there: an empty one does not cross.
    Project,
    /// What is set for a project.
    Metadata,
    /// How much a project may hold.
    Quota,
    /// Tags that nobody may move or delete.
    Immutability,
    /// Tags that are kept, and when others go.
    Retention,
    /// Labels, of a project or of all.
    Label,
    /// Who may do what in a project.
    Member,
    /// Accounts of machines, for the whole Harbor.
    Robot,
}

impl SettingKind {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Project,
        Self::Metadata,
        Self::Quota,
        Self::Immutability,
        Self::Retention,
        Self::Label,
        Self::Member,
        Self::Robot,
    ];

    /// In words, as Harbor's portal has them.
    pub fn words(self) -> Say {
        match self {
            Self::Project => say!("Project", "项目"),
            Self::Metadata => say!("Configuration", "配置管理"),
            Self::Quota => say!("Quota", "配额"),
            Self::Immutability => say!("Tag immutability", "不可变的标签"),
            Self::Retention => say!("Tag retention", "标签保留"),
            Self::Label => say!("Label", "标记"),
            Self::Member => say!("Member", "成员"),
            Self::Robot => say!("Robot account", "机器人账户"),
        }
    }
}

/// Which setting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettingKey {
    /// Its project; empty for what holds for the whole Harbor.
    pub project: String,
    /// What kind.
    pub kind: SettingKind,
    /// Its name among those of its kind.
    pub name: String,
}

/// A setting as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is called; empty where the kind says all.
    pub name: Say,
    /// What it is set to; never a secret.
    pub value: Say,
}

/// What one side has, as far as its account may see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// By what they are about.
    pub all: BTreeMap<SettingKey, Setting>,
    /// Kinds that the account may not see.
    pub unseen: BTreeSet<SettingKind>,
    /// Projects there are beyond those that were read.
    pub left_out: u64,
}

/// A setting that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingRow {
    /// Its project; empty for what holds for the whole Harbor.
    pub project: String,
    /// What kind.
    pub kind: SettingKind,
    /// What it is called; empty where the kind says all.
    pub name: Say,
    /// What it is set to on each side; `None` where there is none.
    pub held: [Option<Say>; 2],
}

/// What a side's account may not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnseenSettings {
    /// The node.
    pub node: NodeName,
    /// What of it.
    pub kind: SettingKind,
}

/// The settings of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The pair.
    pub pair: PairId,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its cluster's name.
    pub cluster_name: ClusterName,
    /// The first node.
    pub a: NodeName,
    /// The second node.
    pub b: NodeName,
    /// When it was read, UTC milliseconds.
    pub read_ms: i64,
    /// Settings that were compared.
    pub compared: u64,
    /// Those that differ, by project, kind and name.
    pub rows: Vec<SettingRow>,
    /// Differences beyond those shown.
    pub more: u64,
    /// What could not be compared, since a side does not show it.
    pub unseen: Vec<UnseenSettings>,
    /// Projects that were not read, since there are too many.
    pub left_out: u64,
}

/// What is not the same, and how many settings were compared. A kind that one side does not show is not compared, and
/// of a project that one side has not got only that is said.
pub fn differing(sides: [&Settings; 2]) -> (Vec<SettingRow>, u64) {
    let [a, b] = sides.map(|side| &side.all);
    let there = sides.map(|side| {
        let projects = side.all.keys().filter(|key| key.kind == SettingKind::Project);
        projects.map(|key| key.project.as_str()).collect::<BTreeSet<_>>()
    });
    let keys: BTreeSet<&SettingKey> = a.keys().chain(b.keys()).collect();
    let (mut rows, mut compared) = (Vec::new(), 0);
    for key in keys {
        let seen = sides.iter().all(|side| !side.unseen.contains(&key.kind));
        let of_both = key.kind == SettingKind::Project
            || key.project.is_empty()
            || there.iter().all(|projects| projects.contains(key.project.as_str()));
        if !seen || !of_both {
            continue;
        }
        compared += 1;
        let held = [a.get(key), b.get(key)];
        if held[0].map(|s| &s.value) == held[1].map(|s| &s.value) {
            continue;
        }
        let name = held.into_iter().flatten().next().map(|s| s.name.clone()).unwrap_or_default();
        rows.push(SettingRow {
            project: key.project.clone(),
            kind: key.kind,
            name,
            held: held.map(|s| s.map(|s| s.value.clone())),
        });
    }
    (rows, compared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(all: &[(&str, SettingKind, &str, &str)]) -> Settings {
        let one = |(project, kind, name, value): &(&str, SettingKind, &str, &str)| {
            let key = SettingKey { project: (*project).into(), kind: *kind, name: (*name).into() };
            (key, Setting { name: Say::same(*name), value: Say::same(*value) })
        };
        Settings { all: all.iter().map(one).collect(), ..Settings::default() }
    }

    #[test]
    fn differing_names_each_once_and_of_a_missing_project_only_that() {
        use SettingKind::{Label, Metadata, Project, Quota, Robot};
        let a = side(&[
            ("", Robot, "ci", "on"),
            ("alone", Project, "", "there"),
            ("alone", Quota, "", "1 GiB"),
            ("shop", Project, "", "there"),
            ("shop", Metadata, "auto_scan", "on"),
            ("shop", Label, "old", "#fff"),
        ]);
        let b = side(&[
            ("shop", Project, "", "there"),
            ("shop", Metadata, "auto_scan", "off"),
            ("shop", Label, "old", "#fff"),
        ]);
        let (rows, compared) = differing([&a, &b]);
        let told: Vec<_> = rows.iter().map(|r| (r.project.as_str(), r.kind, r.name.en.as_str())).collect();
        assert_eq!(told, [("", Robot, "ci"), ("alone", Project, ""), ("shop", Metadata, "auto_scan")]);
        assert_eq!(rows[0].held, [Some(Say::same("on")), None]);
        assert_eq!(compared, 5);
        // The other way round the same, with the sides changed.
        let (mut turned, _) = differing([&b, &a]);
        turned.iter_mut().for_each(|row| row.held.reverse());
        assert_eq!(turned, rows);
        assert_eq!(differing([&a, &a]).0, []);
        // What a side does not show says nothing.
        let blind = Settings { unseen: [Robot].into(), ..b };
        assert!(differing([&a, &blind]).0.iter().all(|row| row.kind != Robot));
    }
}

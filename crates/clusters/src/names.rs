//! What our objects on a Harbor are called: `breakwater-…`, so that a person who meets one knows whose it is and
//! a restarted run finds what it made.

use model::{
    Link,
    names::{ClusterName, NodeName},
};
use sha2::{Digest, Sha256};

/// The beginning of everything we make on a Harbor.
pub(crate) use model::names::OURS as PREFIX;

/// Longest part of one name inside another; two of them with [`PREFIX`] stay below the 64 characters that Harbor
/// allows an endpoint's name (harbor-facts A.5).
const PART_MAX: usize = 20;

/// The names of one cluster's objects.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    cluster: String,
}

impl Names {
    /// The names for the cluster called so.
    pub(crate) fn of(cluster: &ClusterName) -> Self {
        Self { cluster: slug(cluster.as_str()) }
    }

    /// The robot the console itself signs in with, without Harbor's prefix.
    pub(crate) fn console_robot(&self) -> String {
        format!("{PREFIX}{}", self.cluster)
    }

    /// The second console robot, for versions that take system and project rights only apart.
    pub(crate) fn console_projects_robot(&self) -> String {
        format!("{PREFIX}{}-projects", self.cluster)
    }

    /// The robot on a link's destination, without Harbor's prefix.
    pub(crate) fn link_robot(&self, link: &Link) -> String {
        format!("{PREFIX}{}-from-{}", self.cluster, node(&link.source))
    }

    /// The endpoint on a link's source.
    pub(crate) fn endpoint(&self, link: &Link) -> String {
        format!("{PREFIX}{}-to-{}", self.cluster, node(&link.destination))
    }

    /// The scheduled rule on a link's source.
    pub(crate) fn rule(&self, link: &Link) -> String {
        format!("{PREFIX}{}-to-{}", self.cluster, node(&link.destination))
    }

    /// The event rule beside it.
    pub(crate) fn event_rule(&self, link: &Link) -> String {
        format!("{PREFIX}{}-to-{}-at-once", self.cluster, node(&link.destination))
    }
}

/// The short, stable form of a node's name inside another name.
pub(crate) fn node(name: &NodeName) -> String {
    slug(name.as_str())
}

/// A temporary project or rule of one run's step; `tag` comes from the run's id and the step's place.
pub(crate) fn temporary(kind: &str, tag: &str) -> String {
    format!("{PREFIX}{kind}-{tag}")
}

/// Whether a rule serves a run of ours for a while, and nobody else.
pub(crate) fn is_temporary(name: &str) -> bool {
    ["heal", "proof"].iter().any(|kind| name.starts_with(&temporary(kind, "")))
}

/// Whether an object of that name is one of ours.
pub(crate) fn is_ours(name: &str) -> bool {
    name.strip_prefix("robot$").unwrap_or(name).starts_with(PREFIX)
}

/// Lower-case letters and digits with single hyphens between, which is what Harbor allows everywhere. Where that
/// loses something (other scripts, capitals beside the same in lower case, a long name), six digits of the name's
/// hash keep two names apart.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out == name && out.len() <= PART_MAX {
        return out.to_owned();
    }
    let hash = Sha256::digest(name.as_bytes());
    let tail = format!("{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2]);
    let head: String = out.chars().take(PART_MAX - tail.len() - 1).collect();
    match head.trim_end_matches('-') {
        "" => format!("n{tail}"),
        head => format!("{head}-{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_keeps_what_harbor_allows() {
        assert_eq!(slug("shanghai-2"), "shanghai-2");
        assert!(slug("Shanghai").starts_with("shanghai-") && slug("Shanghai") != slug("shanghai"));
        assert!(slug("上海").starts_with('n') && slug("上海") != slug("北京"));
        assert!(slug("-a b--").starts_with("a-b-"));
    }

    #[test]
    fn names_fit_harbors_limits_whatever_people_type() {
        let long = "x".repeat(40);
        for name in [long.as_str(), "<b>上海</b>", "A", "127.0.0.1:8080", "é è"] {
            let names = Names::of(&ClusterName::parse(name).unwrap());
            let link = Link::new(NodeName::parse(name).unwrap(), NodeName::parse("中").unwrap());
            for made in [names.link_robot(&link), names.endpoint(&link), names.event_rule(&link)] {
                assert!(made.len() <= 64, "{made}");
                // ^[a-z0-9]+(?:[._-][a-z0-9]+)*$, Harbor's rule for robots and projects.
                assert!(made.split('-').all(|p| !p.is_empty()), "{made}");
                assert!(made.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
                assert!(is_ours(&made) && is_ours(&format!("robot${made}")));
            }
        }
    }
}

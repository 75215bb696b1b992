//! Harbor's rows of one repository, made into what is compared.

use std::collections::HashSet;

use harbor::api::artifacts::Artifact as Row;
use model::{
    Digest,
    drift::{Artifact, Holding, Tag},
    names::is_kept_tag,
    scope::LabelFilter,
};

/// What Harbor itself makes and does not replicate.
const HARBORS_OWN: &str = "sbom.harbor";

/// Everything read of one repository. Rows whose digest is none are left out: Harbor knows SHA-256 only.
pub(crate) fn holding(rows: &[Row]) -> Holding {
    let known: Vec<(Digest, &Row)> =
        rows.iter().filter_map(|r| Some((Digest::parse(&r.digest)?, r))).collect();
    let here: HashSet<Digest> = known.iter().map(|(digest, _)| *digest).collect();
    let children = |row: &Row| -> Vec<Digest> {
        row.references.iter().filter_map(|r| Digest::parse(&r.child_digest)).collect()
    };
    let parts: HashSet<Digest> = known.iter().flat_map(|(_, row)| children(row)).collect();
    let mut tags = Vec::new();
    let mut artifacts = Vec::with_capacity(known.len());
    for (digest, row) in &known {
        let part = parts.contains(digest);
        // What only a heal keeps is nobody's image.
        if !part && !row.tags.is_empty() && row.tags.iter().all(|tag| is_kept_tag(&tag.name)) {
            continue;
        }
        let own = row.accessories.iter().filter(|a| a.kind != HARBORS_OWN);
        let mut accessories: Vec<Digest> = own.filter_map(|a| Digest::parse(&a.digest)).collect();
        accessories.sort_unstable();
        let lacks = children(row).iter().filter(|child| !here.contains(child)).count();
        artifacts.push(Artifact {
            digest: *digest,
            size: if part { 0 } else { row.size },
            pushed_ms: row.push_time.unwrap_or(0),
            part,
            lacks: u32::try_from(lacks).unwrap_or(u32::MAX),
            accessories,
        });
        let theirs = row.tags.iter().filter(|tag| !is_kept_tag(&tag.name));
        tags.extend(theirs.map(|tag| Tag {
            name: tag.name.as_str().into(),
            digest: *digest,
            pushed_ms: tag.push_time.unwrap_or(0),
        }));
    }
    Holding::new(tags, artifacts)
}

/// The artifacts that a rule does not carry for their labels.
pub(crate) fn unlabelled(rows: &[Row], filter: &LabelFilter) -> HashSet<Digest> {
    let carried = |row: &Row| {
        let labels: Vec<&str> = row.labels.iter().map(|label| label.name.as_str()).collect();
        filter.takes(&labels)
    };
    rows.iter().filter(|row| !carried(row)).filter_map(|row| Digest::parse(&row.digest)).collect()
}

#[cfg(test)]
mod tests {
    use harbor::api::artifacts::{Accessory, Reference};

    use super::*;

    fn digest(n: u8) -> String {
        Digest::from_bytes([n; 32]).to_string()
    }

    #[test]
    fn holding_counts_the_parts_of_an_index_once_and_names_those_that_are_missing() {
        let child = Row { digest: digest(1), size: 40, ..Row::default() };
        let refer = |n| Reference { child_digest: digest(n), ..Reference::default() };
        let index =
            Row { digest: digest(2), size: 50, references: vec![refer(1), refer(9)], ..Row::default() };
        let holding = holding(&[child, index]);
        let sizes: Vec<_> = holding.artifacts().iter().map(|a| (a.size, a.part, a.lacks)).collect();
        assert_eq!(sizes, [(0, true, 0), (50, false, 1)]);
    }

    #[test]
    fn holding_leaves_out_what_a_heal_keeps() {
        let tags = |names: &[&str]| {
            names
                .iter()
                .map(|n| harbor::api::artifacts::Tag { name: (*n).into(), ..Default::default() })
                .collect()
        };
        let row = |n, names| Row { digest: digest(n), tags: tags(names), ..Row::default() };
        let holding = holding(&[
            row(1, &["v1", "v0-before-heal-01010101"]),
            row(2, &["v1-before-heal-02020202"]),
            row(3, &[]),
        ]);
        assert_eq!(holding.tags().iter().map(|t| &*t.name).collect::<Vec<_>>(), ["v1"]);
        let left: Vec<Digest> = holding.artifacts().iter().map(|a| a.digest).collect();
        assert_eq!(left, [Digest::from_bytes([1; 32]), Digest::from_bytes([3; 32])]);
    }

    #[test]
    fn holding_leaves_out_what_harbor_made_itself() {
        let accessory =
            |n, kind: &str| Accessory { digest: digest(n), kind: kind.into(), ..Accessory::default() };
        let accessories = vec![accessory(3, "signature.cosign"), accessory(4, HARBORS_OWN)];
        let signed = Row { digest: digest(1), accessories, ..Row::default() };
        assert_eq!(holding(&[signed]).artifacts()[0].accessories, [Digest::from_bytes([3; 32])]);
    }
}

//! The judgement of one repository of a pair.

mod acts;
mod both_ways;
mod one_way;
#[cfg(test)]
mod tests;

use acts::{Acts, Told};

use super::{Act, Action, Base, BaseTag, Certainty, Difference, Direction, Evidence, Holding, Kind, Side};
use crate::Digest;

/// Everything that is known of one repository.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Which way images go.
    pub direction: Direction,
    /// Whether the pair was compared before, so that what the base does not know is new.
    pub history: bool,
    /// What both sides held when last read.
    pub base: &'a Base,
    /// What each side holds now.
    pub sides: [&'a Holding; 2],
    /// What each side's audit log names, oldest first.
    pub acts: [&'a [Act]; 2],
    /// How far the two sides' times may be apart and still be the same moment, milliseconds.
    pub clock_error_ms: i64,
    /// When the logs were read, before anything else, UTC milliseconds: what is alike now has been settled since then, and
    /// what people did later is still to be told.
    pub heard_ms: i64,
    /// When reading the two began, by each side's own clock: what was put there later changed while it was looked at.
    pub began_ms: [i64; 2],
}

/// What the judge found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Each difference once: tags by name, then untagged artifacts by digest.
    pub differences: Vec<Difference>,
    /// What both sides hold alike now, and for what differs what they held before.
    pub base: Base,
    /// Whether that is another base than before.
    pub base_changed: bool,
    /// Tags and untagged artifacts that were compared.
    pub compared: u64,
    /// Those that both sides have, whatever they hold under it.
    pub copied: u64,
    /// Those that are alike.
    pub equal: u64,
}

/// One thing that is compared: a tag, or an untagged artifact.
struct Thing<'a> {
    tag: Option<&'a str>,
    held: [Option<Digest>; 2],
    base: Option<Digest>,
    told: [Told<'a>; 2],
}

/// Judges one repository: what differs, why, and what would make it right.
pub fn judge(question: &Question<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let acts = question.acts.map(Acts::new);
    judge_tags(question, &acts, &mut verdict);
    judge_untagged(question, &acts, &mut verdict);
    verdict.base_changed = verdict.base != *question.base;
    verdict
}

fn judge_tags(question: &Question<'_>, acts: &[Acts<'_>; 2], verdict: &mut Verdict) {
    let [mut a, mut b] = question.sides.map(|side| side.tags().iter().peekable());
    let mut base = question.base.tags.iter().peekable();
    verdict.base.tags.reserve(question.base.tags.len());
    let plain = question.sides.iter().all(|s| s.is_plain());
    let quiet = plain && acts.iter().all(Acts::is_empty);
    loop {
        let names = [a.peek().map(|t| &*t.name), b.peek().map(|t| &*t.name), base.peek().map(|t| &*t.name)];
        let Some(name) = names.into_iter().flatten().min() else { break };
        let here = a.next_if(|t| &*t.name == name);
        let there = b.next_if(|t| &*t.name == name);
        let known = base.next_if(|t| &*t.name == name);
        let held = [here.map(|t| t.digest), there.map(|t| t.digest)];
        let found = if quiet && held[0] == held[1] {
            None
        } else {
            let before = known.map(|t| t.digest);
            let since_ms = known.map_or(i64::MIN, |t| i64::from(t.since_s) * 1000);
            let told = [0, 1].map(|at| acts[at].of_tag(name, before, since_ms, question.clock_error_ms));
            judge_thing(question, &Thing { tag: Some(name), held, base: before, told })
                .or_else(|| if plain { None } else { incomplete(question, acts, name, held) })
                .map(|found| question.settled(found, [here, there].map(|tag| tag.map_or(0, |t| t.pushed_ms))))
        };
        if held != [None, None] {
            verdict.compared += 1;
            verdict.copied += u64::from(held.iter().all(Option::is_some));
        }
        match (held, found) {
            ([Some(digest), Some(_)], None) => {
                verdict.equal += 1;
                let kept = known.filter(|t| t.digest == digest).map(|t| t.since_s);
                let since_s = kept.unwrap_or_else(|| u32::try_from(question.heard_ms / 1000).unwrap_or(0));
                verdict.base.tags.push(BaseTag { name: name.into(), digest, since_s });
            }
            // Gone from both: settled.
            (_, None) => {}
            (_, Some(found)) => {
                verdict.base.tags.extend(known.cloned());
                verdict.differences.push(found);
            }
        }
    }
}

fn judge_untagged(question: &Question<'_>, acts: &[Acts<'_>; 2], verdict: &mut Verdict) {
    let mut owed = Vec::new();
    for side in Side::BOTH {
        let [here, there] = [question.sides[side.at()], question.sides[side.other().at()]];
        for artifact in here.untagged() {
            let digest = artifact.digest;
            if there.artifact(&digest).is_some() {
                // Also where the other side has a tag for it: the artifact is on both.
                verdict.base.untagged.push(digest);
                continue;
            }
            let known = question.base.knows(&digest);
            let mut held = [None, None];
            held[side.at()] = Some(digest);
            let told = [0, 1].map(|at| acts[at].of_artifact(&digest));
            let thing = Thing { tag: None, held, base: known.then_some(digest), told };
            // Whoever lost its tag, to a move or to a heal, is left behind; what a person pushed by its digest is meant.
            let meant = !known && told[side.at()].pushed();
            if let Some(found) = judge_thing(question, &thing).filter(|found| matters(found, meant)) {
                let found = question.settled(found, [artifact.pushed_ms; 2]);
                verdict.compared += 1;
                verdict.differences.push(found);
                owed.extend(known.then_some(digest));
            }
        }
    }
    let untagged = &mut verdict.base.untagged;
    untagged.sort_unstable();
    untagged.dedup();
    verdict.compared += untagged.len() as u64;
    verdict.copied += untagged.len() as u64;
    verdict.equal += untagged.len() as u64;
    // What is still to be deleted stays known.
    untagged.append(&mut owed);
    untagged.sort_unstable();
}

/// Untagged artifacts come with moved tags and go with garbage collection, which leaves no trace: only what people did
/// to them by their digests matters.
fn matters(found: &Difference, meant: bool) -> bool {
    match found.kind {
        Kind::Deleted | Kind::Resurrected => true,
        Kind::New | Kind::NoHistory => meant,
        _ => false,
    }
}

fn judge_thing(question: &Question<'_>, thing: &Thing<'_>) -> Option<Difference> {
    match question.direction {
        Direction::Both => both_ways::judge(question, thing),
        Direction::AToB => one_way::judge(question, thing),
    }
}

/// Alike by the digest, but a part or an accessory is missing on one side.
fn incomplete(
    question: &Question<'_>,
    acts: &[Acts<'_>; 2],
    tag: &str,
    held: [Option<Digest>; 2],
) -> Option<Difference> {
    let digest = held[0].filter(|_| held[0] == held[1])?;
    let artifacts = question.sides.map(|side| side.artifact(&digest));
    let [Some(a), Some(b)] = artifacts else { return None };
    let lacks = |side: Side| {
        let (own, other) = if side == Side::A { (a, b) } else { (b, a) };
        let missing = |accessory: &&Digest| {
            own.accessories.binary_search(accessory).is_err()
                && !acts[side.at()].person_deleted(accessory)
                && (question.direction == Direction::Both || side == Side::B)
        };
        own.lacks > 0 || other.accessories.iter().any(|accessory| missing(&accessory))
    };
    let on = Side::BOTH.into_iter().find(|side| lacks(*side))?;
    Some(Difference {
        tag: Some(tag.to_owned()),
        kind: Kind::Incomplete,
        on: Some(on),
        held,
        base: None,
        wanted: None,
        certainty: Certainty::Certain,
        evidence: Vec::new(),
        // Harbor skips what is there by its digest (harbor-facts C.1): a run would not mend it.
        action: Action::Ask,
    })
}

impl Question<'_> {
    /// A difference, unless it may be none but what was put there between the readings of the two sides.
    fn settled(&self, found: Difference, pushed_ms: [i64; 2]) -> Difference {
        let changed = Side::BOTH.map(|side| {
            let since = self.began_ms[side.at()].saturating_add(self.clock_error_ms);
            found.held[side.at()].is_some() && pushed_ms[side.at()] > since
        });
        let on = match changed {
            [false, false] => return found,
            [true, false] => Some(Side::A),
            [false, true] => Some(Side::B),
            [true, true] => None,
        };
        let (kind, certainty, action) = (Kind::Unstable, Certainty::Open, Action::Leave);
        Difference { kind, on, wanted: None, certainty, action, ..found }
    }
}

impl Thing<'_> {
    fn difference(&self, kind: Kind, on: Option<Side>, certainty: Certainty, action: Action) -> Difference {
        let mut evidence: Vec<Evidence> = Side::BOTH
            .into_iter()
            .flat_map(|side| {
                self.told[side.at()].evidence().map(move |act| Evidence { side, act: act.clone() })
            })
            .collect();
        evidence.sort_by_key(|e| (e.act.at_ms, e.side));
        Difference {
            tag: self.tag.map(str::to_owned),
            kind,
            on,
            held: self.held,
            base: self.base,
            wanted: None,
            certainty,
            evidence,
            action,
        }
    }
}

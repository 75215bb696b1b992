//! Differences that a person accepted: they stand, and are not counted.

use serde::{Deserialize, Serialize};

use super::{Difference, Kind};
use crate::{AppError, Digest, say};

/// Why a difference may stand, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Accepted {
    /// Who accepted it.
    pub by: String,
    /// In that person's words, not empty.
    pub why: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Until when, UTC milliseconds; `None` for as long as it stays the same difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
}

/// An accepted difference, with what makes it this one and no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// By whom, why, until when.
    pub accepted: Accepted,
    kind: Kind,
    held: [Option<Digest>; 2],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wanted: Option<Digest>,
}

impl Acceptance {
    /// Of a difference as it is now.
    pub fn of(found: &Difference, accepted: Accepted) -> Self {
        Self { accepted, kind: found.kind, held: found.held, wanted: found.wanted }
    }

    /// Whether it still holds of what is found of the same thing: both sides hold what they held, and its time is not
    /// over. Where both hold the same, it is what happened that makes the difference, and that must be the same too.
    pub fn holds(&self, found: &Difference, now_ms: i64) -> bool {
        let alike = found.held[0] == found.held[1];
        let same = self.held == found.held && self.wanted == found.wanted;
        let lasts = self.accepted.until_ms.is_none_or(|until| now_ms < until);
        same && lasts && (!alike || self.kind == found.kind)
    }
}

/// What a person accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Accepting {
    /// Which differences, as they were seen.
    pub rows: Vec<SeenRow>,
    /// Why they may stand.
    pub why: String,
    /// For how many days, at most [`Accepting::MOST_DAYS`]; `None` for as long as they stay the same.
    #[serde(default)]
    pub days: Option<u16>,
}

/// A difference as it was seen: another one by then is not accepted in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SeenRow {
    /// `project/repository`.
    pub repository: String,
    /// A tag, or `@` and a digest.
    pub thing: String,
    /// What each side held.
    pub held: [Option<Digest>; 2],
}

impl Accepting {
    /// Longest time, in days.
    pub const MOST_DAYS: u16 = 365;
    /// Most differences at once.
    pub const MOST_ROWS: usize = 1000;
    /// Longest reason, in characters.
    pub const MOST_LETTERS: usize = 500;

    /// Judges what a person chose, and takes the reason without spaces around it.
    ///
    /// # Errors
    /// `accept.rows`, `accept.why` or `accept.days`, at the field of that name.
    pub fn judged(mut self) -> Result<Self, AppError> {
        self.why = self.why.trim().to_owned();
        let (rows, letters, days) = (Self::MOST_ROWS, Self::MOST_LETTERS, Self::MOST_DAYS);
        let refused = |code, field, cause, next| Err(AppError::new(code, 422, cause, next).at(field));
        if self.rows.is_empty() || self.rows.len() > rows {
            return refused(
                "accept.rows",
                "rows",
                say!("No difference was chosen, or more than {rows}.", "没有选择差异，或超过 {rows} 处。"),
                say!("Choose what is to be accepted.", "请选择要接受的差异。"),
            );
        }
        if self.why.is_empty() || self.why.chars().count() > letters {
            return refused(
                "accept.why",
                "why",
                say!(
                    "There is no reason, or one of more than {letters} letters.",
                    "没有填写理由，或超过 {letters} 个字。"
                ),
                say!("Say shortly why this may stand.", "请简短说明为什么可以保持这样。"),
            );
        }
        if self.days.is_some_and(|n| n == 0 || n > days) {
            return refused(
                "accept.days",
                "days",
                say!(
                    "It can be accepted for 1 to {days} days, or without an end.",
                    "可接受 1 到 {days} 天，或不设期限。"
                ),
                say!("Choose another time.", "请选择其他时间。"),
            );
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{Action, Certainty};

    fn digest(n: u8) -> Option<Digest> {
        (n > 0).then(|| Digest::from_bytes([n; 32]))
    }

    fn found(kind: Kind, held: [u8; 2], wanted: u8) -> Difference {
        Difference {
            tag: Some("v".into()),
            kind,
            on: None,
            held: held.map(digest),
            base: None,
            wanted: digest(wanted),
            certainty: Certainty::Open,
            evidence: Vec::new(),
            action: Action::Ask,
        }
    }

    fn accepted(found: &Difference, until_ms: Option<i64>) -> Acceptance {
        let accepted = Accepted { by: "lw".into(), why: "meant".into(), at_ms: 1, until_ms };
        Acceptance::of(found, accepted)
    }

    #[test]
    fn acceptance_holds_until_either_side_holds_something_else() {
        let was = found(Kind::Conflict, [1, 2], 0);
        let acceptance = accepted(&was, None);
        assert!(acceptance.holds(&was, i64::MAX));
        // What it is called may change with what the logs tell: both hold what they held.
        assert!(acceptance.holds(&found(Kind::Moved, [1, 2], 0), 5));
        for other in [[3, 2], [1, 3], [2, 1], [0, 2], [1, 0], [1, 1]] {
            assert!(!acceptance.holds(&found(Kind::Conflict, other, 0), 5), "{other:?}");
        }
        let only_here = accepted(&found(Kind::New, [1, 0], 0), None);
        assert!(!only_here.holds(&found(Kind::Conflict, [1, 2], 0), 5));
    }

    #[test]
    fn acceptance_of_what_is_alike_holds_until_something_else_happens_to_it() {
        let acceptance = accepted(&found(Kind::PutBack, [1, 1], 2), None);
        assert!(acceptance.holds(&found(Kind::PutBack, [1, 1], 2), 5));
        assert!(
            !acceptance.holds(&found(Kind::PutBack, [1, 1], 3), 5),
            "another image was pushed and undone"
        );
        assert!(!acceptance.holds(&found(Kind::Resurrected, [1, 1], 2), 5));
        assert!(
            !accepted(&found(Kind::Incomplete, [1, 1], 0), None)
                .holds(&found(Kind::Resurrected, [1, 1], 0), 5)
        );
    }

    #[test]
    fn acceptance_ends_at_its_time() {
        let was = found(Kind::Conflict, [1, 2], 0);
        let acceptance = accepted(&was, Some(100));
        assert!(acceptance.holds(&was, 99));
        assert!(!acceptance.holds(&was, 100));
    }

    #[test]
    fn judged_wants_rows_a_reason_and_a_time_that_can_be() {
        let row = SeenRow { repository: "p/r".into(), thing: "v".into(), held: [digest(1), None] };
        let fine = Accepting { rows: vec![row.clone()], why: "  meant ".into(), days: Some(7) };
        assert_eq!(fine.clone().judged().unwrap().why, "meant");
        assert!(Accepting { days: None, ..fine.clone() }.judged().is_ok());
        let field = |one: Accepting| one.judged().unwrap_err().field.unwrap();
        assert_eq!(field(Accepting { rows: Vec::new(), ..fine.clone() }), "rows");
        assert_eq!(field(Accepting { rows: vec![row; 1001], ..fine.clone() }), "rows");
        assert_eq!(field(Accepting { why: " ".into(), ..fine.clone() }), "why");
        assert_eq!(field(Accepting { why: "长".repeat(501), ..fine.clone() }), "why");
        for days in [0, 366] {
            assert_eq!(field(Accepting { days: Some(days), ..fine.clone() }), "days");
        }
    }
}

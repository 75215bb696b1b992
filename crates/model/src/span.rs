//! How far back a history is looked at.

use serde::{Deserialize, Serialize};

/// The time span of a history: of states on the board and of differences at a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HistorySpan {
    /// 24 hours.
    #[serde(rename = "24h")]
    Day,
    /// 7 days.
    #[serde(rename = "7d")]
    Week,
    /// 30 days.
    #[serde(rename = "30d")]
    Month,
    /// 90 days: nothing older is kept.
    #[serde(rename = "90d")]
    Quarter,
}

impl HistorySpan {
    /// All, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The stable word in JSON and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.as_str() == word)
    }

    /// How long it is, milliseconds.
    pub fn ms(self) -> i64 {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        };
        days * 86_400_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_the_same_in_json_and_in_an_address() {
        for span in HistorySpan::ALL {
            assert_eq!(HistorySpan::parse(span.as_str()), Some(span));
            assert_eq!(serde_json::to_value(span).unwrap(), span.as_str());
        }
        assert_eq!(HistorySpan::parse("1y"), None);
    }
}

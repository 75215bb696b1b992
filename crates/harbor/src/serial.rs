//! How Harbor writes JSON: zero values left out or null, unset times as the year 1, secrets in clear.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};

/// `null` as the default; for lists above all.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    d: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(d).map(Option::unwrap_or_default)
}

/// An RFC 3339 time as ms since 1970; empty, null and the year 1 as `None`.
pub(crate) fn time<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    match Option::<String>::deserialize(d)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) if text.starts_with("0001-") => Ok(None),
        Some(text) => {
            parse_time(text).map(Some).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no time")))
        }
    }
}

pub(crate) fn parse_time(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// A time for `q`: UTC, seconds, no zone.
pub(crate) fn q_time(unix_ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(unix_ms).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// A secret in clear: only in the body of a request.
pub(crate) fn secret<S: Serializer>(secret: &Option<SecretString>, s: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => s.serialize_str(secret.expose_secret()),
        None => s.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "time")]
        at: Option<i64>,
        #[serde(default, deserialize_with = "or_default")]
        list: Vec<u8>,
    }

    fn at(json: &str) -> Option<i64> {
        serde_json::from_str::<Row>(json).unwrap().at
    }

    #[test]
    fn time_reads_harbors_forms() {
        assert_eq!(at(r#"{"at":"2026-11-23T08:32:38.802Z"}"#), Some(1_795_422_758_802));
        assert_eq!(at(r#"{"at":"2026-11-23T09:02:34Z"}"#), Some(1_795_424_554_000));
        for unset in [r#"{"at":"0001-01-01T00:00:00.000Z"}"#, r#"{"at":null}"#, r#"{"at":""}"#, "{}"] {
            assert_eq!(at(unset), None, "{unset}");
        }
        assert!(serde_json::from_str::<Row>(r#"{"at":"yesterday"}"#).is_err());
    }

    #[test]
    fn null_is_an_empty_list() {
        assert!(serde_json::from_str::<Row>(r#"{"list":null}"#).unwrap().list.is_empty());
    }

    #[test]
    fn q_time_has_seconds_and_no_zone() {
        assert_eq!(q_time(1_795_422_758_802).as_deref(), Some("2026-11-23T08:32:38"));
    }
}

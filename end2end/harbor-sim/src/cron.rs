//! Cron expressions of six fields, seconds first, as Harbor's job service reads them.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::clock::Millis;
use crate::version::Version;

/// A parsed expression: one bit per allowed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    any_day: bool,
    any_weekday: bool,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

fn number(text: &str, names: &[&str], first: u32) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = names.iter().position(|n| *n == lower) {
        return u32::try_from(at).ok().map(|at| at + first);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// One field: lists of `*`, `?`, `a`, `a-b`, each with `/step`.
fn field(text: &str, low: u32, high: u32, names: &[&str]) -> Option<u64> {
    let mut bits = 0u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step, &[], 0)?)),
            None => (part, None),
        };
        let (from, mut to) = match range {
            "*" | "?" => (low, high),
            _ => match range.split_once('-') {
                Some((from, to)) => (number(from, names, low)?, number(to, names, low)?),
                None => {
                    let one = number(range, names, low)?;
                    (one, one)
                }
            },
        };
        if step.is_some() && !range.contains('-') && range != "*" && range != "?" {
            to = high;
        }
        let step = step.unwrap_or(1);
        if step == 0 || from < low || to > high || from > to {
            return None;
        }
        let mut at = from;
        while at <= to {
            bits |= 1 << at;
            at += step;
        }
    }
    Some(bits)
}

impl Cron {
    /// `None` when the expression is not valid. A leading `TZ=` is read over, as everything here is UTC.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = match text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) {
            Some(rest) => rest.split_once(' ')?.1,
            None => text,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [seconds, minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let star = |f: &str| f.starts_with('*') || f.starts_with('?');
        Some(Self {
            seconds: field(seconds, 0, 59, &[])?,
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 0, 6, &WEEKDAYS)?,
            any_day: star(days),
            any_weekday: star(weekdays),
        })
    }

    fn day_matches(&self, date: Date) -> bool {
        let month = self.months & (1 << date.month()) != 0;
        let day = self.days & (1 << date.day()) != 0;
        let weekday = self.weekdays & (1 << date.weekday().to_sunday_zero_offset()) != 0;
        month && if self.any_day || self.any_weekday { day && weekday } else { day || weekday }
    }

    /// The first moment after `after`, or `None` when there is none within five years.
    pub(crate) fn next_after(&self, after: Millis) -> Option<Millis> {
        let start = Timestamp::from_millisecond(after.div_euclid(1000) * 1000 + 1000).ok()?;
        let start = start.to_zoned(TimeZone::UTC).datetime();
        let mut date = start.date();
        let mut from = start.time();
        for _ in 0..5 * 366 {
            if self.day_matches(date)
                && let Some(time) = self.time_from(from)
            {
                let zoned = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
                return Some(zoned.timestamp().as_millisecond());
            }
            date = date.tomorrow().ok()?;
            from = Time::midnight();
        }
        None
    }

    fn time_from(&self, from: Time) -> Option<Time> {
        for hour in from.hour()..24 {
            if self.hours & (1 << hour) == 0 {
                continue;
            }
            let same_hour = hour == from.hour();
            for minute in if same_hour { from.minute() } else { 0 }..60 {
                if self.minutes & (1 << minute) == 0 {
                    continue;
                }
                let same_minute = same_hour && minute == from.minute();
                let first = if same_minute { from.second() } else { 0 };
                if let Some(second) = (first..60).find(|s| self.seconds & (1 << s) != 0) {
                    return Time::new(hour, minute, second, 0).ok();
                }
            }
        }
        None
    }
}

/// What is wrong with the cron of a scheduled rule, in Harbor's words.
pub(crate) fn refusal(text: &str, version: Version) -> Option<String> {
    if text.is_empty() {
        return Some("the cron string cannot be empty when the trigger type is scheduled".to_owned());
    }
    if Cron::parse(text).is_none() {
        return Some(format!("invalid cron string for scheduled trigger: {text}"));
    }
    if !version.strict_cron() {
        return None;
    }
    // Fields are split on single spaces here, so a leading space fails.
    let mut fields = text.split(' ');
    if fields.next() != Some("0") {
        return Some("the 1st field (indicating Seconds of time) of the cron setting must be 0".to_owned());
    }
    if fields.next() == Some("*") {
        let text = "* is not allowed for the Minutes field of the cron setting of replication policy";
        return Some(text.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, after: &str) -> Option<String> {
        let after = after.parse::<Timestamp>().unwrap().as_millisecond();
        Cron::parse(cron).unwrap().next_after(after).map(crate::clock::rfc3339)
    }

    #[test]
    fn next_after_of_common_forms() {
        let at = "2026-11-23T08:11:20Z";
        assert_eq!(next("0 */10 * * * *", at).unwrap(), "2026-11-23T08:20:00.000Z");
        assert_eq!(next("*/10 * * * * *", at).unwrap(), "2026-11-23T08:11:30.000Z");
        assert_eq!(next("0 0 3 * * *", at).unwrap(), "2026-11-24T03:00:00.000Z");
        assert_eq!(next("0 0 0 * JAN MON", at).unwrap(), "2027-01-04T00:00:00.000Z");
        assert_eq!(next("0 0 0 30 2 *", at), None);
    }

    #[test]
    fn parse_refuses_what_harbor_refuses() {
        for bad in [
            "*/10 * * * *",
            "0 0 0 * * * 2027",
            "@hourly",
            "@every 1h",
            "0 99 * * * *",
            "0 0 0 * * 7",
            "0 */0 * * * *",
        ] {
            assert!(Cron::parse(bad).is_none(), "{bad}");
        }
        for good in [" 0 0 * * * *", "0  0 * * * *", "0 0 0 ? * *", "TZ=UTC 0 0 0 * * *"] {
            assert!(Cron::parse(good).is_some(), "{good}");
        }
    }
}

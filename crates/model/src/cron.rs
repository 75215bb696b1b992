//! Harbor's cron: six fields, seconds first, and what each version refuses.
//!
//! The grammar is that of robfig/cron v3 (which Harbor uses from 2.6), quirks included, because a rule is only
//! as good as what Harbor reads in it. From 2.9 a replication rule's seconds must be exactly `0` and its minutes
//! not exactly `*`. A cron that never comes true passes Harbor's own check and then wedges its job service:
//! it is refused here. Times are UTC, which is what Harbor's containers run in.

mod field;
mod repair;
mod time;
mod wording;

use std::fmt;

pub use field::FieldName;

use crate::{HarborVersion, Say, say, say::duration};
use field::Field;

/// A schedule that a given Harbor accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    second: Field,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

/// What is wrong with a cron.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CronFault {
    /// Nothing was given.
    Empty,
    /// Not six fields.
    FieldCount(usize),
    /// `@hourly` and its kind: no version from 2.6 on takes them.
    Descriptor,
    /// The first field is not exactly `0` (from 2.9); leading blanks count.
    Seconds,
    /// The second field is exactly `*` (from 2.9).
    EveryMinute,
    /// One field cannot be read.
    Field(FieldName),
    /// No such day exists: Harbor would accept it and its job service would spin until it is restarted.
    Never,
    /// `TZ=` with a zone other than UTC: its next run cannot be told here.
    TimeZone,
}

/// Why a cron was refused, what it meant, and the nearest form that would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronError {
    /// What is wrong.
    pub fault: CronFault,
    /// What the text says, where that can be told: "every 10 s".
    pub meaning: Option<Say>,
    /// The nearest form that the same version accepts.
    pub nearest: Option<String>,
}

impl CronError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.fault {
            CronFault::Empty => "cron.empty",
            CronFault::FieldCount(_) => "cron.field_count",
            CronFault::Descriptor => "cron.descriptor",
            CronFault::Seconds => "cron.seconds",
            CronFault::EveryMinute => "cron.every_minute",
            CronFault::Field(_) => "cron.field",
            CronFault::Never => "cron.never",
            CronFault::TimeZone => "cron.time_zone",
        }
    }
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            CronFault::Empty => write!(f, "a cron is needed"),
            CronFault::FieldCount(n) => write!(f, "a cron has six fields, this one has {n}"),
            CronFault::Descriptor => write!(f, "Harbor does not take @ forms"),
            CronFault::Seconds => write!(f, "the first field must be exactly 0"),
            CronFault::EveryMinute => write!(f, "the second field must not be *"),
            CronFault::Field(name) => write!(f, "the field of the {} cannot be read", name.as_str()),
            CronFault::Never => write!(f, "this never comes true"),
            CronFault::TimeZone => write!(f, "only UTC is understood"),
        }?;
        if let Some(nearest) = &self.nearest { write!(f, "; nearest: {nearest}") } else { Ok(()) }
    }
}

impl std::error::Error for CronError {}

/// Runs looked at by [`Cron::period_hint`].
const HINT_RUNS: usize = 1000;
const YEAR_MS: i64 = 366 * 86_400_000;

impl Cron {
    /// Reads `text` as this version of Harbor reads it for a replication rule.
    pub fn parse(text: &str, version: &HarborVersion) -> Result<Self, CronError> {
        Self::check(text, version).map_err(|fault| CronError {
            fault,
            meaning: repair::lenient(text).and_then(|cron| cron.in_words()),
            nearest: repair::nearest(text, version),
        })
    }

    fn check(text: &str, version: &HarborVersion) -> Result<Self, CronFault> {
        let cron = Self::grammar(text)?;
        if !version.seconds_in_cron() {
            // Harbor splits on each single blank here, unlike its parser.
            let mut words = text.split(' ');
            if words.next() != Some("0") {
                return Err(CronFault::Seconds);
            }
            if words.next() == Some("*") {
                return Err(CronFault::EveryMinute);
            }
        }
        if cron.comes_true() { Ok(cron) } else { Err(CronFault::Never) }
    }

    /// The grammar alone, without the rules of a version.
    fn grammar(text: &str) -> Result<Self, CronFault> {
        if text.trim().is_empty() {
            return Err(CronFault::Empty);
        }
        let mut spec = text;
        if let Some(zone) = text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
            let (zone, rest) = zone.split_once(' ').ok_or(CronFault::TimeZone)?;
            if !matches!(zone, "" | "UTC") {
                return Err(CronFault::TimeZone);
            }
            spec = rest.trim();
        }
        if spec.starts_with('@') {
            return Err(CronFault::Descriptor);
        }
        let words: Vec<&str> = spec.split_whitespace().collect();
        let [second, minute, hour, day, month, weekday] = words[..] else {
            return Err(CronFault::FieldCount(words.len()));
        };
        let read = |name, word| Field::parse(name, word).ok_or(CronFault::Field(name));
        Ok(Self {
            text: text.to_owned(),
            second: read(FieldName::Second, second)?,
            minute: read(FieldName::Minute, minute)?,
            hour: read(FieldName::Hour, hour)?,
            day: read(FieldName::Day, day)?,
            month: read(FieldName::Month, month)?,
            weekday: read(FieldName::Weekday, weekday)?,
        })
    }

    /// The text as given, which is what Harbor stores.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether any day fits: a day of the month must exist in one of the months, unless a weekday alone suffices.
    fn comes_true(&self) -> bool {
        self.day.is_star()
            || !self.weekday.is_star()
            || self.month.values().any(|m| self.day.values().any(|d| d <= time::longest_month(m)))
    }

    fn fits_day(&self, date: time::Date) -> bool {
        let (day, weekday) = (self.day.has(date.day), self.weekday.has(date.weekday()));
        let both = self.day.is_star() || self.weekday.is_star();
        self.month.has(date.month) && if both { day && weekday } else { day || weekday }
    }

    /// The first run after a time, both in ms since 1970, UTC. `None` if there is none within five years, which
    /// is as far as Harbor looks.
    pub fn next_after(&self, unix_ms: i64) -> Option<i64> {
        let start = unix_ms.div_euclid(1000).checked_add(1)?;
        let mut date = time::Date::of_day(start.div_euclid(86_400))?;
        let mut from = start.rem_euclid(86_400) as u32;
        let last_year = date.year + 5;
        while date.year <= last_year {
            if self.fits_day(date)
                && let Some(second) = self.next_in_day(from)
            {
                return Some((date.unix_day() * 86_400 + i64::from(second)) * 1000);
            }
            from = 0;
            date = if self.month.has(date.month) { date.next() } else { date.next_month() };
        }
        None
    }

    /// The first second of a day, not before `from`, at which the time fields fit.
    fn next_in_day(&self, from: u32) -> Option<u32> {
        let (h0, m0, s0) = (from / 3600, from / 60 % 60, from % 60);
        for h in self.hour.values().filter(|h| *h >= h0) {
            for m in self.minute.values().filter(|m| h > h0 || *m >= m0) {
                let first = self.second.values().find(|s| h > h0 || m > m0 || *s >= s0);
                if let Some(s) = first {
                    return Some(h * 3600 + m * 60 + s);
                }
            }
        }
        None
    }

    /// The runs after a time, in order.
    pub fn runs_after(&self, unix_ms: i64) -> impl Iterator<Item = i64> + '_ {
        std::iter::successors(self.next_after(unix_ms), |t| self.next_after(*t))
    }

    /// The shortest distance between two runs, in ms, among the first 1000 of the year after `unix_ms`; `None` if
    /// fewer than two fall in it.
    pub fn period_hint(&self, unix_ms: i64) -> Option<i64> {
        self.gaps(unix_ms).min()
    }

    fn gaps(&self, unix_ms: i64) -> impl Iterator<Item = i64> + '_ {
        let runs = self.runs_after(unix_ms).take(HINT_RUNS).take_while(move |t| *t - unix_ms <= YEAR_MS);
        runs.scan(None, |last, t| Some(last.replace(t).map(|l| t - l))).flatten()
    }

    /// "every 10 min", where all runs are equally far apart.
    pub fn in_words(&self) -> Option<Say> {
        let mut gaps = self.gaps(0);
        let first = gaps.next()?;
        if gaps.any(|g| g != first) {
            return None;
        }
        let Say { en, zh } = duration(first);
        Some(say!("every {en}", "每 {zh}"))
    }

    /// The same schedule later by some minutes, so that the two sides of a pair do not run at once. `None` where
    /// no cron can say it (the days would shift too).
    pub fn staggered(&self, by_minutes: u32) -> Option<Self> {
        let moved: Vec<u32> = self.minute.values().map(|m| m + by_minutes % 1440).collect();
        let carry = moved.first().copied()? / 60;
        let minute = Field::of(FieldName::Minute, moved.iter().map(|m| m % 60));
        let every_day = self.day.is_full() && self.weekday.is_full() && self.month.is_full();
        let hour = if self.hour.is_full() {
            // What passes midnight would belong to the next day.
            if !every_day && moved.iter().any(|m| *m > 59) {
                return None;
            }
            self.hour.clone()
        } else if moved.iter().any(|m| m / 60 != carry) {
            return None;
        } else {
            let hours: Vec<u32> = self.hour.values().map(|h| h + carry).collect();
            if !every_day && hours.iter().any(|h| *h > 23) {
                return None;
            }
            Field::of(FieldName::Hour, hours.iter().map(|h| h % 24))
        };
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let [.., second, _, _, day, month, weekday] = words[..] else { return None };
        let text = format!("{second} {} {} {day} {month} {weekday}", minute.text(), hour.text());
        Self::grammar(&text).ok()
    }
}

#[cfg(test)]
mod tests;

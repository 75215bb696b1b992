//! Ninety days as bars, in the page's time zone.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use model::health::{Bucket, Interval, buckets, reachable};

/// How many days are shown.
pub(crate) const DAYS: i64 = 90;

/// What a line's history is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    /// One for each day, the oldest first; today's covers what there was of it.
    pub(crate) days: Vec<Day>,
    /// The share of the time in which somebody looked that it served, 0 to 1; `None` where nobody ever did.
    pub(crate) uptime: Option<f32>,
    /// The same of being wholly well, for what is not a service.
    pub(crate) well: Option<f32>,
}

/// One day.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) share: Bucket,
    /// How long it was down and how long it was less than well, milliseconds.
    pub(crate) down_ms: i64,
    pub(crate) degraded_ms: i64,
}

/// The days that are shown, as one time zone has them: equal for all lines of a page.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// The day, and when it begins and ends, UTC milliseconds; today ends now.
    days: Vec<(Date, i64, i64)>,
    now_ms: i64,
}

impl Calendar {
    pub(crate) fn of(now_ms: i64, zone: &TimeZone) -> Self {
        let now = Timestamp::from_millisecond(now_ms).unwrap_or_default().to_zoned(zone.clone());
        let begin =
            |date: Date| zone.to_zoned(date.into()).map_or(now_ms, |z| z.timestamp().as_millisecond());
        let dates: Vec<_> = (0..DAYS)
            .rev()
            .filter_map(|ago| now.date().checked_sub(ago.days()).ok())
            .map(|d| (d, begin(d)))
            .collect();
        let ends = dates.iter().skip(1).map(|(_, begin)| *begin).chain([now_ms]);
        let days = dates.iter().zip(ends).map(|((date, begin), end)| (*date, *begin, end)).collect();
        Self { days, now_ms }
    }
}

impl Bars {
    /// A line's days; `history` is in the order of time.
    pub(crate) fn of(history: &[Interval], calendar: &Calendar) -> Self {
        let day = |&(date, from_ms, to_ms): &(Date, i64, i64)| {
            let first = history.partition_point(|i| i.to_ms <= from_ms);
            let count = history[first..].partition_point(|i| i.from_ms < to_ms);
            let share = buckets(&history[first..first + count], from_ms, to_ms, 1).pop()?;
            let length = (to_ms - from_ms) as f64;
            let ms = |share: f32| (f64::from(share) * length).round() as i64;
            Some(Day { date, share, down_ms: ms(share.down), degraded_ms: ms(share.degraded) })
        };
        let days: Vec<Day> = calendar.days.iter().filter_map(day).collect();
        let from_ms = days.first().map_or(calendar.now_ms, |day| day.share.from_ms);
        // Over the whole time at once: days are not equally long.
        let all = buckets(history, from_ms, calendar.now_ms, 1);
        let looked: f32 = all.iter().map(|b| b.up + b.degraded + b.down).sum();
        let up: f32 = all.iter().map(|b| b.up).sum();
        Self { days, uptime: reachable(&all), well: (looked > 0.0).then(|| up / looked) }
    }

    /// Days on which it was not wholly well, the newest first.
    pub(crate) fn bad_days(&self) -> impl Iterator<Item = &Day> {
        self.days.iter().rev().filter(|day| day.down_ms + day.degraded_ms > 0)
    }
}

#[cfg(test)]
mod tests {
    use model::health::HealthState;

    use super::*;

    #[test]
    fn of_cuts_days_in_the_zone_and_counts_only_what_was_looked_at() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // 2026-11-26 12:00 there.
        let now_ms = "2026-11-26T04:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let hour = 3_600_000;
        let span = |from: i64, to: i64, state| Interval {
            from_ms: now_ms + from * hour,
            to_ms: now_ms + to * hour,
            state,
        };
        // Midnight there was 12 hours ago.
        let history =
            [span(-36, -13, HealthState::Up), span(-13, -9, HealthState::Down), span(-9, 0, HealthState::Up)];
        let bars = Bars::of(&history, &Calendar::of(now_ms, &zone));
        assert_eq!(bars.days.len(), 90);
        let [.., before, yesterday, today] = &bars.days[..] else { panic!("{bars:?}") };
        assert_eq!((today.date.day(), today.down_ms, today.share.up), (26, 3 * hour, 0.75));
        assert_eq!((yesterday.date.day(), yesterday.down_ms), (25, hour));
        assert_eq!((before.share.up, before.down_ms), (0.0, 0), "nobody looked");
        assert!((bars.uptime.unwrap() - 32.0 / 36.0).abs() < 1e-3);
        assert_eq!(bars.bad_days().map(|day| day.date.day()).collect::<Vec<_>>(), [26, 25]);
        assert_eq!(Bars::of(&[], &Calendar::of(now_ms, &zone)).uptime, None);
    }

    #[test]
    fn of_knows_days_that_are_not_24_hours_long() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now_ms = "2026-11-02T12:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let all = [Interval { from_ms: 0, to_ms: now_ms, state: HealthState::Down }];
        let bars = Bars::of(&all, &Calendar::of(now_ms, &zone));
        let long = bars.days.iter().find(|day| day.date.month() == 10 && day.date.day() == 25).unwrap();
        assert_eq!(long.down_ms, 25 * 3_600_000);
    }
}

//! The little calendar a cron needs: the proleptic Gregorian one, UTC, by Hinnant's day count.

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u32,
    pub(super) day: u32,
    days: i64,
}

/// The days of a month in its longest year.
pub(super) fn longest_month(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_in(year: i64, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if month == 2 && !leap { 28 } else { longest_month(month) }
}

impl Date {
    /// The day with this number since 1970-01-01; `None` beyond the years that a time in ms can name.
    pub(super) fn of_day(days: i64) -> Option<Self> {
        if days.abs() > i64::MAX / 86_400_000 - 4000 {
            return None;
        }
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        let year = yoe + era * 400 + i64::from(month <= 2);
        Some(Self { year, month, day, days })
    }

    pub(super) fn unix_day(self) -> i64 {
        self.days
    }

    /// 0 is Sunday.
    pub(super) fn weekday(self) -> u32 {
        (self.days + 4).rem_euclid(7) as u32
    }

    pub(super) fn next(self) -> Self {
        if self.day < days_in(self.year, self.month) {
            Self { day: self.day + 1, days: self.days + 1, ..self }
        } else {
            self.next_month()
        }
    }

    pub(super) fn next_month(self) -> Self {
        let days = self.days + i64::from(days_in(self.year, self.month) - self.day) + 1;
        let (year, month) = if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
        Self { year, month, day: 1, days }
    }
}

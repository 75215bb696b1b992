//! The time as the pages show it: the server's clock carried on in the browser, so that ages are right even where
//! a laptop's clock is not, and dates in the viewer's zone that are the same on both sides of hydration.

use leptos::prelude::*;
use model::Locale;

/// The running clock of a page; in context since the app began.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    /// The server's time now, UTC milliseconds; moves once a second in the browser.
    pub(crate) now: ReadSignal<i64>,
    /// How a date becomes a local one.
    zone: RwSignal<Zone>,
}

/// How the offset from UTC is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Minutes east of UTC, from the cookie.
    Fixed(i32),
    /// The browser's own, right for each date.
    #[cfg(not(feature = "ssr"))]
    Browser,
}

impl Clock {
    /// Starts at the time the page was made; in the browser it goes on by itself.
    pub(crate) fn provide(now_ms: i64, zone_minutes: i32) -> Self {
        let (now, set_now) = signal(now_ms);
        let zone = RwSignal::new(Zone::Fixed(zone_minutes));
        let clock = Self { now, zone };
        provide_context(clock);
        #[cfg(not(feature = "ssr"))]
        {
            let ahead = now_ms - js_sys::Date::now() as i64;
            let tick = move || set_now.set(js_sys::Date::now() as i64 + ahead);
            // Hydration must see what the server saw; from then on the browser knows better. The clock runs as long
            // as the page, so nobody stops it.
            crate::visit::when_alive(move || {
                zone.set(Zone::Browser);
                crate::visit::keep_zone(offset_minutes(Zone::Browser, now_ms));
                let _ = set_interval_with_handle(tick, std::time::Duration::from_secs(1));
            });
        }
        #[cfg(feature = "ssr")]
        let _ = set_now;
        clock
    }

    /// The clock of this page.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or_else(|| Self::provide(0, 0))
    }

    /// A moment in the viewer's zone.
    pub(crate) fn local(self, ms: i64) -> Civil {
        Civil::of(ms, offset_minutes(self.zone.get(), ms))
    }

    /// Milliseconds since a moment; never negative.
    pub(crate) fn age(self, ms: i64) -> i64 {
        (self.now.get() - ms).max(0)
    }
}

fn offset_minutes(zone: Zone, ms: i64) -> i32 {
    match zone {
        Zone::Fixed(minutes) => minutes,
        #[cfg(not(feature = "ssr"))]
        Zone::Browser => {
            let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(ms as f64));
            -date.get_timezone_offset() as i32
        }
    }
    .clamp(-14 * 60, if ms == i64::MIN { 0 } else { 14 * 60 })
}

/// The system's time, UTC milliseconds.
#[cfg(feature = "ssr")]
pub(crate) fn system_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map(|d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
        .unwrap_or_default()
}

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    year: i64,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Civil {
    /// The civil time of a moment at an offset (days from civil by H. Hinnant's algorithm).
    pub(crate) fn of(ms: i64, offset_minutes: i32) -> Self {
        let seconds = ms.div_euclid(1000) + i64::from(offset_minutes) * 60;
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
        Self {
            year: yoe + era * 400 + i64::from(month <= 2),
            month,
            day: (doy - (153 * mp + 2) / 5 + 1) as u32,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// "05:44".
    pub(crate) fn time(self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// "24 Nov" / "11月24日".
    pub(crate) fn day(self, locale: Locale) -> String {
        match locale {
            Locale::En => format!("{} {}", self.day, self.month_name()),
            Locale::Zh => format!("{}月{}日", self.month, self.day),
        }
    }

    /// "24 Nov 2026" / "2026年11月24日".
    pub(crate) fn date(self, locale: Locale) -> String {
        match locale {
            Locale::En => format!("{} {} {}", self.day, self.month_name(), self.year),
            Locale::Zh => format!("{}年{}月{}日", self.year, self.month, self.day),
        }
    }

    /// "24 Nov 2026, 05:44:09" / "2026年11月24日 05:44:09".
    pub(crate) fn exact(self, locale: Locale) -> String {
        let comma = if locale == Locale::En { "," } else { "" };
        format!("{}{comma} {}:{:02}", self.date(locale), self.time(), self.second)
    }

    /// "2026-11-24T05:44", what `<input type="datetime-local">` takes.
    pub(crate) fn input(self) -> String {
        format!("{:04}-{:02}-{:02}T{}", self.year, self.month, self.day, self.time())
    }

    fn month_name(self) -> &'static str {
        MONTHS.get(self.month as usize - 1).copied().unwrap_or_default()
    }

    /// Whether both lie on the same day.
    pub(crate) fn same_day(self, other: Self) -> bool {
        (self.year, self.month, self.day) == (other.year, other.month, other.day)
    }
}

/// RFC 3339 in UTC, for `<time datetime>`.
pub(crate) fn rfc3339(ms: i64) -> String {
    let c = Civil::of(ms, 0);
    format!("{}:{:02}Z", c.input(), c.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_knows_leap_days_and_offsets() {
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
        assert_eq!(Civil::of(1_795_478_400_000, 480).exact(Locale::En), "24 Nov 2026, 08:00:00");
        assert_eq!(Civil::of(1_795_478_400_000, -330).exact(Locale::Zh), "2026年11月23日 18:30:00");
    }
}

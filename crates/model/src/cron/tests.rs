use proptest::prelude::*;

use super::*;

fn v(text: &str) -> HarborVersion {
    text.parse().unwrap()
}

fn new(text: &str) -> Result<Cron, CronError> {
    Cron::parse(text, &v("2.15.2"))
}

fn code(text: &str, version: &str) -> &'static str {
    Cron::parse(text, &v(version)).map_or_else(|e| e.code(), |_| "ok")
}

/// Noon of 2026-11-23, a Monday.
const NOON: i64 = 1_795_435_200_000;

#[test]
fn parse_takes_and_refuses_what_each_version_does() {
    for (text, on_2_8, later) in [
        ("*/10 * * * * *", "ok", "cron.seconds"),
        ("0 * * * * *", "ok", "cron.every_minute"),
        ("* * * * * *", "ok", "cron.seconds"),
        ("5 0 * * * *", "ok", "cron.seconds"),
        ("00 0 * * * *", "ok", "cron.seconds"),
        (" 0 0 * * * *", "ok", "cron.seconds"),
        ("TZ=UTC 0 0 0 * * *", "ok", "cron.seconds"),
        ("0 */10 * * * *", "ok", "ok"),
        ("0 */1 * * * *", "ok", "ok"),
        ("0 0-59 * * * *", "ok", "ok"),
        ("0 0,30 * * * *", "ok", "ok"),
        ("0  0 * * * *", "ok", "ok"),
        ("0 0 0 * * ?", "ok", "ok"),
        ("0 0 0 * * MON", "ok", "ok"),
        ("0 0 0 1 JAN *", "ok", "ok"),
        ("*/10 * * * *", "cron.field_count", "cron.field_count"),
        ("0 0 * * *", "cron.field_count", "cron.field_count"),
        ("0 0 0 1 1 * 2027", "cron.field_count", "cron.field_count"),
        ("@hourly", "cron.descriptor", "cron.descriptor"),
        ("@every 10s", "cron.descriptor", "cron.descriptor"),
        ("", "cron.empty", "cron.empty"),
        ("bogus", "cron.field_count", "cron.field_count"),
        ("0 60 * * * *", "cron.field", "cron.field"),
        ("0 0 0 * * 7", "cron.field", "cron.field"),
        ("0 */0 * * * *", "cron.field", "cron.field"),
        ("0 5-1 * * * *", "cron.field", "cron.field"),
        ("0 1-2-3 * * * *", "cron.field", "cron.field"),
        ("0 , * * * *", "cron.field", "cron.field"),
        ("0 0 0 30 2 *", "cron.never", "cron.never"),
        ("0 0 0 31 4,6 *", "cron.never", "cron.never"),
        ("0 0 0 29 2 *", "ok", "ok"),
        // With a weekday the two are joined by "or": it does come true.
        ("0 0 0 30 2 MON", "ok", "ok"),
    ] {
        assert_eq!(code(text, "2.8.6"), on_2_8, "{text} on 2.8.6");
        for version in ["2.9.0", "2.10.3", "2.12.4", "2.13.5", "2.14.4", "2.15.2", "2.16-dev"] {
            assert_eq!(code(text, version), later, "{text} on {version}");
        }
    }
}

#[test]
fn parse_offers_the_nearest_form_and_says_what_was_meant() {
    for (text, meaning, nearest) in [
        ("*/10 * * * * *", Some("every 10 s"), Some("0 */1 * * * *")),
        ("0 * * * * *", Some("every 1 min"), Some("0 */1 * * * *")),
        ("* * * * * *", Some("every 1 s"), Some("0 */1 * * * *")),
        ("5 0 * * * *", Some("every 1 h"), Some("0 0 * * * *")),
        ("00 0 * * * *", Some("every 1 h"), Some("0 0 * * * *")),
        (" 0 0 0 * * *", Some("every 1 d"), Some("0 0 0 * * *")),
        ("*/5 * * * *", Some("every 5 min"), Some("0 */5 * * * *")),
        ("0 0 * * *", Some("every 1 d"), Some("0 0 0 * * *")),
        ("@hourly", Some("every 1 h"), Some("0 0 * * * *")),
        ("@every 10s", Some("every 10 s"), Some("0 */1 * * * *")),
        ("@every 90m", None, None),
        ("0 0 0 * * 5-7", None, Some("0 0 0 * * 5-6,0")),
        ("0 */0 * * * *", Some("every 1 min"), Some("0 */1 * * * *")),
        ("0 0 0 30 2 *", None, Some("0 0 0 28 2 *")),
        ("0 0 0 31 4,6 *", None, Some("0 0 0 30 4,6 *")),
        ("TZ=UTC 0 0 0 * * *", Some("every 1 d"), Some("0 0 0 * * *")),
        ("TZ=Asia/Shanghai 0 0 0 * * *", None, None),
        ("bogus", None, None),
        ("", None, None),
    ] {
        let error = new(text).unwrap_err();
        assert_eq!(error.meaning.as_ref().map(|m| m.en.as_str()), meaning, "{text}");
        assert_eq!(error.nearest.as_deref(), nearest, "{text}");
    }
}

#[test]
fn next_after_finds_the_next_run() {
    let hour = 3_600_000;
    for (text, ms) in [
        ("0 */10 * * * *", NOON + 600_000),
        ("0 0 * * * *", NOON + hour),
        ("0 0 0 * * *", NOON + 12 * hour),
        ("0 0 0 * * MON", NOON + 12 * hour + 6 * 24 * hour),
        ("0 0 0 29 2 *", 1_835_395_200_000),
        ("0 30 3 1 JAN ?", 1_798_774_200_000),
    ] {
        assert_eq!(new(text).unwrap().next_after(NOON), Some(ms), "{text}");
    }
    assert_eq!(
        new("0 0 12 * * *").unwrap().next_after(NOON - 1),
        Some(NOON),
        "a run less than a second away"
    );
}

#[test]
fn next_after_joins_day_and_weekday_as_harbor_does() {
    // Both restricted: either suffices. 2026-11-24 is a Tuesday, the 25th a Wednesday.
    let day = 86_400_000;
    let midnight = NOON + day / 2;
    assert_eq!(new("0 0 0 25 * TUE").unwrap().next_after(NOON), Some(midnight));
    assert_eq!(new("0 0 0 25 * THU").unwrap().next_after(NOON), Some(midnight + day));
    // `*/2` is no star to Harbor's parser: odd days or Tuesdays, so Tuesday the 24th counts.
    assert_eq!(new("0 0 0 */2 * TUE").unwrap().next_after(NOON), Some(midnight));
}

#[test]
fn next_after_gives_up_where_no_time_can_be_named() {
    assert_eq!(new("0 0 * * * *").unwrap().next_after(i64::MAX), None);
    assert!(new("0 0 * * * *").unwrap().next_after(-1_000_000_000_000).is_some());
}

#[test]
fn period_hint_is_the_shortest_distance() {
    assert_eq!(new("0 */10 * * * *").unwrap().period_hint(NOON), Some(600_000));
    assert_eq!(new("0 0,10,30 * * * *").unwrap().period_hint(NOON), Some(600_000));
    assert_eq!(new("0 0 0 29 2 *").unwrap().period_hint(NOON), None);
}

#[test]
fn staggered_moves_each_run() {
    for (text, by, expected) in [
        ("0 */10 * * * *", 5, Some("0 5-59/10 * * * *")),
        ("0 0 * * * *", 30, Some("0 30 * * * *")),
        ("0 0,30 * * * *", 45, Some("0 15,45 * * * *")),
        ("0 50 23 * * *", 20, Some("0 10 0 * * *")),
        ("0 50 23 * * MON", 20, None),
        ("0 0 2 * * MON", 30, Some("0 30 2 * * MON")),
        ("0 */30 2 * * *", 45, None),
        ("0 */1 * * * *", 3, Some("0 */1 * * * *")),
    ] {
        let moved = new(text).unwrap().staggered(by);
        assert_eq!(moved.as_ref().map(Cron::text), expected, "{text} by {by}");
    }
}

prop_compose! {
    fn any_cron()(
        minute in prop_oneof![Just("*/1".to_owned()), (1u32..60).prop_map(|n| format!("*/{n}")), (0u32..60).prop_map(|n| n.to_string()), (0u32..30, 30u32..60).prop_map(|(a, b)| format!("{a}-{b}/7"))],
        hour in prop_oneof![Just("*".to_owned()), (0u32..24).prop_map(|n| n.to_string()), (1u32..24).prop_map(|n| format!("*/{n}"))],
        day in prop_oneof![4 => Just("*".to_owned()), 1 => (1u32..29).prop_map(|n| n.to_string())],
        weekday in prop_oneof![4 => Just("?".to_owned()), 1 => (0u32..7).prop_map(|n| n.to_string())],
    ) -> String {
        format!("0 {minute} {hour} {day} * {weekday}")
    }
}

/// Whether a minute fits, asked in the plainest way.
fn fits(cron: &Cron, unix_min: i64) -> bool {
    let date = time::Date::of_day(unix_min.div_euclid(1440)).unwrap();
    let minute = unix_min.rem_euclid(1440) as u32;
    cron.fits_day(date) && cron.hour.has(minute / 60) && cron.minute.has(minute % 60)
}

proptest! {
    #[test]
    fn next_after_skips_no_run(text in any_cron(), start in 0i64..4_000_000_000_000) {
        let cron = new(&text).unwrap();
        let next = cron.next_after(start).unwrap();
        prop_assert!(next > start && next % 60_000 == 0);
        prop_assert!(fits(&cron, next / 60_000));
        let first = start / 60_000 + 1;
        let horizon = (next / 60_000).min(first + 20_000);
        prop_assert!((first..horizon).all(|minute| !fits(&cron, minute)));
    }

    #[test]
    fn staggered_shifts_every_run_by_the_minutes(text in any_cron(), by in 0u32..1440, start in 0i64..4_000_000_000_000) {
        let cron = new(&text).unwrap();
        if let Some(moved) = cron.staggered(by) {
            let shift = i64::from(by) * 60_000;
            let expected: Vec<i64> = cron.runs_after(start).take(5).map(|t| t + shift).collect();
            let actual: Vec<i64> = moved.runs_after(start + shift).take(5).collect();
            prop_assert_eq!(actual, expected);
            prop_assert!(new(moved.text()).is_ok());
        }
    }

    #[test]
    fn nearest_is_always_accepted(text in "[*0-9/,@ a-z?-]{0,24}") {
        if let Err(CronError { nearest: Some(nearest), .. }) = new(&text) {
            prop_assert!(new(&nearest).is_ok(), "{}", nearest);
        }
    }

    #[test]
    fn parse_never_panics(text in "\\PC{0,40}") {
        let _ = new(&text);
        let _ = Cron::parse(&text, &v("2.8.6"));
    }

    #[test]
    fn dates_count_one_by_one(day in -1_000_000i64..1_000_000) {
        let date = time::Date::of_day(day).unwrap();
        prop_assert_eq!(date.next(), time::Date::of_day(day + 1).unwrap());
        let month = date.next_month();
        prop_assert_eq!(month, time::Date::of_day(month.unix_day()).unwrap());
    }
}

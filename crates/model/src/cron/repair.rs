//! What a refused cron meant, and the nearest one that is accepted.

use super::{Cron, time::longest_month};
use crate::HarborVersion;

/// Reads more than any Harbor does: five fields, seven with a year, `@` forms, stray blanks, weekday 7.
pub(super) fn lenient(text: &str) -> Option<Cron> {
    Cron::grammar(&six_fields(text)?.join(" ")).ok()
}

/// The nearest form that `version` accepts; `None` if nothing near it is.
pub(super) fn nearest(text: &str, version: &HarborVersion) -> Option<String> {
    let accepted = |words: &[String]| {
        let text = words.join(" ");
        Cron::check(&text, version).is_ok().then_some(text)
    };
    let mut words = six_fields(text)?;
    if let Some(text) = accepted(&words) {
        return Some(text);
    }
    if !version.seconds_in_cron() {
        "0".clone_into(&mut words[0]);
        if words[1] == "*" {
            "*/1".clone_into(&mut words[1]);
        }
        if let Some(text) = accepted(&words) {
            return Some(text);
        }
    }
    // The last day that every one of the months has.
    let months = Cron::grammar(&format!("0 0 0 * {} *", words[4])).ok()?;
    let last = months.month.values().map(|m| if m == 2 { 28 } else { longest_month(m) }).min()?;
    words[3] = last.to_string();
    accepted(&words)
}

fn six_fields(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let spec = match text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
        Some(zoned) => match zoned.split_once(' ') {
            Some(("" | "UTC", spec)) => spec,
            _ => return None,
        },
        None => text,
    };
    let spec = if spec.starts_with('@') { descriptor(spec)? } else { spec.to_owned() };
    let mut words: Vec<String> = spec.split_whitespace().map(str::to_owned).collect();
    match words.len() {
        5 => words.insert(0, "0".to_owned()),
        6 => {}
        // The Quartz form with a year at the end.
        7 if words[6] == "*" => drop(words.pop()),
        _ => return None,
    }
    words[5] = sunday_as_zero(&words[5]);
    for word in &mut words {
        *word = word.replace("/0", "/1");
    }
    Some(words)
}

fn descriptor(spec: &str) -> Option<String> {
    let fixed = match spec {
        "@yearly" | "@annually" => "0 0 0 1 1 *",
        "@monthly" => "0 0 0 1 * *",
        "@weekly" => "0 0 0 * * 0",
        "@daily" | "@midnight" => "0 0 0 * * *",
        "@hourly" => "0 0 * * * *",
        _ => return every(spec.strip_prefix("@every ")?.trim()),
    };
    Some(fixed.to_owned())
}

/// `@every 10s`, `5m`, `2h`: only what divides the next larger unit can be said by a cron.
fn every(text: &str) -> Option<String> {
    let split = text.len().checked_sub(1)?;
    let (number, unit) = (text.get(..split)?.parse::<u32>().ok()?, text.get(split..)?);
    match unit {
        "s" if (1..60).contains(&number) && 60 % number == 0 => Some(format!("*/{number} * * * * *")),
        "s" if number % 60 == 0 => every(&format!("{}m", number / 60)),
        "m" if (1..60).contains(&number) && 60 % number == 0 => Some(format!("0 */{number} * * * *")),
        "m" if number % 60 == 0 => every(&format!("{}h", number / 60)),
        "h" if (1..24).contains(&number) && 24 % number == 0 => Some(format!("0 0 */{number} * * *")),
        "h" if number == 24 => Some("0 0 0 * * *".to_owned()),
        _ => None,
    }
}

/// Other crons read weekday 7 as Sunday; Harbor's does not.
fn sunday_as_zero(field: &str) -> String {
    let part = |part: &str| match part.split_once('-') {
        _ if part == "7" => "0".to_owned(),
        Some(("7", "7")) => "0".to_owned(),
        Some((low, "7")) => format!("{low}-6,0"),
        _ => part.to_owned(),
    };
    field.split(',').map(part).collect::<Vec<_>>().join(",")
}

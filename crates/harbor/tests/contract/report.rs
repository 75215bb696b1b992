//! The table, and the verdict.

use std::{collections::BTreeMap, fmt};

use crate::exceptions::{self, Exception};

/// Most exceptions that a topic may have, of the exchanges compared.
const EXCEPTED_SHARE: f64 = 0.02;

#[derive(Default)]
struct Row {
    passed: usize,
    excepted: usize,
    unused: usize,
    failed: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Report {
    rows: BTreeMap<(String, String), Row>,
    unrecorded: Vec<String>,
}

impl Report {
    fn row(&mut self, version: &str, topic: &str) -> &mut Row {
        self.rows.entry((version.to_owned(), topic.to_owned())).or_default()
    }

    /// Takes over another report's rows, of other versions.
    pub(crate) fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }

    pub(crate) fn unused(&mut self, version: &str, topic: &str) {
        self.row(version, topic).unused += 1;
    }

    pub(crate) fn unrecorded(&mut self, version: &str, topic: &str) {
        self.unrecorded.push(format!("{version} {topic}"));
    }

    /// One exchange that was compared. `status` says whether the difference is in the status of a write, which no
    /// exception may excuse.
    pub(crate) fn compared(
        &mut self,
        version: &str,
        topic: &str,
        id: &str,
        differences: &[String],
        write_status: bool,
    ) {
        let excuse = exceptions::find(version, topic, id);
        let row = self.row(version, topic);
        match excuse {
            _ if differences.is_empty() => row.passed += 1,
            Some(Exception { .. }) if !write_status => row.excepted += 1,
            _ => row.failed.push(format!("{id}: {}", differences.join("; "))),
        }
    }

    /// Fails on any difference without an excuse, and on too many excuses.
    pub(crate) fn judge(&self) {
        let failed: usize = self.rows.values().map(|r| r.failed.len()).sum();
        assert_eq!(failed, 0, "{failed} exchanges differ from the recordings (see above)");
        for ((version, topic), row) in &self.rows {
            let compared = row.passed + row.excepted;
            let most = (compared as f64 * EXCEPTED_SHARE).max(1.0) as usize;
            assert!(
                row.excepted <= most,
                "{version} {topic}: {} exceptions, at most {most} are allowed",
                row.excepted
            );
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((version, topic), row) in &self.rows {
            for failure in &row.failed {
                writeln!(f, "DIFFERS {version} {topic} {failure}")?;
            }
        }
        writeln!(
            f,
            "{:<9} {:<24} {:>7} {:>9} {:>7} {:>8}",
            "version", "topic", "passed", "excepted", "unused", "differs"
        )?;
        let mut sum = [0; 4];
        for ((version, topic), row) in &self.rows {
            let numbers = [row.passed, row.excepted, row.unused, row.failed.len()];
            sum.iter_mut().zip(numbers).for_each(|(s, n)| *s += n);
            let [passed, excepted, unused, failed] = numbers;
            writeln!(f, "{version:<9} {topic:<24} {passed:>7} {excepted:>9} {unused:>7} {failed:>8}")?;
        }
        let [passed, excepted, unused, failed] = sum;
        writeln!(f, "{:<9} {:<24} {passed:>7} {excepted:>9} {unused:>7} {failed:>8}", "all", "")?;
        write!(f, "without a recording: {}", self.unrecorded.join(", "))
    }
}

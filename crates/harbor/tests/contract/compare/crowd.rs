//! Lists in which the recorded Harbors also showed rows of other experiments.

use serde_json::Value;

use super::Comparison;

impl Comparison<'_> {
    /// Rows of a crowded list: ours must be there and right, those of other experiments are left out.
    pub(super) fn crowded_list(&mut self, was: &[Value], is: &[Value], top: &str) -> bool {
        let ours: Vec<&Value> = was.iter().filter(|row| row.is_object() && self.known(row, top)).collect();
        let whole = self.total == Some(was.len()) && ours.len() == was.len() && !self.paged;
        if whole && was.len() == is.len() && !top.starts_with("audit") {
            for (i, (w, n)) in was.iter().zip(is).enumerate() {
                self.row(i, top, w, n);
            }
            return false;
        }
        let mut left: Vec<&Value> = is.iter().collect();
        for (i, row) in ours.iter().enumerate() {
            let found = left.iter().position(|now| self.same_row(row, now, top));
            match found.map(|at| left.remove(at)) {
                Some(now) => self.row(i, top, row, now),
                // On a later page, or in another order, others' rows decide which of ours are shown.
                None if self.paged || self.total != Some(was.len()) => {}
                None => self.differ(&format!("[{i}]"), row, "no such row"),
            }
        }
        true
    }

    /// One row. How far a run had come when it was listed is a matter of seconds: of one that was still going,
    /// everything but its progress is compared.
    fn row(&mut self, i: usize, top: &str, was: &Value, is: &Value) {
        let moving = top == "executions" && was["in_progress"].as_i64() > Some(0);
        let kept = |row: &Value| {
            let mut row = row.clone();
            for key in ["status", "status_text", "end_time", "succeed", "failed", "in_progress", "stopped"] {
                if moving {
                    row[key] = Value::Null;
                }
            }
            row
        };
        self.value(&format!("[{i}]"), "", top, &kept(was), &kept(is));
    }

    fn known(&self, row: &Value, top: &str) -> bool {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        let named = ["name", "resource", "username", "job_type"]
            .iter()
            .filter_map(|k| text(k))
            .any(|t| self.mapping.is_ours(t));
        let id = |key: &str, kind: &str| {
            row.get(key)
                .and_then(Value::as_i64)
                .is_some_and(|id| id > 0 && self.mapping.id(kind, id).is_some())
        };
        if top.starts_with("audit") {
            // Lines about earlier topics' things bear the same beginning.
            return text("resource").is_some_and(|r| self.mapping.is_ours(r) && r.contains("-aud"));
        }
        let of_ours = match top {
            "quotas" => {
                row.pointer("/ref/name").and_then(Value::as_str).is_some_and(|n| self.mapping.is_ours(n))
            }
            "executions" => id("policy_id", "policies"),
            "schedules" => {
                id("vendor_id", "policies")
                    || row.get("vendor_type").and_then(Value::as_str) != Some("REPLICATION")
            }
            _ => false,
        };
        named || of_ours || id("id", top)
    }

    fn same_row(&self, was: &Value, is: &Value, top: &str) -> bool {
        let number = |row: &Value, key: &str| row.get(key).and_then(Value::as_i64);
        if let (Some(w), Some(i)) =
            (number(was, "id").and_then(|id| self.mapping.id(top, id)), number(is, "id"))
            && w != 0
        {
            return w == i;
        }
        let key = |row: &Value, key: &str| row.get(key).cloned();
        match top {
            "schedules" => {
                let vendor = number(was, "vendor_id").map(|v| self.mapping.id("policies", v).unwrap_or(v));
                key(was, "vendor_type") == key(is, "vendor_type") && vendor == number(is, "vendor_id")
            }
            "quotas" => was.pointer("/ref/name") == is.pointer("/ref/name"),
            "executions" => false,
            "auditlog-exts" | "audit-logs" => {
                let same = |k: &str| {
                    let was = was.get(k).and_then(Value::as_str).map(|t| self.mapping.marked(t));
                    was.as_deref() == is.get(k).and_then(Value::as_str)
                };
                ["operation", "resource_type", "resource", "username"].iter().all(|k| same(k))
            }
            _ => was.get("name").is_some() && key(was, "name") == key(is, "name"),
        }
    }
}

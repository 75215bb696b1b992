//! Lists: `q`, `sort`, `page`, `page_size`, and the headers that go with them.

use std::cmp::Ordering;

use serde_json::Value;

use crate::clock::Millis;
use crate::http::{Refusal, Reply, Request};

/// A value of a row that `q` and `sort` may look at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Int(i64),
    Text(String),
    Time(Millis),
    Bool(bool),
}

impl Field {
    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) | (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            _ => Ordering::Equal,
        }
    }
}

/// One condition of `q`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// `k=v`
    Exact(String),
    /// `k=~v`
    Fuzzy(String),
    /// `k=[a~b]`, either end may be open.
    Range(String, String),
    /// `k={a b}` or `k=(a b)`; the flag says that all must hold.
    Set(Vec<String>, bool),
}

impl Condition {
    fn parse(text: &str) -> Self {
        let inner = |open: char, close: char| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
        let words = |t: &str| t.split_whitespace().map(unquote).collect();
        if let Some(rest) = text.strip_prefix('~') {
            return Self::Fuzzy(rest.to_owned());
        }
        if let Some((low, high)) = inner('[', ']').and_then(|t| t.split_once('~')) {
            return Self::Range(low.trim().to_owned(), high.trim().to_owned());
        }
        if let Some(list) = inner('{', '}') {
            return Self::Set(words(list), false);
        }
        if let Some(list) = inner('(', ')') {
            return Self::Set(words(list), true);
        }
        Self::Exact(unquote(text))
    }

    /// Whether a row's value passes. What cannot be compared is ignored, as if it were not there.
    fn holds(&self, field: &Field) -> bool {
        match self {
            Self::Exact(v) => equals(field, v),
            Self::Fuzzy(v) => match field {
                Field::Text(t) => t.to_lowercase().contains(&v.to_lowercase()),
                _ => true,
            },
            Self::Set(values, true) => values.iter().all(|v| equals(field, v)),
            Self::Set(values, false) => values.iter().any(|v| equals(field, v)),
            Self::Range(low, high) => {
                let bound = |text: &str| match field {
                    Field::Int(_) => text.parse().ok().map(Field::Int),
                    Field::Time(_) => parse_time(text).map(Field::Time),
                    Field::Text(_) => Some(Field::Text(text.to_owned())),
                    Field::Bool(_) => None,
                };
                let above = low.is_empty() || bound(low).is_none_or(|b| field.order(&b).is_ge());
                let below = high.is_empty() || bound(high).is_none_or(|b| field.order(&b).is_le());
                above && below
            }
        }
    }
}

fn unquote(text: &str) -> String {
    let stripped = |q: char| text.strip_prefix(q).and_then(|t| t.strip_suffix(q));
    stripped('"').or_else(|| stripped('\'')).unwrap_or(text).to_owned()
}

fn equals(field: &Field, text: &str) -> bool {
    match field {
        Field::Int(n) => text.parse::<i64>().is_ok_and(|v| v == *n),
        Field::Text(t) => t == text,
        Field::Time(at) => parse_time(text).is_none_or(|v| v == *at),
        Field::Bool(b) => text.parse::<bool>().is_ok_and(|v| v == *b),
    }
}

/// `2006-01-02T15:04:05`, with a space for the `T`, with a `Z`: all are UTC.
fn parse_time(text: &str) -> Option<Millis> {
    let text = text.trim_end_matches('Z').replacen(' ', "T", 1);
    let at: jiff::civil::DateTime = text.parse().ok()?;
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp().as_millisecond())
}

/// The parameters every list takes.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    page: i64,
    page_size: i64,
    sort: Vec<(String, bool)>,
    conditions: Vec<(String, Condition)>,
    path: String,
    params: Vec<(String, String)>,
}

fn int_param(request: &Request, name: &str, default: i64) -> Result<i64, Refusal> {
    match request.param(name) {
        None | Some("") => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::invalid(&format!("{name} in query must be of type int64: \"{text}\""))),
    }
}

impl ListQuery {
    pub(crate) fn read(request: &Request) -> Result<Self, Refusal> {
        let page = int_param(request, "page", 1)?;
        let page_size = int_param(request, "page_size", 10)?;
        if page_size > 100 {
            return Err(Refusal::invalid("page_size in query should be less than or equal to 100"));
        }
        let sort = request.param("sort").unwrap_or_default();
        let sort = sort.split(',').filter(|s| !s.is_empty()).map(|s| match s.strip_prefix('-') {
            Some(name) => (name.to_owned(), true),
            None => (s.to_owned(), false),
        });
        let mut conditions = Vec::new();
        // Harbor decodes the value of `q` once more, so a plus is a blank in it.
        let q = crate::http::percent_decode(&request.param("q").unwrap_or_default().replace('+', " "));
        for part in q.split(',').filter(|p| !p.is_empty()) {
            match part.split_once('=') {
                Some((key, value)) if !key.is_empty() && !value.is_empty() => {
                    conditions.push((key.to_owned(), Condition::parse(value)));
                }
                _ => {
                    let text = "the query string must contain \"=\" and the key/value cannot be empty";
                    return Err(Refusal::bad(text));
                }
            }
        }
        Ok(Self {
            page,
            page_size,
            sort: sort.collect(),
            conditions,
            path: request.raw_path.clone(),
            params: request.query.clone(),
        })
    }

    /// The same without `q`: for lists that do not take one.
    pub(crate) fn without_q(mut self) -> Self {
        self.conditions.clear();
        self
    }

    /// The condition on one field.
    pub(crate) fn condition(&self, key: &str) -> Option<&Condition> {
        self.conditions.iter().find(|(k, _)| k == key).map(|(_, c)| c)
    }

    /// Takes a condition out, for those that are no comparison of a column.
    pub(crate) fn take(&mut self, key: &str) -> Option<Condition> {
        let at = self.conditions.iter().position(|(k, _)| k == key)?;
        Some(self.conditions.remove(at).1)
    }

    /// Whether a value passes the condition on `key`, if there is one.
    pub(crate) fn passes(&self, key: &str, value: &Field) -> bool {
        self.conditions.iter().filter(|(k, _)| k == key).all(|(_, c)| c.holds(value))
    }

    /// Filters, sorts and cuts out the page. `rows` come in the default order; fields that `field` does not
    /// know are ignored without an error.
    pub(crate) fn apply<T>(&self, mut rows: Vec<T>, field: impl Fn(&T, &str) -> Option<Field>) -> Page<T> {
        rows.retain(|row| {
            self.conditions.iter().all(|(key, c)| field(row, key).is_none_or(|value| c.holds(&value)))
        });
        let mut keys: Vec<&(String, bool)> = self.sort.iter().collect();
        if let Some(first) = rows.first() {
            keys.retain(|(key, _)| field(first, key).is_some());
        }
        if !keys.is_empty() {
            rows.sort_by(|a, b| {
                let orders = keys.iter().map(|(key, desc)| {
                    let order = match (field(a, key), field(b, key)) {
                        (Some(a), Some(b)) => a.order(&b),
                        _ => Ordering::Equal,
                    };
                    if *desc { order.reverse() } else { order }
                });
                orders.fold(Ordering::Equal, Ordering::then)
            });
        }
        self.page(rows)
    }

    /// Cuts out the page of rows that are filtered and sorted already.
    pub(crate) fn page<T>(&self, rows: Vec<T>) -> Page<T> {
        let total = rows.len();
        if self.page_size <= 0 {
            return Page { total, rows };
        }
        let size = usize::try_from(self.page_size).unwrap_or(10);
        let skip = usize::try_from(self.page - 1).unwrap_or(0).saturating_mul(size);
        Page { total, rows: rows.into_iter().skip(skip).take(size).collect() }
    }

    fn link(&self, total: usize) -> Option<String> {
        if self.page_size == 0 {
            return None;
        }
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        let address = |page: i64| {
            let mut params: Vec<(String, String)> =
                self.params.iter().filter(|(k, _)| k != "page" && k != "page_size").cloned().collect();
            params.push(("page".to_owned(), page.to_string()));
            params.push(("page_size".to_owned(), self.page_size.to_string()));
            params.sort();
            let text: Vec<String> = params.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!("{}?{}", self.path.trim_end_matches('/'), text.join("&"))
        };
        let mut links = Vec::new();
        if self.page > 1 && (self.page - 1).saturating_mul(self.page_size) <= total {
            links.push(format!("<{}>; rel=\"prev\"", address(self.page - 1)));
        }
        if self.page.saturating_mul(self.page_size) < total {
            links.push(format!("<{}>; rel=\"next\"", address(self.page + 1)));
        }
        if links.is_empty() { None } else { Some(links.join(" , ")) }
    }

    /// The answer of a list.
    pub(crate) fn reply<T>(&self, page: Page<T>, row: impl FnMut(T) -> Value) -> Reply {
        let total = page.total;
        let body: Value = page.rows.into_iter().map(row).collect();
        let reply = Reply::json(&body).with("x-total-count", total.to_string());
        match self.link(total) {
            Some(link) => reply.with("link", link),
            None => reply,
        }
    }
}

/// Rows of one page and how many there are in all.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) total: usize,
    pub(crate) rows: Vec<T>,
}

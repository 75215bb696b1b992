//! Lists: pages, order, and Harbor's `q`.

use std::fmt::Display;

use serde::de::DeserializeOwned;

use crate::{
    Harbor, HarborError,
    send::{Answer, Ask},
    serial,
};

/// Largest page that Harbor gives (422 above); 0 gives everything at once.
pub const PAGE: u32 = 100;

/// Rows of a list and how many there are in all.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// `X-Total-Count`; the rows' number where Harbor sends none.
    pub total: u64,
}

impl<T: DeserializeOwned> Page<T> {
    pub(crate) fn of(answer: &Answer) -> Result<Self, HarborError> {
        // An empty list may come as null.
        let rows = answer.json::<Option<Vec<T>>>()?.unwrap_or_default();
        let total = answer.header("x-total-count").and_then(|t| t.parse().ok()).unwrap_or(rows.len() as u64);
        Ok(Self { rows, total })
    }
}

/// Which part of a list, in which order.
#[derive(Clone, Debug, Default)]
pub struct List {
    page: Option<u32>,
    page_size: Option<u32>,
    sort: Option<String>,
    q: Q,
}

impl List {
    /// The first page of Harbor's own size and order.
    pub fn new() -> Self {
        Self::default()
    }

    /// Page `page` (from 1) of `size` rows (1 to 100; 0 is everything in one answer).
    #[must_use]
    pub fn page(mut self, page: u32, size: u32) -> Self {
        (self.page, self.page_size) = (Some(page), Some(size));
        self
    }

    /// `field` or `-field`, separated by commas. Harbor ignores a field it does not know.
    #[must_use]
    pub fn sort(mut self, sort: &str) -> Self {
        self.sort = Some(sort.to_owned());
        self
    }

    /// Only rows that fit.
    #[must_use]
    pub fn filter(mut self, q: Q) -> Self {
        self.q = q;
        self
    }

    pub(crate) fn put_on(&self, mut ask: Ask) -> Ask {
        if let Some(page) = self.page {
            ask = ask.with("page", page);
        }
        if let Some(size) = self.page_size {
            ask = ask.with("page_size", size);
        }
        if let Some(sort) = &self.sort {
            ask = ask.with("sort", sort);
        }
        match self.q.text() {
            Ok(q) if q.is_empty() => ask,
            Ok(q) => ask.with("q", q),
            Err(e) => ask.failing(e),
        }
    }
}

/// Harbor's `q`. A term that Harbor does not know is ignored without an error and **the whole list comes back**,
/// so field names are written here only where they were seen to work, and values that would break out of their
/// term are refused.
#[derive(Clone, Debug, Default)]
pub struct Q {
    terms: Vec<String>,
    bad: Option<String>,
}

impl Q {
    /// No filter.
    pub fn new() -> Self {
        Self::default()
    }

    fn term(mut self, field: &str, values: &[String], open: &str, between: &str, close: &str) -> Self {
        let breaks =
            |v: &String| v.is_empty() || v.contains([',', '=', '{', '}', '(', ')', '[', ']', '~', ' ']);
        if values.is_empty() || values.iter().any(breaks) {
            self.bad = Some(format!("{field}={values:?}"));
        }
        self.terms.push(format!("{field}={open}{}{close}", values.join(between)));
        self
    }

    /// `field=value`.
    #[must_use]
    pub fn eq(self, field: &str, value: impl Display) -> Self {
        self.term(field, &[value.to_string()], "", "", "")
    }

    /// `field=~value`: contains.
    #[must_use]
    pub fn like(self, field: &str, value: impl Display) -> Self {
        self.term(field, &[value.to_string()], "~", "", "")
    }

    /// `field=[from~to]`, both ends included.
    #[must_use]
    pub fn between(self, field: &str, from: impl Display, to: impl Display) -> Self {
        self.term(field, &[from.to_string(), to.to_string()], "[", "~", "]")
    }

    /// `field=[from~]`.
    #[must_use]
    pub fn from(self, field: &str, from: impl Display) -> Self {
        self.term(field, &[from.to_string()], "[", "", "~]")
    }

    /// `field=[time~]`, a time in ms since 1970.
    #[must_use]
    pub fn since(self, field: &str, unix_ms: i64) -> Self {
        self.term(field, &[serial::q_time(unix_ms).unwrap_or_default()], "[", "", "~]")
    }

    /// `field={a b c}`: any of them. Keep to 400 values: nginx refuses longer addresses.
    #[must_use]
    pub fn any_of(self, field: &str, values: impl IntoIterator<Item = impl Display>) -> Self {
        let values: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
        self.term(field, &values, "{", " ", "}")
    }

    /// `base=*`: artifacts with the untagged children of indexes, and without the search for them, which costs a
    /// look at the whole table of tags.
    #[must_use]
    pub fn base(mut self) -> Self {
        self.terms.push("base=*".to_owned());
        self
    }

    fn text(&self) -> Result<String, HarborError> {
        match &self.bad {
            Some(bad) => Err(HarborError::Validation(format!("{bad} cannot be asked for"))),
            None => Ok(self.terms.join(",")),
        }
    }
}

impl Harbor {
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        ask: Ask,
        list: &List,
    ) -> Result<Page<T>, HarborError> {
        Page::of(&self.send(list.put_on(ask)).await?)
    }

    /// All pages, one after the other, until one is not full. `make` makes the request of each.
    pub(crate) async fn all<T: DeserializeOwned>(
        &self,
        list: &List,
        make: impl Fn() -> Ask,
    ) -> Result<Vec<T>, HarborError> {
        let mut rows = Vec::new();
        for page in 1.. {
            let Page { rows: more, total } = self.page(make(), &list.clone().page(page, PAGE)).await?;
            let full = more.len() >= PAGE as usize;
            rows.extend(more);
            if !full || rows.len() as u64 >= total {
                break;
            }
        }
        Ok(rows)
    }

    /// Everything in one answer, or page by page where the node does not take `page_size=0`.
    pub(crate) async fn at_once<T: DeserializeOwned>(
        &self,
        list: &List,
        make: impl Fn() -> Ask,
    ) -> Result<Vec<T>, HarborError> {
        match self.page::<T>(make(), &list.clone().page(1, 0)).await {
            // Some other reading of 0, such as "the default size", would cut the list short in silence.
            Ok(page) if page.rows.len() as u64 >= page.total => Ok(page.rows),
            Ok(_) | Err(HarborError::Validation(_)) => self.all(list, make).await,
            Err(other) => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_writes_harbors_terms() {
        let q = Q::new()
            .base()
            .between("id", 1, 5000)
            .any_of("repository_id", [1, 2, 3])
            .from("n", 7)
            .like("name", "ab");
        assert_eq!(q.text().unwrap(), "base=*,id=[1~5000],repository_id={1 2 3},n=[7~],name=~ab");
        assert_eq!(Q::new().since("op_time", 0).text().unwrap(), "op_time=[1970-01-01T00:00:00~]");
    }

    #[test]
    fn q_refuses_values_that_would_become_terms() {
        for bad in ["a,b=c", "x y", "", "[1~2]"] {
            assert!(Q::new().eq("name", bad).text().is_err(), "{bad}");
        }
    }

    #[test]
    fn q_refuses_an_empty_set_which_harbor_would_read_as_everything() {
        assert!(Q::new().any_of("id", Vec::<i64>::new()).text().is_err());
    }
}

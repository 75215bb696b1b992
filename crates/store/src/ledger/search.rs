//! Differences that a text finds.
//!
//! How many rows are looked at is bounded whatever the text: where few things begin with it or few are of the kind,
//! those; where many are, one look at each repository that differs, in the order of the pages, until the page is full. So
//! no text and no kind makes a database go through all differences of a pair.

use std::collections::BTreeMap;

use model::{drift::Kind, ids::PairId};

use super::{DriftFilter, DriftRow, Ledger, Place};
use crate::Result;

/// Differences that are sorted rather than looked for repository by repository.
const FEW: i64 = 1_000;
/// Behind everything that begins alike.
const LAST: char = '\u{10FFFF}';

/// What a text looks for, in small letters.
#[derive(Debug, PartialEq, Eq)]
enum Search {
    /// Everything in the repositories whose name contains this.
    Repository(String),
    /// What begins with this, in the repositories whose name contains that.
    Thing { repository: String, thing: String },
    /// Either of them.
    Either(String),
}

impl Search {
    /// `None` where the text is empty. A colon or an `@` parts the repository from the tag or the digest; Harbor allows
    /// neither in a name.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return None;
        }
        if text.starts_with("sha256:") {
            // As Harbor shows it.
            return Some(Self::Thing { repository: String::new(), thing: format!("@{text}") });
        }
        let Some(at) = text.find([':', '@']) else { return Some(Self::Either(text)) };
        let (repository, rest) = text.split_at(at);
        let (repository, thing) = (repository.to_owned(), rest.strip_prefix(':').unwrap_or(rest).to_owned());
        Some(if thing.is_empty() { Self::Repository(repository) } else { Self::Thing { repository, thing } })
    }
}

macro_rules! columns {
    () => {
        "d.repository, d.thing, d.kind, d.heals, d.bytes, d.body, d.found_ms"
    };
}

/// One repository after another. The empty text behind the name keeps SQLite from beginning at the bound of the names
/// instead of at the name.
macro_rules! by_repository {
    ($kind:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM readings r CROSS JOIN drifts d
             WHERE r.pair_id = $1 AND r.compared > r.equal AND r.repository >= $2 AND LOWER(r.repository) LIKE $5 ESCAPE '!'
             AND d.pair_id = $1 AND d.repository = r.repository || '' AND (r.repository > $2 OR d.thing > $3) AND ",
            $kind,
            " AND LOWER(d.thing) >= $6 AND LOWER(d.thing) < $7 ORDER BY r.repository, d.thing LIMIT $8"
        )
    };
}

/// The few that are such, sorted.
macro_rules! of_few {
    ($such:literal, $kind:literal) => {
        concat!(
            "WITH d AS MATERIALIZED (
                SELECT repository, thing, kind, heals, bytes, body, found_ms FROM drifts WHERE pair_id = $1 AND ",
            $such,
            ") SELECT ",
            columns!(),
            " FROM d WHERE (d.repository, d.thing) > ($2, $3) AND ",
            $kind,
            " AND LOWER(d.repository) LIKE $5 ESCAPE '!' AND LOWER(d.thing) >= $6 AND LOWER(d.thing) < $7
             ORDER BY d.repository, d.thing LIMIT $8"
        )
    };
}

/// The few that begin so.
macro_rules! by_thing {
    ($kind:literal) => {
        of_few!("LOWER(thing) >= $6 AND LOWER(thing) < $7", $kind)
    };
}

macro_rules! of_kind {
    ($filter:expr, $page:ident) => {
        match ($filter.kind, $filter.accepted) {
            (Some(_), _) => $page!("d.kind = $4"),
            (None, false) => $page!("$4 = '' AND d.kind <> 'accepted'"),
            (None, true) => $page!("$4 = ''"),
        }
    };
}

impl Ledger<'_> {
    /// Those behind `after` that the filter's text finds, by repository and thing; `None` where it has none.
    pub(super) async fn found(
        &self,
        pair: &PairId,
        filter: &DriftFilter,
        after: &Place,
        limit: u32,
    ) -> Result<Option<Vec<DriftRow>>> {
        let Some(search) = Search::parse(&filter.text) else { return Ok(None) };
        let page = Page { pair, filter, after, limit };
        Ok(Some(match &search {
            Search::Repository(name) => self.of_repositories(&page, name, "").await?,
            Search::Thing { repository, thing } => self.of_things(&page, repository, thing).await?,
            Search::Either(text) => {
                let mut rows = self.of_repositories(&page, text, "").await?;
                rows.extend(self.of_things(&page, "", text).await?);
                let sorted: BTreeMap<_, _> =
                    rows.into_iter().map(|row| ((row.repository.clone(), row.thing.clone()), row)).collect();
                sorted.into_values().take(limit as usize).collect()
            }
        }))
    }

    async fn of_things(&self, page: &Page<'_>, repository: &str, thing: &str) -> Result<Vec<DriftRow>> {
        let found: i64 = on_db!(&self.0.db, pool => sqlx::query_scalar(
            "SELECT COUNT(*) FROM (
                SELECT 1 FROM drifts WHERE pair_id = $1 AND LOWER(thing) >= $2 AND LOWER(thing) < $3 LIMIT $4) AS found")
            .bind(page.pair.as_str())
            .bind(thing)
            .bind(format!("{thing}{LAST}"))
            .bind(FEW + 1)
            .fetch_one(pool))?;
        if found > FEW {
            return self.of_repositories(page, repository, thing).await;
        }
        self.page(page, of_kind!(page.filter, by_thing), repository, thing).await
    }

    async fn of_repositories(&self, page: &Page<'_>, name: &str, thing: &str) -> Result<Vec<DriftRow>> {
        let sql = match page.filter.kind {
            Some(kind) if self.are_few(page.pair, kind).await? => of_few!("kind = $4", "d.kind = $4"),
            _ => of_kind!(page.filter, by_repository),
        };
        self.page(page, sql, name, thing).await
    }

    async fn are_few(&self, pair: &PairId, kind: Kind) -> Result<bool> {
        let found: i64 = on_db!(&self.0.db, pool => sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT 1 FROM drifts WHERE pair_id = $1 AND kind = $2 LIMIT $3) AS found")
            .bind(pair.as_str())
            .bind(kind.as_str())
            .bind(FEW + 1)
            .fetch_one(pool))?;
        Ok(found <= FEW)
    }

    async fn page(
        &self,
        page: &Page<'_>,
        sql: &'static str,
        name: &str,
        thing: &str,
    ) -> Result<Vec<DriftRow>> {
        on_db!(&self.0.db, pool => sqlx::query_as(sql)
            .bind(page.pair.as_str())
            .bind(page.after.repository.as_str())
            .bind(page.after.thing.as_str())
            .bind(page.filter.kind.map_or("", Kind::as_str))
            .bind(containing(name))
            .bind(thing)
            .bind(format!("{thing}{LAST}"))
            .bind(i64::from(page.limit))
            .fetch_all(pool))
    }
}

/// Which page is wanted.
struct Page<'a> {
    pair: &'a PairId,
    filter: &'a DriftFilter,
    after: &'a Place,
    limit: u32,
}

/// The pattern of a name that contains this.
fn containing(name: &str) -> String {
    let mut pattern = String::from("%");
    for c in name.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_parts_the_repository_from_the_tag_or_the_digest() {
        let thing = |repository: &str, thing: &str| {
            Some(Search::Thing { repository: repository.to_owned(), thing: thing.to_owned() })
        };
        assert_eq!(Search::parse("  "), None);
        assert_eq!(Search::parse(" V1.2 "), Some(Search::Either("v1.2".to_owned())));
        assert_eq!(Search::parse("shop/cart:"), Some(Search::Repository("shop/cart".to_owned())));
        assert_eq!(Search::parse("cart:V1"), thing("cart", "v1"));
        assert_eq!(Search::parse(":v1"), thing("", "v1"));
        assert_eq!(Search::parse("cart@sha256:ab"), thing("cart", "@sha256:ab"));
        assert_eq!(Search::parse("cart:@sha256:ab"), thing("cart", "@sha256:ab"));
        assert_eq!(Search::parse("sha256:AB"), thing("", "@sha256:ab"));
    }
}

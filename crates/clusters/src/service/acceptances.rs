//! Differences that a person accepts: they stand, do not count, and are in no heal.

use ledger::Drift;
use model::{
    AppError, Say,
    drift::{Acceptance, Accepted, Accepting, PairView, SeenRow},
    heal::Picked,
    health::HealthState,
    ids::PairId,
    say,
    say::count,
};
use store::{
    StoreError,
    ledger::{NewAcceptance, Place, Recounted},
};

use super::{Answered, Clusters, checks::uuid_text, heals};
use crate::{announce::News, pairs, pairs::Known};

const DAY_MS: i64 = 86_400_000;
/// Acceptances that are ended at once.
const AT_ONCE: u32 = 500;

impl Clusters {
    /// Accepts differences as they were seen, with a reason: all of them, or none.
    ///
    /// # Errors
    /// `accept.rows`, `accept.why`, `accept.days`; `accept.changed` where one is another difference by now;
    /// `heal.busy` while a heal of the pair is at work; `store.not_found`.
    pub async fn accept(&self, id: &PairId, accepting: Accepting, by: &str) -> Answered<PairView> {
        let accepting = accepting.judged()?;
        let known = pairs::known(&self.store, id).await?;
        // A heal that begins meanwhile would carry what is accepted here.
        let (lease, holder) = (heals::lease(id), uuid_text());
        if !self.store.leases().take(&lease, &holder, heals::BEGINNING).await? {
            return Err(heals::busy());
        }
        let done = self.accept_alone(&known, &accepting, by).await;
        self.store.leases().release(&lease, &holder).await?;
        done?;
        self.tell_pair(id).await;
        self.pair(id).await
    }

    async fn accept_alone(&self, known: &Known, accepting: &Accepting, by: &str) -> Answered<()> {
        let id = &known.row.id;
        if self.healing(id).await?.is_some() {
            return Err(heals::busy());
        }
        let at_ms = self.now_ms();
        let until_ms = accepting.days.map(|days| at_ms + i64::from(days) * DAY_MS);
        let accepted = Accepted { by: by.to_owned(), why: accepting.why.clone(), at_ms, until_ms };
        let mut recounted = Vec::new();
        for SeenRow { repository, thing, held } in &accepting.rows {
            let at = Place { repository: repository.clone(), thing: thing.clone() };
            let row = self.store.ledger().drift(id, &at).await?.ok_or_else(changed)?;
            let mut drift: Drift = row.body_as()?;
            if drift.difference.held != *held {
                return Err(changed());
            }
            let acceptance = Acceptance::of(&drift.difference, accepted.clone());
            drift.accepted = Some(accepted.clone());
            let body = serde_json::to_value(&acceptance).unwrap_or_default();
            recounted.push(Recounted {
                repository: row.repository,
                before: row.body,
                drift: drift.row(),
                acceptance: Some(NewAcceptance { until_ms, body }),
            });
        }
        self.store.ledger().recount(id, &recounted).await.map_err(of_recount)?;
        self.tell_accepted(known, &recounted, accepting, by).await;
        Ok(())
    }

    /// Takes acceptances back: the differences count again.
    ///
    /// # Errors
    /// `accept.changed` where one is not accepted any more, `store.not_found`.
    pub async fn count_again(&self, id: &PairId, rows: &[Picked], by: &str) -> Answered<PairView> {
        let known = pairs::known(&self.store, id).await?;
        let mut recounted = Vec::new();
        for Picked { repository, thing } in rows {
            let at = Place { repository: repository.clone(), thing: thing.clone() };
            recounted.push(self.counting(id, &at).await?.ok_or_else(changed)?);
        }
        self.store.ledger().recount(id, &recounted).await.map_err(of_recount)?;
        self.tell_counts(&known, &recounted, Some(by)).await;
        self.tell_pair(id).await;
        self.pair(id).await
    }

    /// An accepted difference as one that counts; `None` where it is not accepted.
    async fn counting(&self, id: &PairId, at: &Place) -> Answered<Option<Recounted>> {
        let Some(row) = self.store.ledger().drift(id, at).await? else { return Ok(None) };
        let mut drift: Drift = row.body_as()?;
        let accepted = drift.accepted.take();
        Ok(accepted.map(|_| Recounted {
            repository: row.repository,
            before: row.body,
            drift: drift.row(),
            acceptance: None,
        }))
    }

    /// Lets those differences count again whose time is over, also while nothing is compared.
    pub(super) async fn end_acceptances(&self) -> Answered<()> {
        for (pair, at) in self.store.ledger().ended_acceptances(AT_ONCE).await? {
            let Some(recounted) = self.counting(&pair, &at).await? else { continue };
            let recounted = [recounted];
            match self.store.ledger().recount(&pair, &recounted).await {
                Ok(()) => {}
                // A comparison or another replica was faster.
                Err(StoreError::Conflict { .. }) => continue,
                Err(fault) => return Err(fault.into()),
            }
            self.tell_counts(&pairs::known(&self.store, &pair).await?, &recounted, None).await;
            self.tell_pair(&pair).await;
        }
        Ok(())
    }

    async fn tell_accepted(&self, known: &Known, rows: &[Recounted], accepting: &Accepting, by: &str) {
        let Say { en, zh } = names(rows);
        let (pair, why) = (shown(known), &accepting.why);
        let text = match accepting.days {
            Some(1) => say!(
                "{pair} may differ in {en} for 1 day. Reason: {why}",
                "{pair} 可在 1 天内保持差异：{zh}。理由：{why}"
            ),
            Some(days) => say!(
                "{pair} may differ in {en} for {days} days. Reason: {why}",
                "{pair} 可在 {days} 天内保持差异：{zh}。理由：{why}"
            ),
            None => say!("{pair} may differ in {en}. Reason: {why}", "{pair} 可保持差异：{zh}。理由：{why}"),
        };
        let news = News::of_cluster(&known.row.cluster_id, "pair.accepted", HealthState::Unknown, text, by);
        self.announce.record(news).await;
    }

    /// Told of what counts again: by a person, or because its time is over.
    async fn tell_counts(&self, known: &Known, rows: &[Recounted], by: Option<&str>) {
        let Say { en, zh } = names(rows);
        let pair = shown(known);
        let text = match by {
            Some(_) => {
                say!("What differs between {pair} counts again: {en}.", "{pair} 的以下差异重新计入：{zh}。")
            }
            None => say!(
                "What differs between {pair} counts again, since its time is over: {en}.",
                "{pair} 的以下差异已过接受期限，重新计入：{zh}。"
            ),
        };
        let by = by.unwrap_or_default();
        let news =
            News::of_cluster(&known.row.cluster_id, "pair.counts_again", HealthState::Unknown, text, by);
        self.announce.record(news).await;
    }
}

/// What a pair is called.
fn shown(known: &Known) -> String {
    known.names.each_ref().map(ToString::to_string).join(" ⇄ ")
}

/// The first of some differences by name, and how many more there are.
fn names(rows: &[Recounted]) -> Say {
    let Some(Recounted { repository, drift, .. }) = rows.first() else { return Say::same("") };
    let colon = if drift.thing.starts_with('@') { "" } else { ":" };
    let first = format!("{repository}{colon}{}", drift.thing);
    match rows.len() - 1 {
        0 => Say::same(first),
        more => {
            let more = count(more as u64);
            say!("{first} and {more} more", "{first} 等，另有 {more} 处")
        }
    }
}

fn of_recount(error: StoreError) -> AppError {
    match error {
        StoreError::Conflict { .. } => changed(),
        other => other.into(),
    }
}

fn changed() -> AppError {
    AppError::new(
        "accept.changed",
        409,
        say!("One of these is another difference by now, or none.", "其中有的差异已发生变化或已不存在。"),
        say!("Look at the list, then choose again.", "请查看列表后重新选择。"),
    )
}

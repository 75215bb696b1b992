//! Copying tags over a link, by one narrow temporary rule whose filters are changed from repository to repository.

use std::collections::BTreeMap;

use async_trait::async_trait;
use harbor::{
    HarborError,
    api::policies::{Filter, NewPolicy},
};
use model::{
    Link,
    heal::HealItem,
    names::{NodeName, kept_tag},
    say,
};

use super::{
    super::{AtNode, Cx, Done, Made, StepError, Work, clean, endpoint},
    Tally, held,
    kept::{Keeper, Keeping, untag},
    temporary,
};

/// Longest tag filter: Harbor keeps all filters of a rule in 1024 characters (harbor-facts B).
const FILTER_MAX: usize = 600;

/// Copies tags, or moves them where `override` is set.
pub(in super::super) struct Carry {
    pub(in super::super) link: Link,
    /// The temporary rule's name.
    pub(in super::super) rule: String,
    pub(in super::super) r#override: bool,
    pub(in super::super) keep_days: u16,
    pub(in super::super) items: Vec<HealItem>,
}

#[async_trait]
impl Work for Carry {
    async fn look(&self, _: &Cx) -> Done<Option<Made>> {
        Ok(None)
    }

    async fn apply(&self, cx: &Cx) -> Done<Made> {
        let mut by_name: BTreeMap<&str, Vec<&HealItem>> = BTreeMap::new();
        for item in &self.items {
            by_name.entry(&item.repository).or_default().push(item);
        }
        let endpoint = endpoint::id_of(cx, &self.link).await?;
        let mut tally = Tally::default();
        let Link { source, destination } = &self.link;
        let mut at_source = Keeper::new(cx, source, self.keep_days);
        let mut keeper = Keeper::new(cx, destination, self.keep_days);
        for (repository, items) in by_name {
            let mut wanted = Vec::new();
            for item in items {
                match self.still(cx, item).await? {
                    Still::Wanted => wanted.push(item),
                    Still::Done => tally.done += 1,
                    Still::Changed => tally.changed += 1,
                }
            }
            let (tagged, untagged): (Vec<_>, Vec<_>) =
                wanted.into_iter().partition(|item| item.tag.is_some());
            for item in untagged {
                match self.copy_untagged(cx, endpoint, item, [&mut at_source, &mut keeper]).await {
                    Ok(()) => self.arrived(cx, item, &mut tally).await?,
                    Err(why @ StepError::Refused(_)) => tally.fail(1, why),
                    Err(other) => return Err(other),
                }
            }
            for part in filters(&tagged) {
                let part = self.kept(part, &mut keeper, &mut tally).await?;
                if part.is_empty() {
                    continue;
                }
                if let Err(why) = self.copy(cx, endpoint, repository, &part).await {
                    // A node that does not answer ends the step; a refusal concerns this repository only.
                    match why {
                        StepError::Refused(_) => tally.fail(part.len() as u64, why),
                        other => return Err(other),
                    }
                    continue;
                }
                for item in part {
                    self.arrived(cx, item, &mut tally).await?;
                }
            }
        }
        tally.told()
    }

    async fn verify(&self, _: &Cx, _: &Made) -> Done<()> {
        Ok(())
    }

    async fn undo(&self, _: &Cx) -> Done<()> {
        // What was copied stays; the rule goes with the fence.
        Ok(())
    }
}

/// How a tag stands compared with the plan.
enum Still {
    Wanted,
    Done,
    Changed,
}

impl Carry {
    async fn still(&self, cx: &Cx, item: &HealItem) -> Done<Still> {
        let Link { source, destination } = &self.link;
        let there = held(&cx.at(destination)?.projects, destination, item).await?;
        if there.is_some() && there == item.from {
            return Ok(Still::Done);
        }
        let at_source = HealItem { lands_on: None, ..item.clone() };
        let here = held(&cx.at(source)?.projects, source, &at_source).await?;
        Ok(if here == item.from && there == item.there { Still::Wanted } else { Still::Changed })
    }

    /// Counts what was copied by what is there now.
    async fn arrived(&self, cx: &Cx, item: &HealItem, tally: &mut Tally) -> Done<()> {
        match self.still(cx, item).await? {
            Still::Done => tally.done += 1,
            Still::Wanted | Still::Changed => tally.fail(1, self.not_there(item)),
        }
        Ok(())
    }

    /// Copies what has no tag: no filter by tags finds it, so that it crosses under one of ours, which is taken away again.
    async fn copy_untagged(
        &self,
        cx: &Cx,
        endpoint: i64,
        item: &HealItem,
        keepers: [&mut Keeper<'_>; 2],
    ) -> Done<()> {
        let Some(digest) = item.from else { return Err(self.not_there(item)) };
        let Link { source, destination } = &self.link;
        let tag = kept_tag(None, &digest);
        let named = HealItem { tag: Some(tag.clone()), ..item.clone() };
        let at_source = HealItem { lands_on: None, ..named.clone() };
        let places = [(source, at_source.place()), (destination, named.place())];
        for (keeper, (node, (project, repository))) in keepers.into_iter().zip(places) {
            if keeper.is_immutable(project, repository, &tag).await? {
                return Err(self.no_tag(node, item));
            }
        }
        // Noted before they are there: a run that is broken off takes them away too.
        let names = [&at_source, &named].map(|item| format!("{}:{tag}", item.written_to()));
        for (node, name) in [source, destination].into_iter().zip(&names) {
            cx.leaves(node, clean::TAG, name).await?;
        }
        let (project, repository) = at_source.place();
        match cx.at(source)?.projects.create_tag(project, repository, &digest.to_string(), &tag).await {
            Ok(()) | Err(HarborError::Conflict(_)) => {}
            Err(other) => return Err(other).at(source),
        }
        let copied = self.copy(cx, endpoint, &item.repository, &[&named]).await;
        cx.sweep(|name| names.iter().any(|left| left == name)).await?;
        copied
    }

    /// Keeps what is about to be copied over, and gives what may be copied then.
    async fn kept<'i>(
        &self,
        items: Vec<&'i HealItem>,
        keeper: &mut Keeper<'_>,
        tally: &mut Tally,
    ) -> Done<Vec<&'i HealItem>> {
        if !self.r#override {
            return Ok(items);
        }
        let mut out = Vec::new();
        for item in items {
            match keeper.keep(item).await? {
                Keeping::Not(why) if item.must_keep => tally.spare(why),
                keeping => {
                    tally.kept(keeping);
                    out.push(item);
                }
            }
        }
        Ok(out)
    }

    /// Copies some tags of a repository and waits until that is over.
    async fn copy(&self, cx: &Cx, endpoint: i64, repository: &str, items: &[&HealItem]) -> Done<()> {
        let (dest_namespace, dest_namespace_replace_count) = lands(items);
        let wanted = NewPolicy {
            dest_namespace,
            dest_namespace_replace_count,
            filters: vec![Filter::name(repository), Filter::tag(&pattern(items))],
            overwrite: self.r#override,
            ..temporary::rule(cx, &self.rule, endpoint)
        };
        let source = &self.link.source;
        let Some(run) = temporary::run(cx, source, &wanted).await? else {
            return Err(self.late(repository));
        };
        // Tasks that failed are tried again by Harbor: whether the tag arrived is looked at, not believed.
        if run.total > 0 && run.failed < run.total {
            return Ok(());
        }
        let why = temporary::reason(cx, source, &run).await;
        Err(StepError::refused(
            "heal.copy_failed",
            say!("{source} could not copy {repository}: {why}", "{source} 无法复制 {repository}：{why}"),
            say!("Mend what Harbor names, then heal again.", "请先解决 Harbor 指出的问题，然后再次修复。"),
        ))
    }

    fn not_there(&self, item: &HealItem) -> StepError {
        let (name, to) = (item.name(), &self.link.destination);
        StepError::refused(
            "heal.not_there",
            say!("{name} did not arrive on {to}.", "{name} 没有到达 {to}。"),
            say!(
                "Look whether its project there is immutable, full, or a proxy cache.",
                "请查看其在目标端的项目是否不可变、配额已满或为代理缓存。"
            ),
        )
    }

    fn no_tag(&self, node: &NodeName, item: &HealItem) -> StepError {
        let name = item.name();
        StepError::refused(
            "heal.no_tag",
            say!(
                "{name} has no tag, and one of ours could not be taken away again on {node}: it would be immutable.",
                "{name} 没有标签，而临时标签在 {node} 上会变为不可变，之后无法移除。"
            ),
            say!("Give it a tag, so that it crosses.", "请为其添加标签，以便复制。"),
        )
    }

    fn late(&self, repository: &str) -> StepError {
        let source = &self.link.source;
        StepError::refused(
            "heal.late",
            say!(
                "Copying {repository} from {source} does not come to an end.",
                "从 {source} 复制 {repository} 迟迟没有结束。"
            ),
            say!("Look at the execution in Harbor, then go on.", "请在 Harbor 中查看该执行，然后继续。"),
        )
    }
}

/// Takes a tag of ours away on a node, by `project/repository:tag`; the artifact stays.
///
/// # Errors
/// Where its Harbor does not let it go, or does not answer.
pub(in super::super) async fn take_tag_away(cx: &Cx, node: &NodeName, name: &str) -> Done<()> {
    let parts = name.rsplit_once(':').and_then(|(at, tag)| Some((at.split_once('/')?, tag)));
    let Some(((project, repository), tag)) = parts else { return Ok(()) };
    untag(&cx.at(node)?.projects, node, (project, repository), tag, tag).await?;
    Ok(())
}

/// Tags by what one filter can hold.
fn filters<'a>(items: &[&'a HealItem]) -> Vec<Vec<&'a HealItem>> {
    let mut out: Vec<Vec<&HealItem>> = Vec::new();
    let mut length = 0;
    for item in items {
        let tag = item.tag.as_ref().map_or(0, String::len) + 1;
        if out.is_empty() || length + tag > FILTER_MAX {
            out.push(Vec::new());
            length = 0;
        }
        length += tag;
        if let Some(last) = out.last_mut() {
            last.push(item);
        }
    }
    out
}

/// Where the one repository of these tags lands, as Harbor is told: whatever a rule flattens, the last part is kept.
fn lands(items: &[&HealItem]) -> (String, Option<i32>) {
    let to = items.first().and_then(|item| item.lands_on.as_deref()).and_then(|name| name.rsplit_once('/'));
    to.map_or_else(Default::default, |(namespace, _)| (namespace.to_owned(), Some(-1)))
}

/// Harbor's pattern for exactly these tags.
fn pattern(items: &[&HealItem]) -> String {
    let tags: Vec<&str> = items.iter().filter_map(|i| i.tag.as_deref()).collect();
    match tags.as_slice() {
        [one] => (*one).to_owned(),
        all => format!("{{{}}}", all.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(tag: &str) -> HealItem {
        HealItem {
            repository: "p/r".into(),
            tag: Some(tag.into()),
            from: None,
            there: None,
            lands_on: None,
            whole: false,
            must_keep: false,
        }
    }

    #[test]
    fn lands_keeps_the_last_part_and_puts_the_rest_before_it() {
        assert_eq!(lands(&[&item("v1")]), (String::new(), None));
        let there = HealItem { lands_on: Some("mirror/hq/deep/r".into()), ..item("v1") };
        assert_eq!(lands(&[&there]), ("mirror/hq/deep".to_owned(), Some(-1)));
    }

    #[test]
    fn filters_stay_within_what_harbor_keeps_and_lose_no_tag() {
        let all: Vec<HealItem> = (0..100).map(|n| item(&format!("release-{n:04}"))).collect();
        let parts = filters(&all.iter().collect::<Vec<_>>());
        assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 100);
        assert!(parts.iter().all(|p| pattern(p).len() <= FILTER_MAX + 2));
        assert_eq!(pattern(&[&item("v1")]), "v1");
        assert_eq!(pattern(&[&item("v1"), &item("v2")]), "{v1,v2}");
    }
}

//! What a cluster heals by itself, and how its heals work.

use model::{
    Say,
    drift::PairView,
    heal::{HealPolicy, HealSettings},
    health::HealthState,
    ids::PairId,
    say,
    say::duration,
};

use super::{Answered, Clusters};
use crate::{announce::News, pairs, records};

impl Clusters {
    /// What is healed by itself in a cluster from now on.
    ///
    /// # Errors
    /// `store.not_found`.
    pub async fn set_heal_policy(&self, id: &PairId, policy: HealPolicy, by: &str) -> Answered<PairView> {
        let known = pairs::known(&self.store, id).await?;
        let cluster = &known.row.cluster_id;
        let mut record = records::cluster_record(&self.store, cluster).await?;
        if record.heals != policy {
            record.heals = policy;
            records::put_cluster_record(&self.store, cluster, &record).await?;
            let Say { en, zh } = in_words(policy);
            let name = &known.cluster_name;
            let text = say!(
                "What the cluster {name} heals by itself is now: {en}.",
                "集群 {name} 的自动修复方式改为：{zh}。"
            );
            let news = News::of_cluster(cluster, "pair.policy", HealthState::Unknown, text, by);
            self.announce.record(news).await;
        }
        self.tell_pair(id).await;
        self.pair(id).await
    }

    /// How the heals of a pair's cluster work from now on.
    ///
    /// # Errors
    /// `heal.settings`, `store.not_found`.
    pub async fn set_heal_settings(
        &self,
        id: &PairId,
        settings: HealSettings,
        by: &str,
    ) -> Answered<PairView> {
        let settings = settings.judged()?;
        let known = pairs::known(&self.store, id).await?;
        let cluster = &known.row.cluster_id;
        let mut record = records::cluster_record(&self.store, cluster).await?;
        let before = std::mem::replace(&mut record.settings, settings);
        if before != settings {
            records::put_cluster_record(&self.store, cluster, &record).await?;
            let name = known.cluster_name.as_str();
            let keeps = (before.keep_days != settings.keep_days).then(|| keeping(name, settings.keep_days));
            let fences = (before.fence_after_s != settings.fence_after_s)
                .then(|| fencing(name, settings.fence_after_s));
            let newest =
                (before.newest_wins != settings.newest_wins).then(|| newest(name, settings.newest_wins));
            let verifies = (before.verify_percent != settings.verify_percent)
                .then(|| verifying(name, settings.verify_percent));
            let reads = (before.whole_hours != settings.whole_hours)
                .then(|| reading_everything(name, settings.whole_hours));
            for text in [keeps, fences, newest, verifies, reads].into_iter().flatten() {
                let news = News::of_cluster(cluster, "pair.settings", HealthState::Unknown, text, by);
                self.announce.record(news).await;
            }
        }
        self.tell_pair(id).await;
        self.pair(id).await
    }
}

/// What is healed by itself, in the activity list.
fn in_words(policy: HealPolicy) -> Say {
    match policy {
        HealPolicy::Off => say!("nothing, and it is not compared by itself either", "不修复，也不自动比较"),
        HealPolicy::Propose => say!("nothing, a person heals", "不修复，由人来修复"),
        HealPolicy::Copies => say!("copies only", "仅复制"),
        HealPolicy::All => {
            say!("copies, moves, and deletions that a person made", "复制、移动，以及由人做出的删除")
        }
    }
}

/// For how many days what a heal replaces is kept.
fn keeping(name: &str, days: u16) -> Say {
    match days {
        0 => say!(
            "What a heal replaces in the cluster {name} is not kept from now on.",
            "集群 {name} 的修复从现在起不保留被替换的内容。"
        ),
        _ => say!(
            "What a heal replaces in the cluster {name} is kept for {days} days from now on.",
            "集群 {name} 的修复从现在起将被替换的内容保留 {days} 天。"
        ),
    }
}

/// Whether the newer of two pushes is kept by itself.
fn newest(name: &str, wins: bool) -> Say {
    if wins {
        return say!(
            "Of two pushes under one tag, the newer is kept by itself in the cluster {name} from now on.",
            "从现在起，集群 {name} 中同一标签的两次推送自动保留较新的。"
        );
    }
    say!(
        "Of two pushes under one tag, a person decides in the cluster {name} from now on.",
        "从现在起，集群 {name} 中同一标签的两次推送由人决定。"
    )
}

/// The share that is pulled and hashed.
fn verifying(name: &str, percent: u8) -> Say {
    match percent {
        0 => say!(
            "Nothing is pulled and hashed in the cluster {name} any more.",
            "集群 {name} 不再拉取并校验任何内容。"
        ),
        _ => say!(
            "{percent} % of what the cluster {name} holds is pulled and hashed each day from now on.",
            "从现在起，集群 {name} 每天拉取并校验 {percent}% 的内容。"
        ),
    }
}

/// After how many hours everything is read again.
fn reading_everything(name: &str, hours: u16) -> Say {
    if hours == 0 {
        return say!(
            "Everything in the cluster {name} is read again as the load allows from now on.",
            "从现在起，集群 {name} 的全部内容按负载情况重新读取。"
        );
    }
    let Say { en, zh } = duration(i64::from(hours) * 3_600_000);
    say!(
        "Everything in the cluster {name} is read again every {en} from now on.",
        "从现在起，集群 {name} 的全部内容每 {zh} 重新读取一次。"
    )
}

/// After how many seconds a node that is away may not write before it was compared.
fn fencing(name: &str, seconds: u32) -> Say {
    if seconds == 0 {
        return say!(
            "A node of the cluster {name} that was away may write at once from now on.",
            "集群 {name} 中离线过的节点从现在起可以立即写入。"
        );
    }
    let Say { en, zh } = duration(i64::from(seconds) * 1000);
    say!(
        "A node of the cluster {name} that was away for {en} may not write before the two were compared, from now on.",
        "从现在起，集群 {name} 中离线达到 {zh} 的节点在两端比较之前不能写入。"
    )
}

//! The nodes' clocks agree: tokens and schedules depend on it.

use async_trait::async_trait;
use model::{Say, Topology, finding::Subject, names::NodeName, say, spec::ClusterSpec};

use super::{Answer, Check, cluster_if};
use crate::survey::Survey;

/// Above this, a token made by one node may not be valid yet on another.
const LIMIT_MS: i64 = 5_000;

pub(super) struct ClockOffset;

#[async_trait]
impl Check for ClockOffset {
    fn id(&self) -> &'static str {
        "clock-offset"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("Clocks agree", "时钟一致")
    }

    fn subjects(&self, _: &ClusterSpec) -> Vec<Subject> {
        cluster_if(true)
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        match survey.all_basics().await {
            Err((node, trouble)) => Answer::unread(&node, &trouble),
            Ok(basics) => {
                let offsets: Vec<_> =
                    basics.iter().map(|(node, b)| (node.clone(), b.clock_offset_ms)).collect();
                judge(survey.spec().topology, &offsets)
            }
        }
    }
}

/// Offsets against the console's clock; `None` where the node told no time.
fn judge(topology: Topology, offsets: &[(NodeName, Option<i64>)]) -> Answer {
    let known: Vec<_> = offsets.iter().filter_map(|(n, ms)| ms.map(|ms| (n, ms))).collect();
    let (Some(first), Some(last)) = (known.iter().min_by_key(|k| k.1), known.iter().max_by_key(|k| k.1))
    else {
        return Answer::not_proven(
            say!("No node told its time.", "没有节点给出时间。"),
            say!(
                "A Harbor tells its clock only to an account that may sign in.",
                "Harbor 只向能够登录的账号告知其时钟。"
            ),
        );
    };
    let apart = last.1 - first.1;
    let limit = say!("limit {} s", "上限 {} 秒", LIMIT_MS / 1000);
    let seconds = format!("{:.1}", apart as f64 / 1000.0);
    if apart <= LIMIT_MS {
        return Answer::ok(say!("{seconds} s apart", "相差 {seconds} 秒")).limit(limit);
    }
    let (early, late) = (first.0, last.0);
    let measured = say!("{late} is {seconds} s ahead of {early}", "{late} 比 {early} 快 {seconds} 秒");
    let cure = say!(
        "Let both machines take their time from the same server (chrony or systemd-timesyncd).",
        "请让各机器从同一时间服务器对时（chrony 或 systemd-timesyncd）。"
    );
    if topology == Topology::SharedStorage {
        Answer::failed(
            measured,
            say!(
                "A token made by the node that is ahead is refused by the other until its clock gets there.",
                "较快的节点签发的令牌，在另一节点的时钟到达之前会被拒绝。"
            ),
        )
    } else {
        Answer::warning(
            measured,
            say!(
                "Schedules that shall run apart may run together, and times in logs cannot be compared.",
                "本应错开的计划可能同时执行，日志中的时间也无法对照。"
            ),
        )
    }
    .limit(limit)
    .cure(cure)
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    fn state(topology: Topology, offsets: &[Option<i64>]) -> FindingState {
        let nodes = ["a", "b", "c"].map(|n| NodeName::parse(n).unwrap());
        judge(topology, &nodes.into_iter().zip(offsets.iter().copied()).collect::<Vec<_>>()).state()
    }

    #[test]
    fn judge_compares_the_nodes_with_each_other() {
        assert_eq!(state(Topology::DualMaster, &[Some(60_000), Some(61_000)]), FindingState::Ok);
        assert_eq!(state(Topology::DualMaster, &[Some(0), Some(5_001)]), FindingState::Warning);
        assert_eq!(state(Topology::SharedStorage, &[Some(-3_000), Some(3_000)]), FindingState::Failed);
        assert_eq!(state(Topology::SharedStorage, &[None, None]), FindingState::NotProven);
    }
}

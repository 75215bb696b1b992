//! There is room for images.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, say::bytes, spec::ClusterSpec};

use super::{Answer, Check, each_node};
use crate::survey::Survey;

/// Share of the disk that should stay free.
const FREE_PERCENT: u64 = 10;

pub(super) struct StorageSpace;

#[async_trait]
impl Check for StorageSpace {
    fn id(&self) -> &'static str {
        "storage-space"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("There is room for images", "存储空间充足")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        each_node(spec)
    }

    async fn ask(&self, survey: &Survey, subject: &Subject) -> Answer {
        let Some(node) = survey.node_of(subject) else { return Survey::gone() };
        let (basics, disk) = match tokio::join!(node.basics(), node.disk()) {
            (Ok(basics), Ok(disk)) => (basics, disk),
            (Err(t), _) | (_, Err(t)) => return Answer::unread(node.name(), &t),
        };
        judge(basics.storage.as_deref(), disk)
    }
}

/// `disk` is total and free, bytes.
fn judge(storage: Option<&str>, disk: Option<(u64, u64)>) -> Answer {
    let storage = storage.unwrap_or("filesystem");
    if storage != "filesystem" {
        return Answer::not_proven(
            Say::same(storage),
            say!(
                "Harbor does not tell how much room its object storage has.",
                "Harbor 不提供对象存储的剩余空间。"
            ),
        );
    }
    let Some((total, free)) = disk.filter(|(total, _)| *total > 0) else {
        return Answer::not_proven(
            say!("not told", "未告知"),
            say!("Harbor told no disk size.", "Harbor 没有给出磁盘大小。"),
        );
    };
    let percent = u64::try_from(u128::from(free) * 100 / u128::from(total)).unwrap_or(100);
    let (shown_free, shown_total) = (bytes(free), bytes(total));
    let measured = say!(
        "{shown_free} of {shown_total} free ({percent} %)",
        "共 {shown_total}，剩余 {shown_free}（{percent} %）"
    );
    let limit = say!("at least {FREE_PERCENT} %", "至少 {FREE_PERCENT} %");
    if percent >= FREE_PERCENT {
        Answer::ok(measured).limit(limit)
    } else {
        Answer::warning(measured, say!("A first copy may fill the disk.", "首次复制可能会占满磁盘。"))
            .limit(limit)
            .cure(say!(
                "Run garbage collection or enlarge the disk before the first copy.",
                "请在首次复制之前运行垃圾清理或扩容磁盘。"
            ))
    }
}

#[cfg(test)]
mod tests {
    use model::finding::FindingState;

    use super::*;

    #[test]
    fn judge_warns_of_a_full_disk() {
        assert_eq!(judge(Some("filesystem"), Some((100, 50))).state(), FindingState::Ok);
        assert_eq!(judge(Some("filesystem"), Some((100, 9))).state(), FindingState::Warning);
        assert_eq!(judge(Some("s3"), Some((100, 1))).state(), FindingState::NotProven);
        assert_eq!(judge(None, None).state(), FindingState::NotProven);
    }
}

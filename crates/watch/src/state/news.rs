//! What the activity list says of changes of state.

use model::{
    Say,
    health::HealthState,
    ids::{ClusterId, NodeId},
    say,
    say::duration,
};

use super::{Entry, Node};
use crate::{reason::Reason, tracker::Change};

/// Something that happened, before it has its number and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The stable code: `node.down`.
    pub code: String,
    /// How serious.
    pub state: HealthState,
    /// In words.
    pub text: Say,
    /// Who did it; empty for what happened by itself.
    pub by: String,
    /// The cluster it belongs to.
    pub cluster: Option<ClusterId>,
    /// The node it belongs to.
    pub node: Option<NodeId>,
}

pub(super) fn of_node(cluster: &ClusterId, node: &Node, change: Change) -> Option<News> {
    let name = Say::same(node.spec.name.as_str());
    let (code, text) = words("node", &name, change, node.watched.reason.as_ref())?;
    Some(News {
        code,
        state: change.to,
        text,
        by: String::new(),
        cluster: Some(cluster.clone()),
        node: Some(node.spec.id.clone()),
    })
}

pub(super) fn of_entry(cluster: &ClusterId, entry: &Entry, change: Change) -> Option<News> {
    let address = entry.spec.address.shown();
    let name = say!("The entry {address}", "入口 {address}");
    let (code, text) = words("entry", &name, change, entry.watched.reason.as_ref())?;
    Some(News { code, state: change.to, text, by: String::new(), cluster: Some(cluster.clone()), node: None })
}

pub(super) fn credential_refused(cluster: &ClusterId, node: &Node) -> News {
    let name = &node.spec.name;
    News {
        code: "node.credential_refused".to_owned(),
        state: HealthState::Degraded,
        text: say!(
            "{name} refuses the stored account; it is not tried again until it changes",
            "{name} 拒绝了已保存的账号；更换之前不再尝试"
        ),
        by: String::new(),
        cluster: Some(cluster.clone()),
        node: Some(node.spec.id.clone()),
    }
}

pub(super) fn cut_off(nodes: usize) -> News {
    News {
        code: "console.cut_off".to_owned(),
        state: HealthState::Unreachable,
        text: say!(
            "All {nodes} nodes went at once: is Breakwater itself cut off from the network?",
            "全部 {nodes} 个节点同时失联：是不是 Breakwater 自己断网了？"
        ),
        by: String::new(),
        cluster: None,
        node: None,
    }
}

pub(super) fn reconnected() -> News {
    News {
        code: "console.reconnected".to_owned(),
        state: HealthState::Up,
        text: say!("Breakwater reaches nodes again", "Breakwater 又能连接到节点了"),
        by: String::new(),
        cluster: None,
        node: None,
    }
}

/// Code and sentence; `None` where the change is no news.
fn words(kind: &str, name: &Say, change: Change, reason: Option<&Reason>) -> Option<(String, Say)> {
    let Change { from, to, after_ms } = change;
    let was_away = matches!(from, HealthState::Down | HealthState::Unreachable);
    if from == to || (from == HealthState::Unknown && to == HealthState::Up) {
        return None;
    }
    let Say { en, zh } = name;
    let Say { en: long_en, zh: long_zh } = duration(after_ms);
    let Say { en: why_en, zh: why_zh } = reason.map(|r| r.cause.clone()).unwrap_or_default();
    let text = match to {
        HealthState::Unknown => return None,
        HealthState::Unreachable => say!("{en} is unreachable: {why_en}", "{zh} 无法连接：{why_zh}"),
        HealthState::Down => say!("{en} is down: {why_en}", "{zh} 不可用：{why_zh}"),
        HealthState::Degraded if was_away => {
            say!(
                "{en} serves again after {long_en}, but {why_en}",
                "{zh} 在 {long_zh} 后恢复服务，但{why_zh}"
            )
        }
        HealthState::Degraded => say!("{en} works, but {why_en}", "{zh} 可用，但{why_zh}"),
        HealthState::Up if was_away => {
            say!("{en} answers again after {long_en}", "{zh} 在 {long_zh} 后恢复应答")
        }
        HealthState::Up => say!("{en} is well again after {long_en}", "{zh} 在 {long_zh} 后恢复正常"),
    };
    Some((format!("{kind}.{}", to.as_str()), text))
}

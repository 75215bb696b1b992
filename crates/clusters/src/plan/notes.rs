//! What a person should know beside the rules: above all what will *not* cross.

use model::{
    Say, Topology,
    plan::PlannedRule,
    say,
    spec::{FirstCopy, TlsChoice},
};

use super::PlanFacts;
use crate::reach::peer_tls;

pub(super) fn of(facts: &PlanFacts<'_>, rules: &[PlannedRule]) -> Vec<Say> {
    let mut notes = Vec::new();
    match facts.spec.topology {
        Topology::DualMaster => {
            notes.push(say!(
                "What is new crosses. A tag that is moved on one side stays as it is on the other, and a deletion does not cross: what is deleted on one side comes back with the other side's next run.",
                "新内容会到达对方。一端移动的标签，在另一端保持不变；删除不会传递：一端删除的内容，会在另一端下次执行时回来。"
            ));
            notes.push(say!(
                "Each side has a robot of its own on the other, so that the audit log tells replication from people, and one of them can be shut out after an outage.",
                "每一端在对方都有专用的机器人账号，因此审计日志能区分复制与人工操作，故障之后也能单独停用。"
            ));
        }
        Topology::OneToMany | Topology::Tiered => notes.push(say!(
            "New and moved tags cross. Deletions do not: what is deleted at the source stays at the destinations.",
            "新增和移动的标签会到达。删除不会：源端删除的内容会留在目标端。"
        )),
        Topology::SharedStorage => notes.push(say!(
            "Nothing is copied: all nodes serve the same storage. No rule is made.",
            "不需要复制：各节点使用同一存储。不会创建规则。"
        )),
    }
    if rules.iter().any(|r| r.cron.is_none()) {
        notes.push(say!(
            "At-once rules lose what is pushed while the other side is down; the schedule beside them copies it later.",
            "对方停机期间推送的内容，即时规则会丢失；并行的定时规则随后会补上。"
        ));
    }
    notes.extend(first_copy(facts));
    notes.extend(unverified(facts));
    notes.extend(kept_admins(facts));
    notes
}

fn first_copy(facts: &PlanFacts<'_>) -> Option<Say> {
    if !facts.spec.topology.copies() {
        return None;
    }
    Some(match facts.spec.replication.first_copy {
        FirstCopy::Asked => say!(
            "The first copy starts when you press the button after the proof, or with the schedule's next run.",
            "首次复制在证明之后由您按下按钮开始，或随下一次定时执行开始。"
        ),
        FirstCopy::BySchedule => {
            say!("The first copy starts with the schedule's next run.", "首次复制随下一次定时执行开始。")
        }
        FirstCopy::At { .. } => say!(
            "The rules stay off until the time set for the first copy.",
            "在设定的首次复制时间之前，规则保持停用。"
        ),
    })
}

/// Peers whose certificate the source's Harbor cannot be made to verify.
fn unverified(facts: &PlanFacts<'_>) -> Option<Say> {
    let links = facts.spec.links();
    let found = links.iter().filter(|link| {
        let (Some(source), Some(destination)) =
            (facts.nodes.get(&link.source), facts.spec.node(&link.destination))
        else {
            return false;
        };
        destination.tls != TlsChoice::System && peer_tls(&destination.tls, &source.version).0
    });
    let Say { en, zh } = super::shown(found.map(|link| Say::same(link.to_string())));
    (!en.is_empty()).then(|| {
        say!(
            "On these links Harbor does not verify the destination's certificate: {en}. A pinned certificate cannot be told to Harbor, an authority only from 2.15 on.",
            "以下链路上 Harbor 不验证目标端证书：{zh}。固定的证书无法告知 Harbor，证书颁发机构从 2.15 起才可以。"
        )
    })
}

/// What still needs an administrator once only the robot is kept.
fn kept_admins(facts: &PlanFacts<'_>) -> Option<Say> {
    let robots: Vec<_> = facts.nodes.values().filter(|n| n.make_robot).collect();
    if robots.is_empty() {
        return None;
    }
    Some(if robots.iter().all(|n| n.version.robot_may_manage_people()) {
        say!(
            "The administrators' passwords are forgotten at the end. Reading settings, and shutting a link's robot out, will ask for one again.",
            "结束后会忘记管理员密码。读取系统设置、停用链路机器人账号时，会再次需要它。"
        )
    } else {
        say!(
            "The administrators' passwords are forgotten at the end. On versions before 2.12 a robot may not look after robots: changing a link or taking this back will ask for one again.",
            "结束后会忘记管理员密码。2.12 之前的版本，机器人账号不能管理机器人账号：修改链路或撤销时会再次需要管理员。"
        )
    })
}

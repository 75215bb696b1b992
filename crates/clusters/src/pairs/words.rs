//! What a difference is and why, in words.

use ledger::{PairState, Tells};
use model::{
    Say,
    drift::{Act, Author, Difference, Kind, Side},
    names::NodeName,
    say,
};

/// What is read of a pair between two readings of everything; `None` before the first comparison.
pub(crate) fn reads(state: &PairState, names: [&NodeName; 2]) -> Option<Say> {
    state.whole_ms?;
    let telling = |tells: Tells| {
        let fits = names.into_iter().zip(state.tells).filter(|(_, t)| *t == Some(tells));
        fits.map(|(name, _)| name).collect::<Vec<_>>()
    };
    Some(match (telling(Tells::Nothing)[..].as_ref(), telling(Tells::Log)[..].as_ref()) {
        ([], []) => {
            say!("Between two such readings, what has changed is read.", "其间只读取发生变化的部分。")
        }
        ([], [name]) => say!(
            "Between two such readings, what has changed is read. {name} tells that by its audit log alone: what that does not name, such as garbage collection, shows when everything is read again.",
            "其间只读取发生变化的部分。{name} 仅凭审计日志得知变化：日志未记录的内容（例如垃圾回收）要到再次读取全部内容时才能看到。"
        ),
        ([], _) => say!(
            "Between two such readings, what has changed is read, by the audit logs alone: what those do not name, such as garbage collection, shows when everything is read again.",
            "其间只读取发生变化的部分，且仅凭审计日志得知变化：日志未记录的内容（例如垃圾回收）要到再次读取全部内容时才能看到。"
        ),
        ([name], _) => say!(
            "Each comparison reads everything: {name} does not tell what has changed, since its audit log may not be read.",
            "每次比较都读取全部内容：{name} 的审计日志不可读，因此无法得知哪些内容发生了变化。"
        ),
        (_, _) => say!(
            "Each comparison reads everything: neither side tells what has changed, since their audit logs may not be read.",
            "每次比较都读取全部内容：两端的审计日志均不可读，因此无法得知哪些内容发生了变化。"
        ),
    })
}

/// In two or three words.
pub(super) fn what(found: &Difference, names: [&NodeName; 2]) -> Say {
    let on = found.on.map(|side| names[side.at()]);
    match (found.kind, on) {
        (Kind::New | Kind::NoHistory | Kind::Extra, Some(on)) => say!("Only on {on}", "仅在 {on}"),
        (Kind::Moved, Some(on)) => say!("Moved on {on}", "在 {on} 上已移动"),
        (Kind::Deleted, Some(on)) => say!("Deleted on {on}", "在 {on} 上已删除"),
        (Kind::Vanished, Some(on)) => say!("Gone from {on}", "{on} 上已不存在"),
        (Kind::Retired, Some(on)) => say!("Retention on {on}", "{on} 的保留策略"),
        (Kind::Incomplete, Some(on)) => say!("Incomplete on {on}", "{on} 上不完整"),
        (Kind::PutBack, Some(on)) => say!("Put back on {on}", "在 {on} 上被还原"),
        (Kind::PutBack, None) => say!("Put back", "被还原"),
        (Kind::Resurrected, _) => say!("Came back", "删除后又出现"),
        (Kind::Conflict, _) => say!("Conflict", "冲突"),
        (Kind::Unstable, None) => say!("Changing on both", "两端都在变化"),
        (Kind::Unstable, Some(on)) => say!("Changing on {on}", "{on} 上正在变化"),
        (kind, _) => Say::same(kind.as_str()),
    }
}

/// In a sentence, with the person whose act says so.
pub(super) fn why(found: &Difference, names: [&NodeName; 2]) -> Say {
    let [a, b] = names;
    let on = found.on.unwrap_or(Side::A);
    let (here, there) = (names[on.at()], names[on.other().at()]);
    let by = |deletes: bool| {
        let person = |act: &Act| act.author == Author::Person && act.deed.deletes() == deletes;
        found.evidence.iter().rev().find(|e| person(&e.act)).map(|e| e.act.by.as_str())
    };
    match found.kind {
        Kind::New => match by(false) {
            Some(by) => say!(
                "{by} pushed it to {here}; it has not crossed to {there} yet.",
                "{by} 已推送到 {here}；尚未到达 {there}。"
            ),
            None => say!("It has not crossed to {there} yet.", "尚未到达 {there}。"),
        },
        Kind::NoHistory => say!(
            "{there} did not have it when the two were first compared.",
            "首次比较时 {there} 上就没有它。"
        ),
        Kind::Moved => match by(false) {
            Some(by) => say!(
                "{by} pushed another image under this tag to {here}.",
                "{by} 以此标签向 {here} 推送了另一个镜像。"
            ),
            None => {
                say!(
                    "The tag stands for another image on {here} now.",
                    "该标签在 {here} 上现指向另一个镜像。"
                )
            }
        },
        Kind::Deleted => {
            let by = by(true).or_else(|| deleter(found)).unwrap_or("?");
            say!(
                "{by} deleted it on {here}; {there} still has it.",
                "{by} 在 {here} 上删除了它；{there} 上仍存在。"
            )
        }
        Kind::Conflict => match found.held {
            [Some(_), Some(_)] => say!(
                "{a} and {b} each got another image under this tag. Which one is right?",
                "{a} 和 {b} 以此标签各有不同的镜像。哪一个正确？"
            ),
            _ => say!(
                "It was pushed on one side and deleted on the other. Which one is right?",
                "它在一端被推送，在另一端被删除。哪一个正确？"
            ),
        },
        Kind::PutBack => say!(
            "A late copy from the other side put an old image back under this tag.",
            "来自另一端的迟到复制把旧镜像放回了此标签。"
        ),
        Kind::Resurrected => match by(true) {
            Some(by) => {
                say!("{by} deleted it; replication brought it back.", "{by} 已将其删除；复制又把它带了回来。")
            }
            None => say!("It was deleted, and is there again.", "它曾被删除，现在又出现了。"),
        },
        Kind::Vanished => say!(
            "It was on both sides and is gone from {here}; no person's deletion was found in its audit log.",
            "它曾同时存在于两端，现在 {here} 上已不存在；审计日志中没有人为删除的记录。"
        ),
        Kind::Retired => say!(
            "The retention rules of {here} removed it; {there} keeps its own.",
            "{here} 的保留规则移除了它；{there} 保留自己的那份。"
        ),
        Kind::Incomplete => say!(
            "{here} lacks a platform's image or a signature of it. A run skips it, since its digest is there: push it again to {here}.",
            "{here} 上缺少其某个平台的镜像或签名。由于摘要已存在，执行会跳过它：请重新推送到 {here}。"
        ),
        Kind::Unstable => say!(
            "It was pushed while the two were being read, and that may be all that differs. The next comparison tells.",
            "读取期间有人推送了它，差异可能仅由此产生。下次比较会给出结论。"
        ),
        // Rows are of this kind, differences are not.
        Kind::Accepted => say!("A person accepted it.", "已由人接受。"),
        Kind::Extra => say!("{there} never had it.", "{there} 从未有过它。"),
    }
}

/// Who or what deleted it, where that was no person: a rule in the middle of a chain, or Breakwater.
fn deleter(found: &Difference) -> Option<&str> {
    found.evidence.iter().rev().find(|e| e.act.deed.deletes()).map(|e| e.act.by.as_str())
}

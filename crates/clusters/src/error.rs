//! What the service refuses, each with a stable code.

use model::{AppError, Say, names::NodeName, say};

/// The account is missing for a node of a draft.
pub(crate) fn no_account(node: &NodeName) -> AppError {
    AppError::new(
        "draft.no_account",
        422,
        say!("There is no account for {node} yet.", "还没有 {node} 的账号。"),
        say!("Give a user name and its password.", "请填写用户名和密码。"),
    )
}

/// The node that was asked about is not in the draft or cluster.
pub(crate) fn no_node() -> AppError {
    AppError::new(
        "node.unknown",
        404,
        say!("There is no such node.", "没有这个节点。"),
        say!("Reload the page.", "请重新加载页面。"),
    )
}

/// No plan, or one for something else than what is typed now.
pub(crate) fn stale_plan() -> AppError {
    AppError::new(
        "plan.stale",
        409,
        say!("There is no plan for what is typed now.", "没有与当前填写内容对应的计划。"),
        say!("Look at the plan again, then apply it.", "请重新查看计划，然后再应用。"),
    )
}

/// A finding is in the way.
pub(crate) fn blocked(title: &Say) -> AppError {
    let Say { en, zh } = title;
    AppError::new(
        "apply.blocked",
        409,
        say!("A check is in the way: {en}.", "有检查项未通过：{zh}。"),
        say!(
            "Mend it, or accept the warning with a reason; then apply.",
            "请修复它，或填写理由接受该警告，然后再应用。"
        ),
    )
}

/// The draft is being applied, or was.
pub(crate) fn has_run() -> AppError {
    AppError::new(
        "apply.has_run",
        409,
        say!("This was applied already, or is being applied.", "已经应用过，或正在应用。"),
        say!("Retry or take back that run.", "请重试或撤销那次运行。"),
    )
}

/// The probes' calls were not confirmed.
pub(crate) fn unconfirmed() -> AppError {
    AppError::new(
        "probes.unconfirmed",
        409,
        say!("The calls of the probes were not confirmed.", "探测的调用尚未确认。"),
        say!("Read the list and confirm it.", "请阅读清单并确认。"),
    )
}

/// Nothing to probe in this topology.
pub(crate) fn no_probes() -> AppError {
    AppError::new(
        "probes.none",
        409,
        say!("This topology has no probes.", "该拓扑没有探测。"),
        say!("Go on to the review.", "请继续查看计划。"),
    )
}

/// A waiver without a reason, or of something that is no warning.
pub(crate) fn bad_waiver(empty: bool) -> AppError {
    if empty {
        AppError::new(
            "waiver.empty",
            422,
            say!("The reason is empty.", "理由为空。"),
            say!("Say in a few words why this is all right.", "请简要说明为什么可以接受。"),
        )
        .at("reason")
    } else {
        AppError::new(
            "waiver.no_warning",
            409,
            say!("Only a warning can be accepted.", "只有警告可以被接受。"),
            say!("Mend what failed, then ask again.", "请修复失败的项目，然后重新检查。"),
        )
    }
}

/// A cluster of that name exists.
pub(crate) fn name_taken() -> AppError {
    AppError::new(
        "cluster.name_taken",
        409,
        say!("There is another cluster of that name.", "已有同名的集群。"),
        say!("Give this one another name.", "请为它换一个名称。"),
    )
    .at("name")
}

/// A cluster that was not made by a run, or whose run is gone.
pub(crate) fn no_run() -> AppError {
    AppError::new(
        "cluster.no_run",
        409,
        say!("It is not known what was made for this cluster.", "不知道为该集群创建过什么。"),
        say!("Remove it from the console alone.", "请只从控制台移除它。"),
    )
}

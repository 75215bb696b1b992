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

/// A kept cluster with another topology.
pub(crate) fn other_topology() -> AppError {
    AppError::new(
        "change.topology",
        422,
        say!("The topology of a cluster cannot be changed.", "集群的拓扑不能更改。"),
        say!(
            "Adopt the Harbors as a new cluster, and remove this one.",
            "请将这些 Harbor 接管为新集群，并移除当前集群。"
        ),
    )
    .at("topology")
}

/// A node that stays was given another name.
pub(crate) fn renamed(node: &NodeName) -> AppError {
    AppError::new(
        "change.renamed",
        422,
        say!("{node} stays, so its name does too.", "{node} 保留在集群中，名称也保持不变。"),
        say!(
            "Leave its name: what was made on the Harbors is called after it.",
            "请保留原名称：Harbor 上创建的对象以它命名。"
        ),
    )
}

/// Every node would be another one.
pub(crate) fn nothing_stays() -> AppError {
    AppError::new(
        "change.nothing_stays",
        422,
        say!("No node of the cluster stays.", "集群中没有任何节点保留。"),
        say!(
            "Replace one node after the other, each once the one before holds everything.",
            "请逐个更换节点，等前一个节点复制完整后再更换下一个。"
        ),
    )
    .at("nodes")
}

/// The node that feeds all others would leave, and another that is there take its place.
pub(crate) fn first_retired(node: &NodeName) -> AppError {
    AppError::new(
        "change.first_retired",
        422,
        say!(
            "{node} takes the pushes and feeds the others: it cannot be retired.",
            "{node} 接收推送并供给其他节点，不能移出。"
        ),
        say!("Replace it by a new node at the first place.", "请用新节点在首位替换它。"),
    )
    .at("nodes")
}

/// The edited cluster is what it is already.
pub(crate) fn nothing_to_do() -> AppError {
    AppError::new(
        "change.nothing",
        409,
        nothing_to_do_words(),
        say!("Edit something, or leave it as it is.", "请修改内容，或保持原样。"),
    )
}

/// The same as a note of a plan.
pub(crate) fn nothing_to_do_words() -> Say {
    say!("There is nothing to do: the cluster is like this already.", "无需任何操作：集群已是如此。")
}

/// The cluster was changed, or is being changed, since the plan was made.
pub(crate) fn changed_meanwhile() -> AppError {
    AppError::new(
        "change.meanwhile",
        409,
        say!("The cluster was changed meanwhile.", "集群在此期间已被更改。"),
        say!("Begin the change again from its settings.", "请从集群设置重新开始更改。"),
    )
}

/// Another run works on the cluster.
pub(crate) fn busy() -> AppError {
    AppError::new(
        "change.busy",
        409,
        say!("Another run is changing this cluster.", "另一次执行正在更改此集群。"),
        say!("Wait for it to end, or stop it; then apply.", "请等它结束，或停止它，然后再应用。"),
    )
}

/// A run that was built upon by a later one, or that removed a cluster.
pub(crate) fn built_upon() -> AppError {
    AppError::new(
        "run.built_upon",
        409,
        say!(
            "The cluster was changed after this run: it cannot be taken back alone.",
            "此次执行之后集群又被更改：不能单独撤销。"
        ),
        say!(
            "Change the cluster again, or remove it with what was made for it.",
            "请再次更改集群，或移除集群及为其创建的内容。"
        ),
    )
}

/// A run that ended a cluster.
pub(crate) fn final_run() -> AppError {
    AppError::new(
        "run.final",
        409,
        say!("What this run removed is not made again.", "此次执行移除的内容不会重新创建。"),
        say!("Adopt the Harbors anew.", "请重新接管这些 Harbor。"),
    )
}

/// A heal makes both sides hold what people did: there is nothing to go back to.
pub(crate) fn final_heal() -> AppError {
    AppError::new(
        "heal.final",
        409,
        say!("A heal is not taken back.", "修复不能撤销。"),
        say!("Push or delete on either side; the other follows.", "请在任一端推送或删除，另一端会跟随。"),
    )
}

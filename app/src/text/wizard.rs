//! Words around all five steps of the wizard.

super::texts! {
    /// Words around all five steps of the wizard.
    WizardText {
        title: "New cluster", "新建集群";
        title_change: "Change", "更改";
        steps: "Steps", "步骤";
        step_topology: "Topology", "拓扑";
        step_nodes: "Nodes", "节点";
        step_checks: "Checks", "检查";
        step_review: "Review", "复核";
        step_apply: "Apply and proof", "执行与验证";
        not_chosen: "not chosen yet", "尚未选择";
        to_be_named: "to be named", "尚未填写";
        line_nodes(n: usize): "{n} nodes", "{n} 个节点";
        line_nodes_entry(n: usize): "{n} nodes, 1 entry", "{n} 个节点，1 个入口";
        line_waiting(n: usize): "{n} being asked", "{n} 项正在检查";
        line_failed(failed: usize, warned: usize): "{failed} failed, {warned} warnings", "{failed} 项未通过，{warned} 项警告";
        line_fine: "nothing in the way", "没有障碍";
        line_planned(n: usize): "{n} steps planned", "已规划 {n} 个步骤";
        line_running: "under way", "进行中";
        line_done: "done", "已完成";
        line_failed_run: "stopped at a failure", "因失败而停止";

        kept: "Draft kept", "草稿已保存";
        keeping: "Keeping the draft …", "正在保存草稿…";
        not_kept: "The draft could not be kept", "草稿未能保存";
        not_kept_hint: "What you typed is still here; it is tried again.", "您填写的内容仍在此页，稍后会自动重试。";
        conflict_title: "This draft was changed in another window", "此草稿已在另一个窗口中修改";
        conflict_text: "What you typed here is not lost. Which of the two shall stay?", "您在这里填写的内容没有丢失。要保留哪一份？";
        conflict_mine: "Keep what I typed here", "保留这里填写的内容";
        conflict_theirs: "Take the other one", "使用另一份";
        waiting_for(what: &str): "Waiting for: {what}", "尚缺：{what}";

        your_cluster: "Your cluster", "您的集群";
        your_cluster_empty: "It is drawn here as you go on.", "随着您逐步填写，集群会画在这里。";
        survives: "Survives", "可承受";
        survives_dual_master: "a machine or a whole site", "一台机器或整个站点故障";
        survives_shared_storage: "any Harbor node", "任一 Harbor 节点故障";
        survives_one_to_many: "any copy; pulls when the source is away", "任一副本故障；源不可用时仍可拉取";
        survives_tiered: "any branch below the break", "断点以下的任一分支";
        will_make: "Will make", "将创建";
        endpoints: "Endpoints", "目标仓库";
        rules: "Rules", "规则";
        makes_nothing: "nothing on the Harbors", "不在 Harbor 上创建任何对象";
        schedule: "Schedule", "调度";
        first_copy: "First copy", "首次复制";
        no_copy: "nothing is missing", "没有缺少的内容";
        about(size: &str): "about {size}", "约 {size}";
        discard: "Discard this draft", "丢弃此草稿";
        discard_title: "Discard this draft?", "丢弃此草稿？";
        discard_text: "What was typed and its sealed passwords are removed. Nothing on any Harbor changes.", "填写的内容和已加密保存的密码将被删除。任何 Harbor 都不会改变。";
        beginning: "Beginning a draft …", "正在创建草稿…";
    }
}

//! Words of the wizard's last step.

super::texts! {
    /// Words of the wizard's last step.
    ApplyText {
        title: "Apply, and prove it", "执行并验证";
        lede(steps: usize, calls: usize): "{steps} steps, at most {calls} calls that change something. Each step looks first, and is verified after. You may close this page; it goes on.", "{steps} 个步骤，最多 {calls} 个会更改内容的请求。每一步都先查看，完成后核对。您可以关闭此页面，执行会继续。";
        apply: "Apply now", "立即执行";
        running: "Under way", "正在执行";
        running_lede(done: usize, all: usize): "{done} of {all} steps are done.", "{all} 个步骤中已完成 {done} 个。";
        undoing: "Taking back what was made", "正在撤销已创建的内容";
        stopping: "Stopping after what it is doing now", "完成当前操作后停止";
        done: "Your cluster works, and this is the proof", "集群已可用，以下是证明";
        done_lede: "A tiny image was pushed and pulled on every way below, and removed again.", "我们沿以下每条路径推送并拉取了一个很小的镜像，随后已删除。";
        done_change: "The change is made", "更改已完成";
        done_lede_change: "Every step is done and was read back.", "所有步骤均已完成，并已核对。";
        undo_change: "What it removed is made again; a node that left may ask for its administrator.", "它删除的内容会重新创建；已移出的节点可能需要其管理员账号。";
        failed: "It stopped at a step", "在某一步停止了";
        failed_lede: "What is done stays as it is; nothing after the failed step was begun. Go on when the cause is mended, or take back what this run made.", "已完成的部分保持不变；失败步骤之后的内容尚未开始。解决原因后可继续，也可撤销本次创建的内容。";
        cancelled: "It was stopped", "已停止";
        undone: "What it made has been taken back", "创建的内容已全部撤销";
        undone_lede: "The draft is still here; you can change it and apply again.", "草稿仍然保留，您可以修改后再次执行。";
        proof: "Proof", "验证";
        step_of(done: usize, all: usize): "{done} of {all}", "{done}/{all}";
        cancel: "Stop", "停止";
        retry: "Go on", "继续";
        undo: "Take back what it made", "撤销已创建的内容";
        undo_title: "Take back what this run made?", "撤销本次执行创建的内容？";
        undo_text: "Robots, endpoints and rules that this run made are removed. What was there before stays.", "本次创建的机器人账号、目标仓库和规则会被删除。原有对象保持不变。";
        first_copy: "Start the first copy", "开始首次复制";
        first_copy_hint: "Starts each rule once, now; by itself the schedule does it.", "立即让每条规则各运行一次；否则会随定时执行开始。";
        first_copy_started: "The first copy has started.", "首次复制已开始。";
        receipt: "Receipt", "回执";
        see_cluster: "See the cluster live", "查看集群实时状态";
        refused: "the plan and its checks", "完成计划与检查";
    }
}

//! Words of a run and its receipt.

super::texts! {
    /// Words of a run and its receipt.
    RunText {
        started: "Begun", "开始时间";
        by: "By", "操作人";
        took: "Took", "用时";
        so_far: "So far", "已用时";
        ended: "Ended", "结束时间";
        steps: "Steps", "步骤";
        progress(done: usize, all: usize): "Progress: {done} of {all} steps", "进度：{all} 步中的 {done} 步";
        on_node(node: &str): "on {node}", "位于 {node}";
        download: "Download receipt", "下载回执";
        to_cluster: "To the cluster", "前往集群";

        running_text: "Closing this page is safe: the console carries the run out, and goes on with it after a restart.", "可以放心关闭此页面：由控制台负责执行，重启后也会继续。";
        stopping_text: "It stops as soon as the step it is at is over.", "当前步骤结束后就会停止。";
        undoing_text: "What this run made is being taken back, last made first. What was there before stays.", "正在撤销本次执行创建的内容，后创建的先撤销。原本就有的内容会保留。";
        succeeded_text: "Every step is done and was read back.", "所有步骤均已完成，并已核对。";
        failed_text: "It stopped at a step. What is done stays as it is; nothing after it was begun.", "执行在某一步停止。已完成的内容保持原样，后面的步骤尚未开始。";
        cancelled_text: "Somebody stopped it. What is done stays as it is; nothing after it was begun.", "已被人为停止。已完成的内容保持原样，后面的步骤尚未开始。";
        undone_text: "What this run made has been taken back. What was there before was left alone.", "本次执行创建的内容已全部撤销。原本就有的内容未受影响。";
        probe_text: "What the probes made is removed by itself, also when they fail.", "探测创建的内容会自动清除，失败时也一样。";

        stop: "Stop", "停止";
        stopped: "It stops after the step it is at.", "将在当前步骤结束后停止。";
        retry: "Go on from here", "从此处继续";
        retried: "It goes on.", "已继续执行。";
        undo: "Take back what it made", "撤销其创建的内容";
        undone: "It is being taken back.", "正在撤销。";
        undo_title: "Take back what this run made?", "撤销本次执行创建的内容？";
        undo_what: "What these steps made is removed from the Harbors, last made first:", "以下步骤创建的内容将从 Harbor 中移除，后创建的先移除：";
        undo_kept: "What was there before this run, and every image, stays.", "本次执行之前就有的内容和所有镜像都会保留。";
        undo_cluster: "The cluster is then no longer watched by this console.", "之后控制台将不再监控该集群。";
        undo_change: "The cluster is then what it was before; what this run removed is made again.", "之后集群恢复为更改前的样子；本次执行删除的内容会重新创建。";
        undo_nothing: "It made nothing yet, so nothing has to be removed.", "尚未创建任何内容，无需移除。";
        account_title(node: &str): "{node} asks for its administrator", "{node} 需要管理员账号";
        account_hint: "The account that the console has there may not do this, or no longer opens the door. What is typed here is sealed for this run alone; then go on, or take back.", "控制台在该节点上的账号无权执行此操作，或已失效。此处填写的账号仅为本次执行加密保存；之后请继续执行或撤销。";
        account_user: "User name", "用户名";
        account_secret: "Password", "密码";
        account_press: "Give it to this run", "提供给本次执行";
        account_given: "The account is sealed for this run: go on, or take back.", "账号已为本次执行加密保存：请继续执行或撤销。";
        undo_press: "Take back", "撤销";

        plan_again(n: &str): "Plan what failed again: {n}", "重新计划失败的 {n} 处";
        kept: "Kept from before", "保留的旧内容";
        kept_text: "What this heal replaced or deleted, under a tag of its own. After that time the tag goes by itself.", "本次修复替换或删除的内容，以单独的标签保留。到期后该标签会自动移除。";
        kept_until: "kept until", "保留至";
        kept_gone: "not kept any more", "已不再保留";
        restore: "Restore", "还原";
        restore_this(name: &str): "Restore {name}", "还原 {name}";
        restore_title: "Restore this?", "还原此项？";
        restore_what(name: &str, digest: &str): "{name} stands for {digest} again.", "{name} 将重新指向 {digest}。";
        restore_stands(name: &str): "{name} stands by itself again, without a tag.", "{name} 将恢复为不带标签的独立制品。";
        restore_keeps: "What it stands for now is kept in its turn.", "它现在指向的内容也会保留。";
        restore_then: "The other side follows at the next comparison: it counts as what you did.", "下次比较后另一端会跟随：视为由你做出的操作。";
    }
}

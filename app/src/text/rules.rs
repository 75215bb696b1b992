//! Words of the pages of rules, executions and tasks.

use model::{
    Topology,
    rule::{ExecutionState, ExecutionTrigger, TaskState, Trigger},
};

super::texts! {
    /// Words of the pages of rules, executions and tasks.
    RulesText {
        lede: "What the nodes of a cluster copy to each other, one form for all its links.", "集群各节点互相复制的内容，一个表单管理所有链路。";
        empty_title: "No cluster copies yet", "还没有互相复制的集群";
        empty_text: "The rules of a cluster stand here once its Harbors copy to each other.", "集群的 Harbor 开始互相复制后，其规则会显示在这里。";
        to_look_at(n: u32): "{n} to look at", "{n} 处需要查看";
        no_execution: "nothing has run yet", "尚未执行过";

        title_both(a: &str, b: &str): "What {a} and {b} copy to each other", "{a} 与 {b} 互相复制的内容";
        title_from(a: &str, to: &str): "What {a} copies to {to}", "{a} 复制到 {to} 的内容";
        title_tiered(name: &str): "What {name} copies from tier to tier", "{name} 逐级复制的内容";
        lede_form_one: "One form, one rule. A node that is away gets its part once it is back.", "一个表单，一条规则。离线的节点恢复后会自动补上。";
        lede_form_many(n: usize): "One form, {n} rules. They are saved together; a node that is away gets its part once it is back.", "一个表单，{n} 条规则。它们一起保存；离线的节点恢复后会自动补上。";
        advice: "Recommended, and filled in for you", "推荐设置，已为您填好";
        advice_push_title: "Push.", "推送。";
        advice_push: "The side that has the image sends it; credentials stay one-way.", "由持有镜像的一端发送；凭据保持单向。";
        advice_cron_title: "By schedule.", "定时。";
        advice_cron: "Events are lost while the other is away; a schedule tries again.", "对方离线时事件会丢失；定时执行会再次尝试。";
        advice_filter_title: "No filter.", "不加过滤器。";
        advice_filter: "What is left out of a rule is what is missing after a failure.", "规则漏掉的内容，正是故障之后缺少的内容。";
        filter_row: "Source resource filter", "源资源过滤器";
        which: "Which images", "复制哪些镜像";
        which_all: "All of them (recommended)", "全部（推荐）";
        which_some: "By name, tag or label", "按名称、标签或标记";
        which_all_hint: "Everything crosses. A mistyped filter matches nothing and still succeeds.", "全部复制。写错的过滤器什么都匹配不到，却仍显示成功。";
        which_two_way: "What a filter leaves out stands on one master only, and is missing once that is away.", "过滤器未包含的内容只在一个主节点上，该节点离线时就会缺失。";
        filter_name: "Name", "名称";
        filter_name_hint(all: &str, one: &str): "{all} is a project with all below it, {one} only its one-level repositories. Empty: all.", "{all} 表示整个项目，{one} 只表示其一级仓库。留空表示全部。";
        filter_tag: "Tag", "标签";
        filter_tag_hint(some: &str): "{some} is every tag that begins so, and leaves out what has no tag. Empty: all.", "{some} 表示所有以此开头的标签，且不含没有标签的制品。留空表示全部。";
        filter_way: "Tags that match", "匹配的标签";
        filter_matching: "Matching: they are copied", "匹配：复制这些标签";
        filter_excluding: "Excluding: they are left out", "排除：不复制这些标签";
        filter_label: "Label", "标记";
        filter_label_hint: "An artifact fits when it bears all that are chosen. A label is set after the push: the next run by schedule looks at it, the push itself is too early. The comparison sees a label that changed alone when everything is read again, or something else changes in that repository.", "制品带有全部所选标记才算匹配。标记在推送之后才加上：由下一次定时执行判断，推送时还为时过早。仅标记的变化，要到重新读取全部内容或该仓库有其他变化时，比较才会发现。";
        filter_label_way: "Artifacts that fit", "匹配的制品";
        label_matching: "Matching: they are copied", "匹配：复制这些制品";
        label_excluding: "Excluding: they are left out", "排除：不复制这些制品";
        labels_reading: "The labels of the source are being read.", "正在读取源端的标记。";
        labels_none: "The source has no labels.", "源端没有标记。";
        labels_unread(n: u64): "The labels of {n} projects were not read.", "有 {n} 个项目的标记未读取。";
        labels_go_on: "Here an image goes on from where it arrived, but its labels do not cross: nothing can be chosen by them.", "在此拓扑中，镜像到达后还会继续复制，但标记不会随之复制：不能按标记选择。";
        namespace_row: "Destination namespace", "目标命名空间";
        namespace_hint: "Put before the path at the destination. Empty: the same path.", "放在目标端路径之前。留空则路径不变。";
        namespace_same: "The same", "保持不变";
        namespace_goes_on: "Here an image goes on from where it arrived: a namespace would put it one level deeper with each hop.", "在此拓扑中，镜像到达后还会继续复制：使用命名空间会使每一跳都再深一级。";
        flattening: "Flattening", "仓库扁平化";
        flattening_hint: "How many leading parts of the path the namespace replaces.", "命名空间替换路径开头的多少级。";
        preview: "What it takes, and where it lands", "匹配的仓库及其位置";
        preview_taken(n: &str, of: &str): "{n} of {of} repositories", "{of} 个仓库中的 {n} 个";
        preview_read(n: &str, of: &str): "The first {n} of {of} were looked at.", "只查看了 {of} 个中的前 {n} 个。";
        preview_nothing: "Nothing matches: the rule would run, copy nothing and report success.", "没有匹配的仓库：规则会照常执行并显示成功，却什么都不复制。";
        preview_empty: "There are no repositories yet.", "还没有仓库。";
        preview_tags: "Tags and labels are not looked at here.", "此处不查看标签和标记。";
        scope_wrong: "which images, and where they land", "确定复制哪些镜像以及它们的位置";
        trigger: "Trigger", "触发模式";
        scheduled: "Scheduled", "定时";
        bandwidth: "Bandwidth", "带宽";
        at_once_row: "At once", "立即复制";
        chunk_row: "Copy by chunk", "按块复制";
        chunk: "Send large blobs in pieces", "将大的镜像层分块传送";
        chunk_hint: "For links that break in the middle of a large one. Slower where they do not.", "适合传送中途容易断开的链路；稳定的链路上会更慢。";
        save: "Save all rules", "保存全部规则";
        save_both: "Save both rules", "保存两条规则";
        saved: "The rules are being changed.", "正在更改规则。";
        unchanged: "something to change", "作出更改";
        cron_wrong: "a schedule that these Harbors take", "填写这些 Harbor 接受的定时";
        refuse(what: &str): "First: {what}.", "请先完成：{what}。";
        changing: "These rules are being changed.", "正在更改这些规则。";
        waits_for(node: &str): "The change waits for {node}; it goes on by itself once that is back.", "更改正在等待 {node}；它恢复后会自动继续。";
        change_stopped: "A change of these rules stopped: retry it, or take it back.", "规则的更改已中断：请重试或撤销。";
        see_run: "See the run", "查看执行";

        next_runs: "Next runs", "后续执行";
        utc(time: &str): "UTC {time}", "UTC {time}";
        never: "This schedule never runs.", "此定时不会执行。";
        things: "To look at", "需要查看";
        nothing_title: "Nothing to look at", "没有需要查看的内容";
        nothing_text: "The rules are as planned, and they run.", "规则与计划一致，并在正常执行。";
        mend: "Make as planned", "恢复为计划";
        switch_off: "Switch it off", "停用";
        reschedule: "Schedule it anew", "重新安排";
        resume: "Let it go on", "恢复队列";
        stop: "Stop it", "停止";
        start: "Run now", "立即执行";
        rotate: "New secret", "更换密钥";
        rotate_hint: "The robot at the destination gets a new secret, and the endpoint here is told at once.", "目标端的机器人账号会生成新密钥，并立即写入此处的仓库端点。";
        decide: "Look at the differences", "查看差异";
        begun: "Begun.", "已开始。";
        mends: "Mend by itself", "自动修正";
        mends_hint: "A paused queue goes on, and a rule that is not started is scheduled anew. Leave it off where people pause queues on purpose.", "自动恢复已暂停的队列，并重新安排没有启动的规则。如有人会特意暂停队列，请保持关闭。";
        mends_on: "Paused queues and lost schedules are mended by themselves.", "已暂停的队列和丢失的定时计划会自动修正。";
        mends_off: "Nothing of this is mended by itself.", "这些问题不会自动修正。";

        differences_of(a: &str, b: &str): "What differs between {a} and {b}", "{a} 与 {b} 的差异";
        endpoints: "Endpoints", "仓库端点";
        standing: "What stands on the Harbors", "Harbor 上的现状";
        rule: "Rule", "规则";
        way: "Copies", "方向";
        pushes(from: &str, to: &str): "{from} → {to}", "{from} → {to}";
        pulls(from: &str, to: &str): "{from} → {to}, pulled", "{from} → {to}，拉取";
        starts: "Starts", "触发";
        signs_in: "signs in as", "登录账号";
        last: "Last execution", "最近一次执行";
        on: "on", "启用";
        off: "off", "停用";
        ours: "made by Breakwater", "由 Breakwater 创建";
        by_hand: "made by hand", "手工创建";
        differs(field: &str, planned: &str, is: &str): "{field}: planned {planned}, is {is}", "{field}：计划为 {planned}，现为 {is}";
        filtered(n: usize): "{n} filters", "{n} 个过滤器";
        trigger_manual: "Manual", "手动";
        trigger_event: "Event based", "事件驱动";

        dry_run: "Dry run", "试运行";
        dry_title: "What the next run would do", "下一次执行会做什么";
        dry_lede: "Told from the last comparison; nothing is asked of a Harbor, and nothing is changed.", "根据最近一次比较得出；不会请求 Harbor，也不会更改任何内容。";
        dry_unread: "These two were not compared yet.", "两端尚未比较。";
        dry_copies(n: &str, bytes: &str): "copies {n} tags, {bytes} at most", "复制 {n} 个标签，最多 {bytes}";
        dry_brings_back(n: &str): "of them {n} that somebody deleted there: they would come back", "其中 {n} 个已被人在对端删除：会重新出现";
        dry_overwrites(n: &str): "overwrites {n} tags", "覆盖 {n} 个标签";
        dry_skips(n: &str): "leaves {n} tags that differ, because it does not overwrite", "保留 {n} 个不同的标签，因为不覆盖";
        dry_same(n: &str): "skips {n} that are the same", "跳过 {n} 个相同的标签";
        dry_nothing: "copies nothing", "没有要复制的内容";
        dry_examples: "For example", "例如";
        compared: "compared", "比较于";

        executions: "Executions", "执行记录";
        executions_lede: "Kept for 90 days, also once Harbor has forgotten them.", "保留 90 天，即使 Harbor 已经清除。";
        none_yet: "No execution yet", "还没有执行记录";
        none_yet_text: "What the rules did stands here, newest first.", "规则的执行情况显示在这里，最新的在前。";
        none_found: "No execution is in this state", "没有处于此状态的执行";
        filter: "State", "状态";
        any: "Any", "全部";
        execution(id: i64): "Execution {id}", "执行 {id}";
        started: "Started", "开始";
        took: "Took", "用时";
        tasks_of(done: u64, all: u64): "{done} of {all} tasks", "{done} / {all} 个任务";
        tasks_failed(n: u64): "{n} failed", "{n} 个失败";
        table: "Executions of the rules", "规则的执行记录";
        older: "Older ones", "更早的记录";
        by_manual: "by hand", "手动";
        by_schedule: "by schedule", "定时";
        by_event: "by a push", "推送触发";

        preparing: "preparing", "准备中";
        running: "running", "进行中";
        retrying: "failed, may be retried", "失败，可能重试";
        succeeded: "succeeded", "成功";
        nothing: "nothing to do", "无需操作";
        skipped: "skipped", "已跳过";
        failed: "failed", "失败";
        stopped: "stopped", "已停止";
        pending: "waiting", "等待中";

        tasks: "Tasks", "任务";
        task(id: i64): "Task {id}", "任务 {id}";
        tasks_gone: "Harbor no longer has the tasks of this execution.", "Harbor 已没有此次执行的任务。";
        tasks_gone_text: "It keeps the newest fifty executions of a rule, and loses them with it.", "它只保留每条规则最近五十次执行，并随规则一起删除。";
        no_tasks: "No tasks yet: Harbor is listing what is to be copied.", "还没有任务：Harbor 正在列出要复制的内容。";
        no_tasks_ever: "It had no tasks.", "没有任务。";
        show_log: "Log", "日志";
        show_log_of(what: &str): "Log of {what}", "{what} 的日志";
        hide_log: "Hide the log", "隐藏日志";
        log_of(id: i64): "Log of task {id}", "任务 {id} 的日志";
        log_find: "Find in the log", "在日志中查找";
        log_lines(shown: usize, all: usize): "{shown} of {all} lines", "{shown} / {all} 行";
        log_empty: "The log is empty.", "日志为空。";
        log_download: "Download", "下载";
        more_tasks: "Show more tasks", "显示更多任务";
        first_shown(n: usize): "The first {n} are shown.", "只显示前 {n} 个。";
        stop_this: "Stop this execution", "停止此次执行";
        run_again: "Run the rule again", "再次执行该规则";
        run_again_hint: "What is there already is skipped; what failed is tried again.", "已有的内容会跳过，失败的会重试。";
    }
}

impl RulesText {
    /// What the page is called.
    pub(crate) fn title(self, topology: Topology, name: &str, nodes: &[String]) -> String {
        let comma = if self.0 == model::Locale::En { ", " } else { "、" };
        match (topology, nodes) {
            (Topology::DualMaster, [a, b]) => self.title_both(a, b),
            (Topology::OneToMany, [a, rest @ ..]) => self.title_from(a, &rest.join(comma)),
            _ => self.title_tiered(name),
        }
    }

    /// Where an execution stands.
    pub(crate) fn state(self, state: ExecutionState) -> &'static str {
        match state {
            ExecutionState::Preparing => self.preparing(),
            ExecutionState::Running => self.running(),
            ExecutionState::Retrying => self.retrying(),
            ExecutionState::Succeeded => self.succeeded(),
            ExecutionState::Nothing => self.nothing(),
            ExecutionState::Skipped => self.skipped(),
            ExecutionState::Failed => self.failed(),
            ExecutionState::Stopped => self.stopped(),
        }
    }

    /// Where a task stands.
    pub(crate) fn task_state(self, state: TaskState) -> &'static str {
        match state {
            TaskState::Pending => self.pending(),
            TaskState::Running => self.running(),
            TaskState::Succeeded => self.succeeded(),
            TaskState::Failed => self.failed(),
            TaskState::Stopped => self.stopped(),
        }
    }

    /// What started an execution.
    pub(crate) fn by(self, trigger: ExecutionTrigger) -> &'static str {
        match trigger {
            ExecutionTrigger::Manual => self.by_manual(),
            ExecutionTrigger::Scheduled => self.by_schedule(),
            ExecutionTrigger::EventBased => self.by_event(),
        }
    }

    /// What starts a rule; Harbor's words.
    pub(crate) fn trigger_of(self, trigger: &Trigger) -> &'static str {
        match trigger {
            Trigger::Manual => self.trigger_manual(),
            Trigger::Scheduled { .. } => self.scheduled(),
            Trigger::EventBased => self.trigger_event(),
        }
    }
}

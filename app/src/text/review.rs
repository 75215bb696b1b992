//! Words of the wizard's fourth step.

super::texts! {
    /// Words of the wizard's fourth step.
    ReviewText {
        title: "What will be done", "将要执行的操作";
        lede: "Nothing has been changed yet. Existing objects are adopted or left, never silently replaced.", "目前尚未更改任何内容。已有对象会被采用或保留，绝不会悄悄替换。";
        lede_change: "Nothing has been changed yet. This is the difference alone: what is new is made and proven before anything is removed.", "目前尚未更改任何内容。这里只列出差异：先创建并验证新内容，然后才删除。";
        refuse_nothing: "something to change", "需要更改的内容";
        planning: "Making the plan …", "正在生成计划…";
        plan_again: "Make the plan anew", "重新生成计划";
        rule_on(source: &str, destination: &str): "{source} → {destination}", "{source} → {destination}";
        field: "Setting", "设置";
        value: "Value", "取值";
        why: "Why", "原因";
        choices: "What you can choose", "可以调整的选项";
        cron: "Cron", "cron";
        cron_hint: "Six fields, seconds first, in UTC. Empty: proposed from the size of the registries.", "六段，第一段为秒，按 UTC。留空则按仓库规模给出建议。";
        cron_means(words: &str): "Means: {words}", "含义：{words}";
        cron_runs: "Runs by its own calendar.", "按自定义的时间运行。";
        cron_use(cron: &str): "Use {cron}", "使用 {cron}";
        at_once: "At once, beside the schedule", "除定时外，推送后立即复制";
        at_once_hint: "New pushes cross within seconds. Costs one more run per push; like the schedule it never overwrites or deletes.", "新推送在几秒内到达。每次推送多一次执行；与定时规则一样，绝不覆盖或删除。";
        bandwidth: "Bandwidth per task, Kbps", "每个任务的带宽（Kbps）";
        bandwidth_hint: "Empty: no limit.", "留空表示不限制。";
        bandwidth_wrong: "Give a whole number above 0, or leave it empty.", "请填写大于 0 的整数，或留空。";
        first_copy: "First copy", "首次复制";
        first_asked: "When I say so, after the proof", "验证通过后，由我开始";
        first_schedule: "By the schedule's own next run", "由定时规则的下次运行完成";
        first_at: "At a time", "在指定时间";
        first_time: "Begin at", "开始时间";
        copy_size(missing: String, bytes: String): "{missing} artifacts, {bytes}", "{missing} 个制品，{bytes}";
        copy_nothing: "nothing is missing there", "没有缺少的内容";
        copy_differing(n: String): "{n} tags differ on both sides and stay as they are", "{n} 个标签两侧不同，将保持原样";
        notes: "Good to know", "须知";
        calls: "Every call that Apply makes", "执行时发出的每个请求";
        calls_hint: "Apply looks first; these are the calls that may change something. Secrets are hidden.", "执行前会先查看；这里列出可能更改内容的请求。密钥已隐藏。";
        calls_of(node: &str, n: usize): "{node}: {n} calls", "{node}：{n} 个请求";
        adopts(what: &str): "Adopted: {what}", "采用：{what}";
        next: "To the last step", "进入最后一步";
        refuse_plan: "the plan", "生成计划";
        refuse_cron: "a cron that these Harbors take", "填写这些 Harbor 接受的 cron";
        refuse_checks: "the checks", "通过检查";
        nothing_made: "Shared storage needs no rules: nothing is made on the Harbors but the console's robots, and the proof.", "共享存储不需要规则：除控制台的机器人账号和验证所需内容外，不会在 Harbor 上创建任何对象。";
        waived: "Accepted warnings", "已接受的警告";
    }
}

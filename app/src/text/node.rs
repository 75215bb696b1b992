//! Words of a node's page.

super::texts! {
    /// Words of a node's page.
    NodeText {
        since(state: &str, when: &str): "{state} since {when}", "自 {when} 起{state}";
        well: "Everything that was asked answered well.", "所有检查项均应答正常。";
        never_asked: "It has not been asked yet.", "尚未检查过。";
        open: "Open Harbor", "打开 Harbor";
        to_settings: "Change address or account", "更改地址或账号";

        now: "Now", "当前状态";
        item: "What", "项目";
        value: "How it is", "状态";
        answers: "Answers", "应答";
        no_answer: "no answer", "没有应答";
        usually(last: u32, usual: u32): "{last} ms, usually {usual}", "{last} 毫秒，平时 {usual} 毫秒";
        healthy: "healthy", "正常";
        sick: "sick", "异常";
        canary: "Pull of an image", "拉取镜像";
        canary_none: "no image found to try", "没有可供测试的镜像";
        canary_waiting: "not tried yet, or it failed", "尚未尝试，或拉取失败";
        version: "Version", "版本";
        certificate: "Certificate", "证书";
        no_certificate: "none: plain http", "无：使用明文协议";
        ends(days: i64, date: &str): "{days} days, until {date}", "剩余 {days} 天，至 {date}";
        expired(date: &str): "expired on {date}", "已于 {date} 过期";
        clock: "Clock", "时钟";
        clock_same: "as this console's", "与本控制台一致";
        ahead(seconds: &str): "{seconds} s ahead of this console", "比本控制台快 {seconds} 秒";
        behind(seconds: &str): "{seconds} s behind this console", "比本控制台慢 {seconds} 秒";
        queue: "Replication queue", "复制队列";
        jobs(n: String): "{n} jobs wait", "{n} 个任务等待中";
        queue_paused(n: String): "paused, {n} jobs wait", "已暂停，{n} 个任务等待中";
        schedules: "Scheduled rules", "定时规则";
        not_known: "not known yet", "尚不清楚";
        asked: "Asked", "上次检查";

        warnings: "Deserves a look", "需要留意";

        answer_time: "Answer time", "应答时间";
        median(ms: u32): "last hour · median {ms} ms", "最近一小时 · 中位数 {ms} 毫秒";
        line_of(name: &str, what: &str): "Answer time of {name}: {what}", "{name} 的应答时间：{what}";
        no_line: "Nothing answered in the last hour.", "最近一小时没有应答。";
        history: "Reachable", "可用情况";
        happened: "What happened", "发生了什么";
        nothing_happened: "Nothing has changed since it is watched.", "自开始监控以来没有变化。";
        all_activity: "All of its activity", "查看全部动态";
    }
}

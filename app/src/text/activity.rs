//! Words of the activity list.

super::texts! {
    /// Words of the activity list.
    ActivityText {
        lede: "Every change of state, and what people did in the console. Newest first.", "每一次状态变化，以及大家在控制台中的操作。最新的在最前。";
        list: "What happened", "动态列表";
        filter: "Filter", "筛选";
        cluster: "Cluster", "集群";
        all_clusters: "All clusters", "所有集群";
        kind: "Kind", "类别";
        all_kinds: "Everything", "全部类别";
        kind_node: "Nodes", "节点";
        kind_entry: "Entries", "入口";
        kind_cluster: "Clusters", "集群";
        kind_pair: "Drift and heals", "差异与修复";
        kind_session: "Signing in and out", "登录与退出";
        kind_user: "People", "用户";
        kind_token: "Tokens", "令牌";
        kind_console: "The console itself", "控制台自身";
        person: "Person", "用户";
        anybody: "Anybody", "任何人";
        text: "Words", "关键词";
        some_words: "beijing, certificate", "北京、证书";
        apply: "Show", "查看";
        clear: "Show everything", "清除筛选";
        today: "Today", "今天";
        by(name: &str): "by {name}", "操作人：{name}";
        empty_title: "Nothing happened yet", "还没有任何动态";
        empty_text: "As soon as a node goes away or comes back, or somebody changes something in the console, it stands here, with the time and the name. It is kept for 400 days.", "节点失联或恢复，或者有人在控制台中更改了内容，都会记录在这里，并附上时间和姓名。记录保留 400 天。";
        none_title: "Nothing fits", "没有符合条件的动态";
        none_text: "No entry has all of what you chose. Leave one of the choices out.", "没有条目符合全部条件。请减少一个条件。";
        older_loading: "Loading older entries", "正在加载更早的动态";
        all_shown: "There is nothing older.", "没有更早的动态了。";
    }
}

impl ActivityText {
    /// The kinds one can choose: the first word of their codes, and their name.
    pub(crate) fn kinds(self) -> [(&'static str, &'static str); 8] {
        [
            ("node", self.kind_node()),
            ("entry", self.kind_entry()),
            ("cluster", self.kind_cluster()),
            ("pair", self.kind_pair()),
            ("session", self.kind_session()),
            ("user", self.kind_user()),
            ("token", self.kind_token()),
            ("console", self.kind_console()),
        ]
    }
}

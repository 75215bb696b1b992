//! Words of the page of a cluster's endpoints.

super::texts! {
    /// Words of the page of a cluster's endpoints.
    EndpointsText {
        crumb: "Endpoints", "仓库端点";
        title(name: &str): "The endpoints of {name}", "{name} 的仓库端点";
        lede: "Where the rules of each node lead, and whom they sign in as there.", "各节点的规则通向何处，以及在那里登录的账号。";
        reading: "Reading the endpoints", "正在读取仓库端点";
        read: "Read", "读取于";
        again: "Read again", "重新读取";
        worth_title: "What Harbor's word is worth.", "Harbor 显示的状态说明什么。";
        worth: "It looks every five minutes. Unhealthy is true: the endpoint was refused. Healthy proves little: it stays so while nobody answers there. Test asks now.", "Harbor 每五分钟检查一次。“不健康”可信：该端点被拒绝。“健康”说明不了什么：对方没有应答时它也保持不变。点击“测试”可立即检查。";
        secret: "A link's robot gets a new secret on the page of its rules.", "链路的机器人账号在规则页面更换密钥。";
        to_rules: "To the rules", "前往规则";
        none: "No endpoint stands here.", "此节点没有仓库端点。";
        nobody: "signs in as nobody", "不使用账号";
        points_at(node: &str): "points at {node}", "指向 {node}";
        outside: "outside the cluster", "在集群之外";
        kind(word: &str): "type {word}", "类型 {word}";
        unverified: "certificate not verified", "不验证证书";
        says(word: &str): "Harbor says {word}", "Harbor 显示为{word}";
        healthy: "healthy", "健康";
        unhealthy: "unhealthy", "不健康";
        used_by(rules: &str): "Used by {rules}", "使用它的规则：{rules}";
        rule_off(rule: &str): "{rule} (off)", "{rule}（已停用）";
        comma: ", ", "、";
        cached_by(projects: &str): "Proxy cache: {projects}", "使用它的代理缓存项目：{projects}";
        unused: "No rule and no proxy cache uses it.", "没有规则或代理缓存使用它。";
        test: "Test", "测试";
        test_named(name: &str): "Test {name}", "测试 {name}";
        tested: "tested", "测试于";
        rename: "Rename", "重命名";
        rename_named(name: &str): "Rename {name}", "重命名 {name}";
        rename_title: "Rename this endpoint", "重命名此仓库端点";
        rename_hint(name: &str): "{name} gets another name, and nothing else changes: its rules go on. Harbor asks the other end before it keeps the name, so that must answer.", "仅更改 {name} 的名称，其他不变：相关规则照常执行。Harbor 保存名称前会先检查对方，因此对方必须能应答。";
        new_name: "New name", "新名称";
        renaming: "Renaming has begun.", "已开始重命名。";
    }
}

//! Words of a cluster's page.

super::texts! {
    /// Words of a cluster's page.
    ClusterText {
        tabs: "Parts of this page", "本页内容";
        health: "Health", "健康";
        runs: "Runs", "执行";
        settings: "Settings", "设置";

        links: "Links", "链路";
        endpoints: "Endpoints", "仓库端点";
        now: "Each node now", "各节点当前状态";
        look: "Deserves a look", "需要留意";
        of_node(name: &str): "{name}:", "{name}:";
        entry_named(address: &str): "Entry {address}", "入口 {address}";
        answer_time: "Answer time", "应答时间";
        median(name: &str, ms: u32): "{name}, last hour · median {ms} ms", "{name}，最近一小时 · 中位数 {ms} 毫秒";
        no_answer(name: &str): "{name}: no answer in the last hour", "{name}：最近一小时没有应答";
        more_nodes(n: usize): "{n} more nodes", "其余 {n} 个节点";
        history: "Reachable", "可用情况";

        no_runs_title: "No run yet", "还没有执行记录";
        no_runs_text: "Each change that Breakwater makes to these Harbors is a run: its steps, what came of them, and a receipt to keep.", "Breakwater 对这些 Harbor 的每次更改都是一次执行：包含各个步骤、结果和可保存的回执。";

        nodes: "Nodes", "节点";
        address: "Address", "地址";
        certificate: "Certificate", "证书";
        tls_none: "none: plain http", "无：使用明文协议";
        tls_system: "judged by the usual authorities", "由系统信任的机构校验";
        tls_custom: "judged by an authority of its own", "由自定义的机构校验";
        tls_pinned: "only the pinned one", "仅接受固定的证书";
        tls_off: "not verified", "不校验";
        account: "Account", "账号";
        no_account: "none: only its health is watched", "无：只能查看健康状态";
        kind_admin: "administrator", "管理员";
        kind_robot: "robot", "机器人账号";
        upstream: "Fed by", "上级节点";

        credential: "Replace credential", "更换凭据";
        credential_of(node: &str): "Replace the credential of {node}", "更换 {node} 的凭据";
        credential_hint: "It is tried on the node first; the old one stays until the new one works. What is kept is sealed and never shown again.", "会先在该节点上验证；验证通过之前仍使用原来的凭据。保存后会加密，不再显示。";
        kind: "Kind of account", "账号类型";
        username: "User name", "用户名";
        secret: "Password or secret", "密码或密钥";
        try_and_keep: "Try it and keep it", "验证并保存";
        credential_replaced(node: &str): "{node} accepted the new credential; it is kept.", "{node} 已接受新凭据，并已保存。";

        add_node: "Add a node", "添加节点";
        cluster_full(most: usize): "This topology takes at most {most} nodes: replace one instead.", "该拓扑最多 {most} 个节点：请改为替换节点。";
        edit_cluster: "Change entry, certificates or rules", "更改入口、证书或规则";
        change_address: "Change address", "更改地址";
        change_address_of(node: &str): "Change the address of {node}", "更改 {node} 的地址";
        retire: "Retire", "移出";
        retire_named(node: &str): "Retire {node}", "移出 {node}";
        retire_first(node: &str): "{node} feeds the others: replace it instead.", "{node} 供给其他节点：请改为替换它。";
        retire_least(least: usize): "This topology needs at least {least} nodes: replace it instead.", "该拓扑至少需要 {least} 个节点：请改为替换它。";
        replace: "Replace", "替换";
        replace_named(node: &str): "Replace {node}", "替换 {node}";
        replace_hint(node: &str): "A new Harbor takes the place of {node}. It is checked, planned and proven like the first time; what was made for {node} is then removed, on it too if it answers.", "由一个新的 Harbor 接替 {node}。与首次一样先检查、规划并验证；随后删除为 {node} 创建的内容，如果它能应答，也会一并清理。";
        keep_name(node: &str): "The new node takes over the name {node}", "新节点沿用名称 {node}";
        keep_name_hint: "Its history begins anew all the same.", "其历史记录仍会重新开始。";
        replace_begin: "Name the new Harbor", "填写新的 Harbor";

        waived: "Accepted warnings", "已接受的警告";
        no_waived: "No warning was accepted when this cluster was adopted.", "接管此集群时没有接受任何警告。";
        accepted_by(by: &str): "accepted by {by}", "由 {by} 接受";

        first_copy: "First copy", "首次复制";
        first_copy_schedule: "What these Harbors held before crosses with the schedule's next run, or now if you start it.", "这些 Harbor 中原有的镜像会随下一次定时执行复制，也可以立即开始。";
        first_copy_at: "It begins at", "开始时间：";
        first_copy_begun: "It was started. What is new crosses by the rules' schedule.", "已经开始。新的镜像会按规则的定时同步。";
        first_copy_needless: "Nothing is copied: all nodes use one storage.", "无需复制：所有节点共用一套存储。";
        start_first_copy: "Start the first copy", "开始首次复制";

        remove: "Remove this cluster", "移除此集群";
        remove_hint: "Images are never touched: each Harbor keeps what it holds.", "不会改动任何镜像：每个 Harbor 保留自己的内容。";
        what_stays: "What Breakwater made on the Harbors", "Breakwater 在 Harbor 上创建的内容";
        leave: "Leave it", "保留";
        leave_hint: "Rules, endpoints and robots stay and go on working; only the console forgets the cluster and stops watching it.", "规则、目标和机器人账号保留并继续工作；控制台只是不再记录和监控此集群。";
        take_back: "Take it back", "撤销";
        take_back_hint: "A run removes the rules, endpoints and robots that the adoption made, then the cluster. What was there before stays. It can be watched, and asks again where a node wants its administrator.", "通过一次执行删除接管时创建的规则、目标和机器人账号，然后移除集群；原有内容保留。过程可以查看，如有节点需要管理员账号会再次询问。";
        type_name(name: &str): "Type {name} to confirm", "请输入 {name} 以确认";
        remove_press: "Remove cluster", "移除集群";
        removed: "The cluster was removed from the console.", "集群已从控制台移除。";
        gone_title: "This cluster was removed", "此集群已被移除";
        gone_text: "Somebody took it out of the console a moment ago.", "刚刚有人将它从控制台移除。";
    }
}

//! Words of the wizard's second step.

super::texts! {
    /// Words of the wizard's second step.
    NodesText {
        title: "Which Harbors?", "哪些 Harbor？";
        lede: "Paste what you have: a host, an address, or a link from Harbor's own pages. Test asks each one, and changes nothing.", "粘贴您手边的即可：主机名、地址，或 Harbor 页面中的链接。“测试”只询问，不作任何更改。";
        title_change: "What shall change?", "要更改什么？";
        lede_change: "Add a node, take one out, or edit an address, a certificate or the entry. The nodes that stay keep their accounts; nothing has to be typed again. Nothing is changed before the last step.", "可以添加或移出节点，或修改地址、证书或入口。保留的节点沿用原有账号，无需重新填写。在最后一步之前不会作任何更改。";
        stays: "stays", "保留";
        joins: "joins", "加入";
        retire_named(node: &str): "Retire {node}", "移出 {node}";
        retired(node: &str): "{node} leaves the cluster when the change is applied.", "应用更改时，{node} 将移出集群。";
        account_kept: "The kept account goes on. Where a check asks for an administrator, type it here: it serves this change and is then forgotten.", "继续使用已保存的账号。如果检查要求管理员，请在此填写：仅用于本次更改，之后即忘记。";
        cluster_name: "Name of the cluster", "集群名称";
        cluster_name_hint: "As your colleagues will call it: Production, Build …", "同事们怎么称呼它：生产、构建…";
        node(n: usize): "Node {n}", "节点 {n}";
        source_role: "takes the pushes", "接收推送";
        headquarters_role: "headquarters", "总部";
        address: "Address", "地址";
        address_hint: "Where this console and the other nodes reach it.", "本控制台和其他节点访问它所用的地址。";
        understood(address: &str): "Read as {address}", "识别为 {address}";
        left_to_server: "The server will read this name with its letters.", "该名称将由服务器识别。";
        name: "Name", "名称";
        name_hint: "Empty: the first part of its address.", "留空则取地址的第一段。";
        account: "Account", "账号";
        account_admin: "Administrator", "管理员";
        account_robot: "Robot account", "机器人账号";
        username: "User name", "用户名";
        secret: "Password", "密码";
        robot_secret: "Robot's secret", "机器人密钥";
        secret_hint: "Sealed on the server; never shown again.", "在服务器上加密保存，不再显示。";
        secret_kept: "Kept. Type a new one to replace it.", "已保存。填写新密码即可替换。";
        make_robot: "Make a robot with the least rights, and forget this password", "创建最小权限的机器人账号，并忘记此密码";
        make_robot_hint: "Daily work then needs no administrator. Later changes of robots still ask for one.", "日常工作不再需要管理员。以后更改机器人账号时仍需管理员。";
        upstream: "Fed by", "上级节点";
        upstream_first: "headquarters", "总部";
        tls: "Certificate", "证书";
        tls_system: "Verify with the system's authorities", "使用系统信任的机构验证";
        tls_custom: "Verify with this authority (PEM)", "使用以下机构验证（PEM）";
        tls_pinned: "Accept only this certificate", "只接受这一张证书";
        tls_off: "Do not verify", "不验证";
        tls_off_warning: "Anyone between here and that Harbor can read its password. Shown as a lasting warning.", "中间的任何人都能读到密码。此状态会一直显示为警告。";
        tls_pem: "Certificate of the authority", "机构证书";
        tls_fingerprint: "SHA-256 of the certificate", "证书的 SHA-256 指纹";
        tls_not_needed: "Plain http has no certificate.", "http 没有证书。";
        pin_this: "Accept only this certificate", "只接受这一张证书";
        more: "Certificate and name", "证书与名称";
        add: "Add a node", "添加节点";
        test: "Test", "测试";
        testing: "Asking …", "正在询问…";
        test_reached: "Reached", "可连接";
        test_version: "Version", "版本";
        test_who: "Signed in as", "登录身份";
        test_rights: "Rights", "权限";
        test_clock: "Clock", "时钟";
        test_certificate: "Certificate", "证书";
        clock_same: "as ours", "与本机一致";
        clock_ahead(s: String): "{s} s ahead", "快 {s} 秒";
        clock_behind(s: String): "{s} s behind", "慢 {s} 秒";
        cert_until(days: i64, issuer: &str): "{days} days, by {issuer}", "还有 {days} 天，由 {issuer} 签发";
        cert_expired: "expired", "已过期";
        cert_untrusted: "not trusted", "不受信任";
        tested: "Tested", "测试于";
        entry: "Entry address", "入口地址";
        entry_hint: "The load balancer or virtual address (VIP) that people pull from. Leave it empty if there is none.", "用户拉取所用的负载均衡器或虚拟地址（VIP）。没有则留空。";
        entry_title: "Entry", "入口";
        next: "Check them", "开始检查";
        refuse_secret(node: &str): "the password of {node}", "{node} 的密码";
        removed: "The node was removed from the draft.", "节点已从草稿中移除。";
        limit(most: usize): "This topology takes at most {most} nodes.", "该拓扑最多 {most} 个节点。";
    }
}

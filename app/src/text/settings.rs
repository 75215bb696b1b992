//! Words of the settings.

super::texts! {
    /// Words of the settings.
    SettingsText {
        parts: "Parts of the settings", "设置分类";
        account: "Account", "账号";
        sessions: "Sessions", "会话";
        people: "People", "用户";
        tokens: "API tokens", "API 令牌";

        who: "Who you are", "您的身份";
        name: "Name", "用户名";
        role: "Role", "角色";
        role_hint: "An administrator can change it.", "可由管理员更改。";
        language: "Language", "语言";
        english: "English", "英文";
        chinese: "Chinese", "中文";
        theme: "Theme", "外观";
        kept_here: "Kept in this browser.", "仅保存在此浏览器中。";

        password: "Change your password", "更改密码";
        password_lede: "Your other sessions end; this browser stays signed in.", "您的其他会话会结束，此浏览器保持登录。";
        old: "Present password", "当前密码";
        old_wrong: "That is not your present password. Type it again.", "当前密码不正确，请重新输入。";
        new_password: "New password", "新密码";
        change: "Change password", "更改密码";
        changed: "Your password is changed. Your other sessions have ended.", "密码已更改，您的其他会话已结束。";

        sessions_lede: "Browsers in which you are signed in.", "您已登录的浏览器。";
        this_browser: "this browser", "此浏览器";
        unknown_browser: "unknown browser", "未知浏览器";
        on(browser: &str, system: &str): "{browser} on {system}", "{browser}（{system}）";
        seen_from(address: &str): "from {address}", "来自 {address}";
        session_seen: "seen", "最近使用";
        signed_in: "signed in", "登录于";
        session_until(when: String): "ends on {when}", "{when} 到期";
        revoke: "End", "结束";
        revoke_named(browser: &str, address: &str): "End the session of {browser} from {address}", "结束 {browser} 来自 {address} 的会话";
        revoked: "The session has ended.", "会话已结束。";
        revoke_others: "End all others", "结束其他所有会话";
        others_ended(n: u64): "Other sessions ended: {n}.", "已结束其他会话：{n} 个。";
        only_this: "You are signed in nowhere else.", "您没有在其他地方登录。";

        people_lede: "Who may sign in, and what they may do.", "谁可以登录，以及可以做什么。";
        people_only(role: &str): "Only administrators see and change who may sign in. Your role is {role}.", "只有管理员可以查看和更改谁能登录。您的角色是{role}。";
        add: "Add a person", "添加用户";
        add_lede: "They get a one-time code and choose their own password with it.", "对方会得到一次性代码，用它自行设置密码。";
        add_press: "Add", "添加";
        code_for(name: &str): "One-time code for {name}", "{name} 的一次性代码";
        code_how: "Give it to them. On the sign-in page, under \"I have a reset code\", they choose a password with it. It works once, for a day.", "请将它交给对方。在登录页点击“我有重置码”即可用它设置密码。仅可使用一次，一天内有效。";
        shown_once: "It is shown only now: Breakwater keeps no copy that can be read.", "仅此一次显示：Breakwater 不保存可读取的副本。";
        done_with_it: "I have it", "我已保存";
        you: "you", "您";
        disabled: "disabled", "已停用";
        no_password: "has no password yet", "尚未设置密码";
        last_seen: "Last sign-in", "最近登录";
        role_of(name: &str): "Role of {name}", "{name} 的角色";
        role_changed(name: &str): "The role of {name} is changed; they sign in again.", "{name} 的角色已更改，对方需要重新登录。";
        disable: "Disable", "停用";
        enable: "Enable", "启用";
        disable_named(name: &str): "Disable {name}", "停用 {name}";
        enable_named(name: &str): "Enable {name}", "启用 {name}";
        is_disabled(name: &str): "{name} may not sign in any more.", "{name} 不能再登录。";
        is_enabled(name: &str): "{name} may sign in again.", "{name} 可以重新登录。";
        reset: "Reset code", "重置码";
        reset_named(name: &str): "Make a reset code for {name}", "为 {name} 生成重置码";
        remove_title: "Remove this person?", "移除此用户？";
        remove_text(name: &str): "{name} cannot sign in any more, and their sessions and API tokens end at once. What they did stays in the activity list.", "{name} 将无法登录，其会话和 API 令牌会立即失效。其操作记录仍保留在动态中。";
        removed(name: &str): "{name} was removed.", "{name} 已被移除。";

        tokens_lede: "For programs: REST below /api/v1 and the command line. A token never may more than its owner.", "供程序使用：通过接口或命令行。令牌的权限不会超过其所有者。";
        tokens_lede_all: "As an administrator you see everybody's.", "作为管理员，您可以看到所有人的令牌。";
        create: "Make a token", "创建令牌";
        token_name: "What is it for?", "用途";
        token_name_hint: "A name that says where it is used: deploy, monitoring.", "用名称说明在哪里使用，例如：部署、监控。";
        token_role: "What may it do?", "权限";
        days: "For how many days?", "有效天数";
        days_hint: "1 to 3650. Afterwards it is refused.", "1 到 3650，过期后会被拒绝。";
        days_number: "This is not a whole number of days from 1 to 3650.", "请填写 1 到 3650 之间的整数。";
        create_press: "Make it", "创建";
        token_for(name: &str): "Token {name}", "令牌 {name}";
        token_how: "Send it in the header \"Authorization: Bearer\", or give it to the command line with \"--token\".", "请在请求头中以承载令牌方式发送，或通过命令行的令牌参数提供。";
        owner: "Owner", "所有者";
        expires: "Expires", "到期";
        expired: "expired", "已过期";
        in_time(when: &str): "in {when}", "{when}后";
        used: "Last used", "最近使用";
        token_revoke: "Revoke", "吊销";
        token_revoke_named(name: &str, owner: &str): "Revoke the token {name} of {owner}", "吊销 {owner} 的令牌 {name}";
        token_revoked(name: &str): "The token {name} is revoked.", "令牌 {name} 已吊销。";
        no_tokens_title: "No tokens yet", "还没有令牌";
        no_tokens_text: "A token lets a script read health, plan a cluster or apply a plan without a person at a browser. Make one above.", "有了令牌，脚本无需有人操作浏览器即可读取健康状态、规划集群或应用计划。请在上方创建。";

        role_does(role: &str, does: &str): "{role}: {does}", "{role}：{does}";
        role_viewer: "sees everything but secrets", "可查看除密钥外的所有内容";
        role_operator: "also changes clusters", "还可更改集群";
        role_administrator: "also people and the console", "还可管理用户和控制台";
    }
}

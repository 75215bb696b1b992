//! Words of the doors: first start, signing in, choosing a password by a reset code.

super::texts! {
    /// Words of the doors.
    EntranceText {
        setup_title: "Welcome to Breakwater", "欢迎使用 Breakwater";
        setup_lede: "It keeps your Harbors available. A few answers make you its administrator; then you add your first cluster.", "它让您的 Harbor 保持高可用。填写以下几项即可成为管理员，随后添加第一个集群。";
        code: "Set-up code", "初始化代码";
        code_hint: "It stands on the server's terminal, and in the file setup-code of its data folder. Only who can read that machine may claim this console.", "它显示在服务器的终端，也保存在数据目录的 setup-code 文件中。只有能登录那台机器的人才能初始化此控制台。";
        your_name: "Your name", "您的用户名";
        your_name_hint: "You sign in with it; what you do is listed under it.", "用它登录，您的操作也会以它记录。";
        password: "Password", "密码";
        new_password: "New password", "新密码";
        password_hint(min: usize): "At least {min} characters. A few words in a row are good.", "至少 {min} 个字符，几个词连在一起就很好。";
        password_more(n: usize): "{n} more to go", "还差 {n} 个字符";
        password_good: "Long enough, and not among the first that get tried.", "长度足够，也不属于最容易被猜中的密码。";
        language_hint: "For you, and for whoever has not chosen one.", "您使用的语言，也是尚未选择语言的人的默认语言。";
        public_address: "Public address", "访问地址";
        public_address_hint: "What people type to open this console; links that Breakwater gives out begin with it. With https, cookies are sent over https alone. Empty: as you opened it now.", "大家打开此控制台所用的地址，Breakwater 给出的链接都以它开头。填写 https 地址后，登录状态只通过 https 发送。留空则沿用当前地址。";
        claim: "Claim this console", "开始使用";

        sign_in_title: "Sign in to Breakwater", "登录 Breakwater";
        name: "Name", "用户名";
        sign_in: "Sign in", "登录";
        have_code: "I have a reset code", "我有重置码";
        have_password: "Back to signing in", "返回登录";
        password_set: "Your new password is set. Sign in with it.", "新密码已设置，请用它登录。";

        code_title: "Choose a new password", "设置新密码";
        code_lede: "An administrator gave you a code. It works once, and for a limited time.", "管理员给了您一个重置码。它只能使用一次，且有时间限制。";
        reset_code: "Reset code", "重置码";
        set_password: "Set password", "设置密码";
    }
}

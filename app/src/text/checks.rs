//! Words of the wizard's third step.

super::texts! {
    /// Words of the wizard's third step.
    ChecksText {
        title: "Before anything is changed", "在任何更改之前";
        answered(done: usize, all: usize): "{done} of {all} checks have answered.", "{all} 项检查中已有 {done} 项得到答案。";
        no_question: "This change raises no question.", "此更改没有需要检查的问题。";
        fine: "Nothing stands in the way.", "没有任何障碍。";
        must_be_mended(n: usize): "{n} must be mended first.", "{n} 项必须先解决。";
        can_be_accepted(n: usize): "{n} can be accepted with a reason.", "{n} 项可以说明理由后接受。";
        one_to_the_other(a: &str, b: &str): "{a} and {b}, one to the other", "{a} 与 {b}，互相之间";
        together: "All nodes together", "所有节点一起";
        entry(address: &str): "Entry {address}", "入口 {address}";
        of_group(done: usize, all: usize): "{done} of {all}", "{done}/{all}";
        asking: "asking …", "正在检查…";
        not_asked: "not asked yet", "尚未检查";
        try_again: "Try again", "重试";
        ask_again: "Ask everything again", "全部重新检查";
        edit_node: "Change this node", "修改此节点";
        edit_entry: "Change the entry", "修改入口";
        edit_topology: "Change the topology", "修改拓扑";
        open_portal: "Open in Harbor", "在 Harbor 中打开";
        accept: "Accept with a reason", "说明理由并接受";
        reason: "Why this is fine here", "为什么在这里可以接受";
        reason_hint: "Kept with the cluster, with your name.", "与集群一起保存，并记录您的名字。";
        accept_now: "Accept", "接受";
        accepted(by: &str): "Accepted by {by}", "{by} 已接受";
        probes_title: "Probes that write", "会写入的探测";
        probes_text: "These cannot be answered by reading alone. Each makes small, clearly named objects on the Harbors and removes them again, also after a crash. Blobs that nothing refers to and rows of the audit log remain.", "仅靠读取无法回答这些问题。每项探测会在 Harbor 上创建少量名称清晰的对象，随后删除，即使中途崩溃也会清理。未被引用的数据块和审计日志会保留。";
        probes_show: "Show every call they make", "查看它们发出的每个请求";
        probes_confirm: "I have read what is made, and it may be made.", "我已了解将创建的内容，同意执行。";
        probes_run: "Run the probes", "运行探测";
        probes_running: "The probes are running", "探测正在运行";
        probes_refused: "Confirm first that these objects may be made.", "请先确认可以创建这些对象。";
        next: "Review", "复核";
        refused(what: &str, more: usize): "{what} (+{more})", "{what}（+{more}）";
    }
}

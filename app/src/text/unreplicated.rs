//! Words of the page about what Harbor does not replicate.

super::texts! {
    /// Words of the page about what Harbor does not replicate.
    UnreplicatedText {
        crumb: "Not replicated", "不复制的设置";
        of(a: &str, b: &str): "{a} and {b}", "{a} 和 {b}";
        title(a: &str, b: &str): "What Harbor does not copy between {a} and {b}", "{a} 和 {b} 之间不会复制的设置";
        lede: "No rule carries these. When one node is away, the other one works with its own.", "复制规则不会传送这些内容。一个节点离线时，另一个节点按自己的设置工作。";
        reading: "Reading both Harbors", "正在读取两个 Harbor";
        compared(n: &str): "{n} settings compared", "已比较 {n} 项设置";
        read: "read", "读取于";
        again: "Read again", "重新读取";
        comma: ", ", "、";
        unseen(node: &str, kinds: &str): "Not compared, since {node} does not show it to Breakwater's account: {kinds}.", "未比较，因为 {node} 不向 Breakwater 的账户显示：{kinds}。";
        left_out(n: &str): "{n} more projects were not read.", "另有 {n} 个项目未读取。";
        equal_title: "No differences", "没有差异";
        equal_text: "Everything that could be compared is set alike on both nodes.", "所有可比较的设置在两个节点上一致。";
        caption: "Settings that differ", "不一致的设置";
        project: "Project", "项目";
        whole: "Whole Harbor", "整个 Harbor";
        setting: "Setting", "设置";
        more(n: &str): "{n} more differ.", "另有 {n} 项不一致。";
    }
}

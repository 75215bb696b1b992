//! Words of the list of clusters.

super::texts! {
    /// Words of the list of clusters.
    ClustersText {
        lede: "Each is two or more Harbors that stand in for each other.", "每个集群由两个或更多可以互相顶替的 Harbor 组成。";
        list: "All clusters", "所有集群";
        nodes(up: usize, all: usize): "{up} of {all} nodes serve", "{all} 个节点中有 {up} 个可用";
        empty_title: "No cluster yet", "还没有集群";
        empty_text: "Name two or more Harbors and choose how they stand in for each other. You see what is wrong before anything is changed, and get a proof that an image crosses.", "填写两个或更多 Harbor 的地址，并选择它们互相顶替的方式。在任何更改之前先看到问题所在，最后得到镜像确实能到达的证明。";
        empty_viewer: "An operator or administrator can add the first one.", "操作员或管理员可以添加第一个集群。";

        drafts: "Unfinished", "未完成";
        drafts_hint: "Begun and not applied yet. Nothing was changed on any Harbor.", "已开始但尚未应用。尚未更改任何 Harbor。";
        unnamed: "Without a name yet", "尚未命名";
        a_change: "change", "更改";
        no_topology: "no topology chosen", "尚未选择拓扑";
        draft_nodes(n: usize): "{n} nodes", "{n} 个节点";
        saved: "saved", "保存于";
        go_on: "Go on", "继续";
        go_on_with(name: &str): "Go on with {name}", "继续 {name}";
        discard: "Discard", "丢弃";
        discard_named(name: &str): "Discard {name}", "丢弃 {name}";
        discard_title: "Discard this draft?", "丢弃此草稿？";
        discard_text: "What was typed is forgotten, with the passwords kept for it. It cannot be brought back.", "填写的内容以及为它保存的密码都会被删除，无法恢复。";
        discarded: "The draft was discarded.", "草稿已丢弃。";
    }
}

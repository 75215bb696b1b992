//! Words of the board.

super::texts! {
    /// Words of the board.
    BoardText {
        all_well: "Everyone can pull and push.", "所有人都可以拉取和推送。";
        some_degraded: "Everyone can pull; something is missing.", "所有人都可以拉取，但有部分异常。";
        some_down: "Some people cannot pull or push.", "部分用户无法拉取或推送。";
        waiting: "Waiting for the first answers.", "正在等待首次应答。";
        cut_off_title: "No node of any cluster answers. Is Breakwater itself cut off?", "所有集群的节点都没有应答。是不是 Breakwater 自己断网了？";
        cut_off_text: "Check the network of the machine it runs on first. What is shown below is what was last seen.", "请先检查它所在机器的网络。下方显示的是最后一次看到的状态。";
        empty_title: "Add your first cluster", "添加您的第一个集群";
        empty_text: "A cluster is two or more Harbors that stand in for each other. You name them, see what is wrong before anything is changed, and get a proof that an image crosses. About ten minutes.", "集群由两个或更多可以互相顶替的 Harbor 组成。您只需填写它们的地址，在任何更改之前先看到问题所在，最后得到镜像确实能到达的证明。大约十分钟。";
        empty_viewer: "An operator or administrator can add the first cluster.", "操作员或管理员可以添加第一个集群。";
        nodes: "Nodes", "节点";
        links: "Links", "链路";
        answer_time: "Slowest answer", "最慢应答";
        certificate: "Certificate", "证书";
        none: "none", "无";
        expired: "expired", "已过期";
    }
}

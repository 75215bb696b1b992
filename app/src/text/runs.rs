//! Words of the list of runs.

super::texts! {
    /// Words of the list of runs.
    RunsText {
        lede: "Everything Breakwater changed on your Harbors, step by step, with its receipt.", "Breakwater 在您的 Harbor 上所做的每一次更改：逐步记录，并附回执。";
        of_cluster(kind: &str, cluster: &str): "{kind}: {cluster}", "{kind}：{cluster}";
        steps(done: usize, all: usize): "{done} of {all} steps", "{all} 步中的 {done} 步";
        taken_back(steps: usize): "{steps} steps taken back", "已撤销 {steps} 步";
        taking_back: "being taken back", "正在撤销";
        stopping: "stopping", "正在停止";
        empty_title: "No runs yet", "还没有执行记录";
        empty_text: "When a plan is applied, its steps stand here while they are carried out, and their receipt afterwards. Nothing is ever changed on a Harbor outside of a run.", "应用计划之后，各个步骤会在执行时显示在这里，之后则保留回执。除此之外，不会对 Harbor 做任何更改。";
        to_first: "Set up a cluster", "新建集群";
    }
}

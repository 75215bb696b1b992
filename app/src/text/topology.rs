//! Words of the wizard's first step.

use model::Topology;

super::texts! {
    /// Words of the wizard's first step.
    TopologyText {
        title: "What should keep working when a machine dies?", "一台机器故障时，什么必须继续工作？";
        lede: "You can change your mind until the last step. Nothing on any Harbor is touched before that.", "在最后一步之前都可以改变主意。在那之前不会改动任何 Harbor。";
        recommended: "recommended", "推荐";
        next: "Name the Harbors", "填写 Harbor";
        refused: "a topology", "选择一种拓扑";
        survives: "Survives", "可承受";
        needs: "Needs", "需要";
        not: "Not", "不包括";
        choose: "Choose it", "适合";

        shared_name: "Shared storage", "共享存储";
        shared_what: "Several Harbors serve one store, one database and one Redis.", "多个 Harbor 共用一套存储、一个数据库和一个 Redis。";
        shared_survives: "any Harbor node", "任一 Harbor 节点故障";
        shared_needs: "S3, Swift, Ceph or NFS; PostgreSQL; Redis", "S3、Swift、Ceph 或 NFS；PostgreSQL；Redis";
        shared_not: "the store, database or Redis themselves", "存储、数据库或 Redis 自身的故障";
        shared_choose: "in one site, when you have shared storage", "同一站点内且已有共享存储";

        dual_name: "Dual-master", "双主";
        dual_what: "Two Harbors copy to each other; both take pushes.", "两个 Harbor 互相复制，都可以接收推送。";
        dual_survives: "a machine or a whole site", "一台机器或整个站点故障";
        dual_needs: "two Harbors that reach each other", "两个能互相访问的 Harbor";
        dual_not: "instant: copies lag, the same tag can differ", "即时一致：复制有延迟，同名标签可能不同";
        dual_choose: "across sites, or with no shared storage", "跨站点，或没有共享存储";

        many_name: "One to many", "一主多从";
        many_what: "One Harbor takes pushes, many serve pulls.", "一个 Harbor 接收推送，多个提供拉取。";
        many_survives: "any copy; pulls when the source is away", "任一副本故障；源不可用时仍可拉取";
        many_needs: "a Harbor in each place", "每个地点一个 Harbor";
        many_not: "pushes when the source is away", "源不可用时的推送";
        many_choose: "for releases to many clusters", "向多个集群分发版本";

        tiered_name: "Tiered", "分级";
        tiered_what: "Headquarters to a branch, the branch to the next.", "总部到分支，分支再到下一级。";
        tiered_survives: "any branch below the break", "断点以下的任一分支";
        tiered_needs: "a Harbor per tier", "每一级一个 Harbor";
        tiered_not: "a break in the middle, for those below", "中间断开时下级的更新";
        tiered_choose: "when only neighbours reach each other", "只有相邻两级能互相访问时";
    }
}

/// What the card of one topology says.
pub(crate) struct Card {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) what: &'static str,
    /// Label and text: survives, needs, not, choose it.
    pub(crate) pairs: [(&'static str, &'static str); 4],
}

impl TopologyText {
    /// The card of one topology.
    pub(crate) fn card(self, topology: Topology) -> Card {
        let (name, what, [survives, needs, not, choose]) = match topology {
            Topology::SharedStorage => (
                self.shared_name(),
                self.shared_what(),
                [self.shared_survives(), self.shared_needs(), self.shared_not(), self.shared_choose()],
            ),
            Topology::DualMaster => (
                self.dual_name(),
                self.dual_what(),
                [self.dual_survives(), self.dual_needs(), self.dual_not(), self.dual_choose()],
            ),
            Topology::OneToMany => (
                self.many_name(),
                self.many_what(),
                [self.many_survives(), self.many_needs(), self.many_not(), self.many_choose()],
            ),
            Topology::Tiered => (
                self.tiered_name(),
                self.tiered_what(),
                [self.tiered_survives(), self.tiered_needs(), self.tiered_not(), self.tiered_choose()],
            ),
        };
        Card {
            name,
            what,
            pairs: [
                (self.survives(), survives),
                (self.needs(), needs),
                (self.not(), not),
                (self.choose(), choose),
            ],
        }
    }
}

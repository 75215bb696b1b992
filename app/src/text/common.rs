//! Words that every page needs: the frame, states, times, buttons.

use model::{
    HistorySpan, Topology,
    finding::FindingState,
    health::{Bucket, HealthState},
    people::Role,
    run::{RunKind, RunState, StepState},
};

super::texts! {
    /// Words that every page needs.
    CommonText {
        product: "Breakwater", "Breakwater";
        skip: "Skip to the content", "跳到正文";
        sections: "Sections", "导航";
        board: "Board", "总览";
        clusters: "Clusters", "集群";
        drift: "Drift", "差异";
        differences(n: u64): "{n} differences", "{n} 处差异";
        rules: "Rules", "规则";
        runs: "Runs", "执行";
        status_pages: "Status pages", "状态页";
        activity: "Activity", "动态";
        settings: "Settings", "设置";
        menu: "Menu", "菜单";
        account: "Your account", "您的账号";
        sign_out: "Sign out", "退出登录";
        sign_in: "Sign in", "登录";
        new_cluster: "New cluster", "新建集群";
        switch_language: "Change the language to Chinese", "将语言切换为英文";
        theme: "Theme", "外观";
        theme_auto: "As the device", "跟随设备";
        theme_day: "Light", "浅色";
        theme_night: "Dark", "深色";
        language: "Language", "语言";
        crumbs: "You are here", "当前位置";

        live: "Live", "实时";
        live_starting: "Connecting", "正在连接";
        live_off: "Not live", "未连接";
        live_off_hint: "What you see may be out of date. It connects again by itself.", "所见内容可能已过时，连接会自动恢复。";

        now: "now", "现在";
        up: "up", "正常";
        degraded: "degraded", "部分异常";
        down: "down", "不可用";
        unreachable: "unreachable", "无法连接";
        unknown: "unknown", "未知";
        checking: "checking", "正在确认";
        never: "never", "从未";

        entry_word: "entry", "入口";
        what_is_shared: "storage · PostgreSQL · Redis", "存储 · PostgreSQL · Redis";
        dual_master: "dual-master", "双主";
        shared_storage: "shared storage", "共享存储";
        one_to_many: "one to many", "一主多从";
        tiered: "tiered", "分级";

        administrator: "Administrator", "管理员";
        operator: "Operator", "操作员";
        viewer: "Viewer", "查看者";

        finding_waiting: "being asked", "正在检查";
        finding_ok: "as it should be", "符合要求";
        finding_warning: "warning", "警告";
        finding_failed: "failed", "未通过";
        finding_not_applicable: "does not apply", "不适用";
        finding_not_proven: "not proven", "无法证明";

        step_waiting: "waiting", "等待中";
        step_looking: "looking", "正在查看";
        step_applying: "being made", "正在执行";
        step_verifying: "being verified", "正在核对";
        step_done: "done", "已完成";
        step_adopted: "was there already", "已存在，直接采用";
        step_failed: "failed", "失败";
        step_skipped: "not needed", "不需要";
        step_undone: "taken back", "已撤销";

        run_running: "running", "进行中";
        run_succeeded: "done", "已完成";
        run_failed: "failed", "失败";
        run_cancelled: "stopped", "已停止";
        run_undone: "taken back", "已撤销";
        kind_adopt: "Adoption", "接管集群";
        kind_change: "Change", "变更";
        kind_probe: "Probes", "写入探测";
        kind_remove: "Removal", "移除";
        kind_rule: "Replication rule", "复制规则";
        kind_heal: "Heal", "修复";
        kind_fence: "Fence", "隔离";
        kind_restore: "Restore", "还原";

        cancel: "Cancel", "取消";
        remove: "Remove", "移除";
        back: "Back", "上一步";
        try_again: "Try again", "重试";
        older: "Older", "更早";
        copy: "Copy", "复制";
        copied: "Copied.", "已复制。";
        copy_by_hand: "It is selected: copy it with your keyboard.", "已选中，请用键盘复制。";
        loading: "Loading", "正在加载";
        may_only_look: "Your role may look but not change anything. Ask an administrator.", "您的角色只能查看，不能更改。请联系管理员。";

        not_found_title: "There is nothing at this address", "此地址没有内容";
        to_the_board: "To the board", "返回总览";
        error_title: "This could not be shown", "无法显示此内容";
        error_code: "Code", "错误代码";

        reachable_never: "nobody was looking yet", "尚未开始观察";
        nobody_looked: "nobody was looking", "无人观察";
        range: "Time span", "时间范围";
        range_day: "24 h", "24 小时";
        range_week: "7 days", "7 天";
        range_month: "30 days", "30 天";
        range_quarter: "90 days", "90 天";
        begins_day: "24 h ago", "24 小时前";
        begins_week: "7 days ago", "7 天前";
        begins_month: "30 days ago", "30 天前";
        begins_quarter: "90 days ago", "90 天前";

        of_total(part: usize, whole: usize): "{part} of {whole}", "{part} / {whole}";
        percent_reachable(share: String): "{share} reachable", "可用率 {share}";
        history_name(name: &str): "History of {name}", "{name} 的历史";
        entry_leads(name: &str, state: &str): "Entry {name}: {state}", "入口 {name}：{state}";
        ms(value: u32): "{value} ms", "{value} 毫秒";
        seconds(value: String): "{value} s", "{value} 秒";
        days(n: i64): "{n} days", "{n} 天";
        remove_named(name: &str): "Remove {name}", "移除 {name}";
    }
}

impl CommonText {
    /// A time span, as one chooses it.
    pub(crate) fn span(self, span: HistorySpan) -> &'static str {
        match span {
            HistorySpan::Day => self.range_day(),
            HistorySpan::Week => self.range_week(),
            HistorySpan::Month => self.range_month(),
            HistorySpan::Quarter => self.range_quarter(),
        }
    }

    /// When it begins: the words under the left end of a history.
    pub(crate) fn begins(self, span: HistorySpan) -> &'static str {
        match span {
            HistorySpan::Day => self.begins_day(),
            HistorySpan::Week => self.begins_week(),
            HistorySpan::Month => self.begins_month(),
            HistorySpan::Quarter => self.begins_quarter(),
        }
    }

    /// A health state in words.
    pub(crate) fn state(self, state: HealthState) -> &'static str {
        match state {
            HealthState::Up => self.up(),
            HealthState::Degraded => self.degraded(),
            HealthState::Down => self.down(),
            HealthState::Unreachable => self.unreachable(),
            HealthState::Unknown => self.unknown(),
        }
    }

    /// A topology in words.
    pub(crate) fn topology(self, topology: Topology) -> &'static str {
        match topology {
            Topology::DualMaster => self.dual_master(),
            Topology::SharedStorage => self.shared_storage(),
            Topology::OneToMany => self.one_to_many(),
            Topology::Tiered => self.tiered(),
        }
    }

    /// A role in words.
    pub(crate) fn role(self, role: Role) -> &'static str {
        match role {
            Role::Administrator => self.administrator(),
            Role::Operator => self.operator(),
            Role::Viewer => self.viewer(),
        }
    }

    /// A finding's answer in words.
    pub(crate) fn finding(self, state: FindingState) -> &'static str {
        match state {
            FindingState::Waiting => self.finding_waiting(),
            FindingState::Ok => self.finding_ok(),
            FindingState::Warning => self.finding_warning(),
            FindingState::Failed => self.finding_failed(),
            FindingState::NotApplicable => self.finding_not_applicable(),
            FindingState::NotProven => self.finding_not_proven(),
        }
    }

    /// Where a step stands.
    pub(crate) fn step(self, state: StepState) -> &'static str {
        match state {
            StepState::Waiting => self.step_waiting(),
            StepState::Looking => self.step_looking(),
            StepState::Applying => self.step_applying(),
            StepState::Verifying => self.step_verifying(),
            StepState::Done => self.step_done(),
            StepState::Adopted => self.step_adopted(),
            StepState::Failed => self.step_failed(),
            StepState::Skipped => self.step_skipped(),
            StepState::Undone => self.step_undone(),
        }
    }

    /// Where a run stands.
    pub(crate) fn run(self, state: RunState) -> &'static str {
        match state {
            RunState::Running => self.run_running(),
            RunState::Succeeded => self.run_succeeded(),
            RunState::Failed => self.run_failed(),
            RunState::Cancelled => self.run_cancelled(),
            RunState::Undone => self.run_undone(),
        }
    }

    /// What a run is for.
    pub(crate) fn kind(self, kind: RunKind) -> &'static str {
        match kind {
            RunKind::Adopt => self.kind_adopt(),
            RunKind::Change => self.kind_change(),
            RunKind::Probe => self.kind_probe(),
            RunKind::Remove => self.kind_remove(),
            RunKind::Rule => self.kind_rule(),
            RunKind::Heal => self.kind_heal(),
            RunKind::Fence => self.kind_fence(),
            RunKind::Restore => self.kind_restore(),
        }
    }

    /// The share of time something could be reached, or that nobody looked.
    pub(crate) fn reachable(self, share: Option<f32>) -> String {
        share.map_or_else(|| self.reachable_never().to_owned(), |s| self.percent_reachable(percent(s)))
    }

    /// What a history is called.
    pub(crate) fn history_of(self, name: &str) -> String {
        self.history_name(name)
    }

    /// What an entry's drawing says.
    pub(crate) fn picture_entry(self, name: &str, state: &str) -> String {
        self.entry_leads(name, state)
    }

    /// The shares of one bar: "up 98 %, down 2 %".
    pub(crate) fn shares(self, bucket: &Bucket) -> String {
        let unseen = 1.0 - bucket.up - bucket.degraded - bucket.down;
        let unseen = if unseen < 0.015 { 0.0 } else { unseen };
        let parts = [
            (bucket.up, self.up()),
            (bucket.degraded, self.degraded()),
            (bucket.down, self.down()),
            (unseen, self.nobody_looked()),
        ];
        let comma = if self.0 == model::Locale::En { ", " } else { "," };
        parts
            .into_iter()
            .filter(|(share, _)| *share > 0.0)
            .map(|(share, word)| format!("{word} {}", percent(share)))
            .collect::<Vec<_>>()
            .join(comma)
    }
}

/// A share as a percentage: whole where it is whole, else with two decimals, and never rounded up to 100.
pub(crate) fn percent(share: f32) -> String {
    let value = f64::from(share) * 100.0;
    if value >= 99.995 {
        return "100 %".to_owned();
    }
    // A share is an f32: what was written as 99.99 % must not fall just below it.
    let cut = (value * 100.0 + 0.001).floor() / 100.0;
    if (cut - cut.round()).abs() < 0.005 { format!("{} %", cut.round()) } else { format!("{cut:.2} %") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Locale;

    #[test]
    fn percent_never_hides_an_outage() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999_9), "99.99 %");
        assert_eq!(percent(0.5), "50 %");
    }

    #[test]
    fn shares_leave_out_what_did_not_happen() {
        let bucket = Bucket { from_ms: 0, up: 0.75, degraded: 0.0, down: 0.25 };
        assert_eq!(CommonText(Locale::En).shares(&bucket), "up 75 %, down 25 %");
        assert_eq!(CommonText(Locale::Zh).shares(&Bucket::default()), "无人观察 100 %");
    }
}

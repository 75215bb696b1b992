//! Words of the drift pages.

use model::{
    drift::{Action, BrokenHow, Comparing, Direction, Kind, Side},
    heal::{FenceView, FenceWhat, HealPolicy},
    say::{count, duration},
};

super::texts! {
    /// Words of the drift pages.
    DriftText {
        lede: "What two Harbors hold that should be the same, compared tag by tag.", "两个 Harbor 本应相同的内容，逐个标签比较。";
        empty_title: "No pairs yet", "还没有配对";
        empty_text: "Where images are copied between Harbors, each pair stands here with what differs between the two.", "在 Harbor 之间复制镜像时，每个配对及其差异会显示在这里。";
        both_ways(a: &str, b: &str): "{a} ⇄ {b}", "{a} ⇄ {b}";
        one_way(a: &str, b: &str): "{a} → {b}", "{a} → {b}";
        of_cluster(cluster: &str): "in {cluster}", "属于 {cluster}";
        never_compared: "Not compared yet", "尚未比较";
        equal: "Both hold the same", "两端内容相同";
        one_difference: "1 difference", "1 处差异";
        differences(n: &str): "{n} differences", "{n} 处差异";
        none_heals: ", none can be healed without asking", "，都需要先询问";
        some_heal(n: &str): ", {n} can be healed", "，其中 {n} 处可修复";
        looked: "compared", "比较于";
        holds_up_to(node: &str): "{node} holds everything up to", "{node} 的内容齐全至";
        holds_all(node: &str): "{node} holds everything", "{node} 内容齐全";
        copied: "Copied", "已复制";
        verified: "Read on both and alike", "两端读取一致";
        of_all(n: &str, all: &str): "{n} of {all} tags", "{all} 个标签中的 {n} 个";
        by_project: "By project", "按项目";
        more_projects(n: &str): "{n} more projects, which differ less.", "另有 {n} 个项目，差异更少。";
        nothing_to_compare: "Nothing to compare", "没有可比较的内容";
        compare: "Compare now", "立即比较";
        comparing: "Comparing", "正在比较";
        comparing_of(done: &str, of: &str): "{done} of {of} repositories compared", "已比较 {of} 个仓库中的 {done} 个";
        comparing_left(rate: &str, left: &str): ", {rate} a second, about {left} left", "，每秒 {rate} 个，约剩 {left}";
        compare_all: "Read everything", "读取全部内容";
        stop_comparing: "Stop comparing", "停止比较";
        whole: "Everything was read", "全部内容读取于";
        list: "Differences", "差异";
        all: "All", "全部";
        search: "Repository or tag", "仓库或标签";
        search_how: "Part of a repository, start of a tag", "仓库名的一部分，或标签的开头";
        find: "Find", "查找";
        filter: "Which differences", "筛选差异";
        artifact: "Artifact", "制品";
        what: "What happened", "发生了什么";
        heals_by: "Would be healed by", "修复方式";
        nothing_here: "—", "—";
        absent: "not there", "不存在";
        untagged: "without a tag", "无标签";
        none_found_title: "Nothing fits", "没有匹配项";
        none_found_text: "A text finds repositories whose name contains it, and tags and digests that begin with it; repository:tag finds both together.", "文本匹配名称包含它的仓库，以及以它开头的标签和摘要；仓库与标签之间用半角冒号分隔时，要求两者同时符合。";
        clear: "Show all", "显示全部";
        equal_title: "No differences", "没有差异";
        equal_text: "Everything that was compared is alike on both sides.", "已比较的内容在两端完全一致。";
        first_title: "The first comparison has not ended", "首次比较尚未结束";
        first_text: "It reads both Harbors once; what differs then stands here.", "它会读取两个 Harbor 一次，随后差异会显示在这里。";
        more: "Show more", "显示更多";
        loading_more: "Reading more", "正在读取";
        failed: "The last comparison failed", "最近一次比较失败";

        heal: "Heal", "修复";
        can_heal(n: &str): "{n} can be healed without asking", "{n} 处可直接修复";
        plan: "See every step", "查看每个步骤";
        steps: "Steps", "步骤";
        which(n: &str): "All {n} by name", "逐一列出 {n} 个";
        pick_all: "Pick all shown", "选择所有显示的";
        pick_none: "Pick none", "取消选择";
        pick_hint: "Without a choice, all that can be healed is planned.", "不选择时，计划包含所有可修复的差异。";
        pick(name: &str): "Pick {name}", "选择 {name}";
        picked(n: &str): "{n} picked", "已选择 {n} 处";
        type_deletes(n: &str): "This plan deletes {n}. Type that number to begin", "此计划将删除 {n} 个。请填写该数字以开始";
        plan_again: "Plan again", "重新计划";
        heal_n(n: &str): "Heal {n}", "修复 {n} 处";
        one_copy: "1 copy", "复制 1 个";
        many_copies(n: &str): "{n} copies", "复制 {n} 个";
        one_move: "1 move", "移动 1 个";
        many_moves(n: &str): "{n} moves", "移动 {n} 个";
        one_deletion: "1 deletion", "删除 1 个";
        many_deletions(n: &str): "{n} deletions", "删除 {n} 个";
        keep(node: &str): "Keep {node}'s", "保留 {node} 的";
        only_noted: "Nothing is carried: what both hold is noted as right.", "不传送任何内容：两端现有的内容将记为正确。";
        note: "Note it", "记录";
        to_rules: "The rules between them", "两端之间的复制规则";
        to_unreplicated: "What Harbor does not copy", "不会复制的设置";
        save_as: "Save the list as", "将列表保存为";
        keep_both: "Keep it", "保留";
        keep_neither: "Delete it", "删除";
        accept: "Accept", "接受";
        accept_picked(n: &str): "Accept the {n} picked", "接受所选的 {n} 处";
        accept_title: "Accept what differs", "接受差异";
        accept_then: "It does not count and no heal touches it, until either side changes.", "它不再计入差异，修复也不会改动它，直到任一端发生变化。";
        accept_why: "Why this may stand", "为什么可以保持这样";
        accept_why_hint: "Shown in the list with your name.", "与您的名字一起显示在列表中。";
        accept_for: "For how long", "期限";
        accept_day: "1 day", "1 天";
        accept_some_days(n: u16): "{n} days", "{n} 天";
        accept_no_end: "No end", "不设期限";
        accepted_now: "Accepted.", "已接受。";
        accepted_by(by: &str): "Accepted by {by}", "{by} 已接受";
        accepted_until: " until", "，截止";
        count_again: "Count it again", "重新计入";
        equal_but(n: &str): "Both hold the same, but for {n} accepted", "除 {n} 处已接受的差异外，两端内容相同";
        rest_equal: "Everything else that was compared is alike on both sides.", "其余已比较的内容在两端完全一致。";
        only_failed: "Only what an earlier heal did not carry is planned.", "仅计划此前修复未完成的内容。";
        plan_all: "Plan all instead", "改为计划全部";
        healing: "A heal is at work.", "正在修复。";
        by_itself: "Heals by itself", "自动修复";
        by_itself_hint: "For all pairs of this cluster. Conflicts ask a person, unless the newest wins.", "适用于此集群的所有配对。冲突由人决定，除非以较新的为准。";
        policy_off: "Nothing, and does not compare either", "不修复，也不自动比较";
        policy_propose: "Nothing: a person heals", "不修复：由人来修复";
        policy_copies: "Copies only", "仅复制";
        policy_all: "Copies, moves, and deletions that a person made", "复制、移动，以及由人做出的删除";
        policy_set: "Saved.", "已保存。";
        keeps: "Keeps what a heal replaces", "保留被替换的内容";
        keeps_hint: "It takes up storage for that time, under a tag of its own on the side where it was.", "期间会占用存储，以单独的标签保留在原来的一端。";
        keeps_not: "Not at all", "不保留";
        keeps_day: "For 1 day", "1 天";
        keeps_days(n: u32): "For {n} days", "{n} 天";
        newest_wins: "Newest wins", "以较新的为准";
        newest_wins_hint: "Where people pushed under one tag on both sides, the later push is kept by itself and the older can be restored. Off unless a team wants it: the later one is not always the right one. What was deleted on one side always asks.", "两端都有人以同一标签推送时，自动保留较晚的，较早的可还原。默认关闭：较晚的不一定正确。一端被删除时始终由人决定。";
        newest_needs: "Does nothing while moves are not healed by itself, or what a heal replaces is not kept.", "在不自动修复移动，或不保留被替换的内容时不起作用。";
        newest_on: "on", "开启";
        newest_off: "off", "关闭";
        held_back: "Not healed by itself", "未自动修复";
        see_run: "See its steps", "查看步骤";
        rule_held(name: &str, node: &str): "The rule {name} on {node} is off", "{node} 上的规则 {name} 已停用";
        rule_held_why: "A heal that did not end holds it, so that nothing undoes what was done.", "未结束的修复暂停了它，以免已完成的内容被抵消。";
        robot_held(name: &str, node: &str): "The robot {name} on {node} is disabled", "{node} 上的机器人账号 {name} 已停用";
        robot_held_why: "The other node was away: what it still has under way could undo what was done since. Once the two were compared, it may write again.", "另一节点曾离线：它未完成的复制可能会抵消此后的操作。两端比较之后，它可以重新写入。";
        read_only_held(node: &str): "{node} is in read-only mode", "{node} 处于只读模式";
        read_only_why: "Nobody can push to it, for a switch-over.", "因切换，任何人都无法向它推送。";
        read_only_equal(other: &str): "Compared since, and equal: {other} holds everything. You can switch over.", "此后已比较，两端一致：{other} 拥有全部内容，可以切换。";
        read_only_differ(n: &str): "Compared since: {n} still differ. Let it take pushes again, heal, then put it into read-only mode once more.", "此后已比较：仍有 {n} 处差异。请先让它重新接受推送并修复，然后再次设为只读模式。";
        read_only_wait: "Whether the two are equal, the next comparison tells.", "两端是否一致，由下一次比较得出。";
        take_pushes: "Let it take pushes again", "重新接受推送";
        switch_over: "Switch over", "切换";
        switch_over_hint: "Before one of the two is taken out of service: heal, then put it into Harbor's read-only mode. Nobody can push to it any more, and the comparison that follows tells whether the other holds everything. Its rules still run by schedule.", "在其中一个节点停止服务之前：先修复，再将它设为 Harbor 的只读模式。此后任何人都无法向它推送，随后的比较会告诉您另一节点是否拥有全部内容。它的规则仍按计划执行。";
        switch_over_node: "Node that takes no pushes", "不再接受推送的节点";
        switch_over_press: "Put it into read-only mode", "设为只读模式";
        administrator: "Administrator of it", "该节点的管理员";
        administrator_secret: "Password", "密码";
        administrator_hint: "Only an administrator may switch this mode. The password serves this alone and is forgotten.", "只有管理员可以切换此模式。密码仅用于本次操作，之后不会保留。";
        held_since: "Since", "开始于";
        fence_lift: "Let it run again", "恢复";
        fence_keep: "Keep it held", "保持暂停";
        fence_kept(by: &str): "{by} wants it held.", "{by} 要求保持暂停。";
        fences_after: "Keeps a node that was away from writing", "禁止离线过的节点写入";
        fences_after_hint: "Before the two were compared, where something heals by itself. The rules of the other side fail until then.", "在两端比较之前生效，仅适用于自动修复。在此之前，对端的规则会失败。";
        fences_never: "Never", "从不";
        fences_minutes(n: u32): "After {n} min", "离线 {n} 分钟后";
        fences_seconds(n: u32): "After {n} s", "离线 {n} 秒后";
        verifies: "Pull and hash each day", "每天拉取并校验";
        verifies_hint: "The lists come from Harbor's database; only a pull tells whether the storage still has the blobs. A pull counts as one at Harbor: retention that keeps what was pulled lately sees it.", "列表来自 Harbor 的数据库，只有拉取才能确认存储中是否仍有这些数据。每次拉取都会计入 Harbor 的拉取记录：按最近拉取时间保留的策略会受其影响。";
        verifies_nothing: "nothing", "不拉取";
        verifies_all: "everything", "全部";
        verifies_share(n: u32): "{n} % of the artifacts", "{n}% 的制品";
        history: "Differences over time", "差异变化";
        history_none: "Nothing was compared in this time. The first point comes with the next comparison.", "这段时间内没有比较。下次比较后会出现第一个数据点。";
        history_line(most: &str): "How many differed over time, {most} at most", "差异数量的变化，最多 {most} 处";
        history_most(n: &str): "Most: {n}, at", "最多 {n} 处，出现于";
        history_equal: "Equal since", "两端一致，始于";
        history_now(n: &str): "Now: {n}, since", "现有 {n} 处差异，始于";
        history_table: "As a table", "以表格显示";
        history_from: "From", "自";
        history_until: "Until", "至";
        history_kinds: "By kind", "按类型";
        history_and: ", ", "，";
        history_newest: "The newest 200 rows are shown; REST gives all.", "仅显示最新的 200 行，其余可通过接口获取。";
        reads_all: "Everything is read again", "重新读取全部内容";
        reads_all_hint: "Mostly only what can have changed is read. Reading everything finds what no time and no log tells, and takes some of a Harbor's time. Where a Harbor does not tell what has changed, everything is read each time.", "平时只读取可能有变化的内容。读取全部内容能发现时间和日志都未体现的变化，但会占用 Harbor 的一些处理能力。若 Harbor 无法告知变化，则每次都读取全部内容。";
        reads_all_free: "As the load allows", "按负载情况";
        reads_all_hour: "Every hour", "每小时";
        reads_all_hours(n: u32): "Every {n} h", "每 {n} 小时";
        reads_all_day: "Every day", "每天";
        reads_all_days(n: u32): "Every {n} days", "每 {n} 天";
        pulled(n: &str, size: &str): "{n} artifacts were pulled and hashed, {size}.", "已拉取并校验 {n} 个制品，{size}。";
        pulling_since: "The pass goes on since", "本轮开始于";
        pulled_at: "The pass ended", "本轮结束于";
        broken_title(n: &str): "{n} cannot be pulled whole, though listed", "{n} 个制品虽在列表中，却无法完整拉取";
        broken_on(name: &str, node: &str): "{name} on {node}", "{node} 上的 {name}";
        broken_missing(part: &str): "{part}… is not there. Seen first", "{part}… 不存在。首次发现于";
        broken_altered(part: &str): "{part}… has other bytes than its digest says. Seen first", "{part}… 的内容与其摘要不符。首次发现于";
        broken_failing(part: &str): "the registry fails when asked for {part}…. Seen first", "请求 {part}… 时仓库出错。首次发现于";
        broken_next: "Push it there again. A run does not help: it skips what the other side lists. Until then, keep the side that has it whole.", "请重新推送到该端。复制无法修复：它会跳过对端已列出的内容。在此之前，请保留内容完整的一端。";

        kind_new: "New", "新增";
        kind_no_history: "First comparison", "首次比较";
        kind_moved: "Moved", "已移动";
        kind_deleted: "Deleted", "已删除";
        kind_conflict: "Conflict", "冲突";
        kind_put_back: "Put back", "被还原";
        kind_resurrected: "Came back", "又出现";
        kind_vanished: "Gone", "消失";
        kind_retired: "Retention", "保留策略";
        kind_incomplete: "Incomplete", "不完整";
        kind_extra: "Extra", "多余";
        kind_unstable: "Changing", "正在变化";
        kind_accepted: "Accepted", "已接受";

        copy_to(to: &str): "copy to {to}", "复制到 {to}";
        move_on(to: &str): "move the tag on {to}", "在 {to} 上移动标签";
        delete_on(on: &str): "delete on {on}", "在 {on} 上删除";
        delete_both: "delete on both", "两端都删除";
        leave: "left as it is", "保持原样";
        ask: "a person decides", "由人决定";
    }
}

impl DriftText {
    /// What a pair is called.
    pub(crate) fn pair(self, a: &str, b: &str, direction: Direction) -> String {
        match direction {
            Direction::Both => self.both_ways(a, b),
            Direction::AToB => self.one_way(a, b),
        }
    }

    /// What a fence holds.
    pub(crate) fn held(self, fence: &FenceView) -> String {
        match fence.what {
            FenceWhat::Rule => self.rule_held(&fence.name, fence.node.as_str()),
            FenceWhat::Robot => self.robot_held(&fence.name, fence.node.as_str()),
            FenceWhat::ReadOnly => self.read_only_held(fence.node.as_str()),
        }
    }

    /// How far a comparison is, how fast, and how long it goes on.
    pub(crate) fn progress(self, now: Comparing) -> String {
        let done = self.comparing_of(&count(now.done), &count(now.of));
        let Some(left_ms) = now.left_ms.filter(|ms| *ms > 0) else { return done };
        let rate = now.of.saturating_sub(now.done) as f64 * 1000.0 / left_ms as f64;
        let left = duration(i64::try_from(left_ms).unwrap_or(i64::MAX)).into_text(self.0);
        done + &self.comparing_left(&format!("{rate:.1}"), &left)
    }

    /// So many copies.
    pub(crate) fn copies(self, n: u64) -> String {
        if n == 1 { self.one_copy().to_owned() } else { self.many_copies(&count(n)) }
    }

    /// So many moves.
    pub(crate) fn moves(self, n: u64) -> String {
        if n == 1 { self.one_move().to_owned() } else { self.many_moves(&count(n)) }
    }

    /// So many deletions.
    pub(crate) fn deletions(self, n: u64) -> String {
        if n == 1 { self.one_deletion().to_owned() } else { self.many_deletions(&count(n)) }
    }

    /// For how many days a difference is accepted; 0 for no end.
    pub(crate) fn accept_days(self, days: u16) -> String {
        match days {
            0 => self.accept_no_end().to_owned(),
            1 => self.accept_day().to_owned(),
            n => self.accept_some_days(n),
        }
    }

    /// For how long what a heal replaces is kept.
    pub(crate) fn kept_for(self, days: u32) -> String {
        match days {
            0 => self.keeps_not().to_owned(),
            1 => self.keeps_day().to_owned(),
            n => self.keeps_days(n),
        }
    }

    /// After how long a node that is away may not write.
    pub(crate) fn fences(self, seconds: u32) -> String {
        match seconds {
            0 => self.fences_never().to_owned(),
            n if n % 60 == 0 => self.fences_minutes(n / 60),
            n => self.fences_seconds(n),
        }
    }

    /// The share that is pulled and hashed.
    pub(crate) fn verified_share(self, percent: u32) -> String {
        match percent {
            0 => self.verifies_nothing().to_owned(),
            100 => self.verifies_all().to_owned(),
            n => self.verifies_share(n),
        }
    }

    /// How often everything is read again.
    pub(crate) fn read_every(self, hours: u32) -> String {
        match hours {
            0 => self.reads_all_free().to_owned(),
            1 => self.reads_all_hour().to_owned(),
            24 => self.reads_all_day().to_owned(),
            n if n % 24 == 0 => self.reads_all_days(n / 24),
            n => self.reads_all_hours(n),
        }
    }

    /// What is wrong with a part.
    pub(crate) fn broken_how(self, how: BrokenHow, part: &str) -> String {
        match how {
            BrokenHow::Missing => self.broken_missing(part),
            BrokenHow::Altered => self.broken_altered(part),
            BrokenHow::Failing => self.broken_failing(part),
        }
    }

    /// What is healed by itself.
    pub(crate) fn policy(self, policy: HealPolicy) -> &'static str {
        match policy {
            HealPolicy::Off => self.policy_off(),
            HealPolicy::Propose => self.policy_propose(),
            HealPolicy::Copies => self.policy_copies(),
            HealPolicy::All => self.policy_all(),
        }
    }

    /// A kind, as the filter names it.
    pub(crate) fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::New => self.kind_new(),
            Kind::NoHistory => self.kind_no_history(),
            Kind::Moved => self.kind_moved(),
            Kind::Deleted => self.kind_deleted(),
            Kind::Conflict => self.kind_conflict(),
            Kind::PutBack => self.kind_put_back(),
            Kind::Resurrected => self.kind_resurrected(),
            Kind::Vanished => self.kind_vanished(),
            Kind::Retired => self.kind_retired(),
            Kind::Incomplete => self.kind_incomplete(),
            Kind::Extra => self.kind_extra(),
            Kind::Unstable => self.kind_unstable(),
            Kind::Accepted => self.kind_accepted(),
        }
    }

    /// What would make a difference right.
    pub(crate) fn action(self, action: Action, names: [&str; 2]) -> String {
        let name = |side: Side| names[side.at()];
        match action {
            Action::Copy { to } => self.copy_to(name(to)),
            Action::Move { to } => self.move_on(name(to)),
            Action::Delete { on } => self.delete_on(name(on)),
            Action::DeleteBoth => self.delete_both().to_owned(),
            Action::Leave => self.leave().to_owned(),
            Action::Ask => self.ask().to_owned(),
        }
    }
}

//! Sentences and times on a page, in both languages.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use model::{
    Locale, Say,
    health::HealthState,
    say,
    say::{count, duration},
};

use crate::view::{ClusterView, Copies, Equal, Held, Outage, Row, View};

const MINUTE_MS: i64 = 60_000;

/// What a reader wants to know first: whether they can pull and push, and whether copies are behind.
pub(crate) fn headline(view: &View, now_ms: i64) -> Say {
    if view.cut_off {
        return say!(
            "Nothing is known now: Breakwater reaches no registry, which may be its own fault.",
            "目前状态未知：Breakwater 无法连接任何镜像仓库，可能是它自身的网络问题。"
        );
    }
    let clusters = &view.clusters;
    let known =
        |c: &&ClusterView| c.serving.pull != HealthState::Unknown || c.serving.push != HealthState::Unknown;
    if !clusters.iter().any(|c| known(&c)) {
        let seen_ms = clusters.iter().map(|c| c.seen_ms).max().unwrap_or_default();
        return if seen_ms == 0 {
            say!("Nobody has looked yet.", "还没有检查过。")
        } else {
            let ago = ago(seen_ms, now_ms);
            say!("Nothing is known since {}.", "自 {} 起没有消息。", ago.en; ago.zh)
        };
    }
    let bad = |pick: fn(&ClusterView) -> HealthState, state| {
        clusters.iter().filter(|c| pick(c) == state).collect::<Vec<_>>()
    };
    let no_pull = bad(|c| c.serving.pull, HealthState::Down);
    let no_push = bad(|c| c.serving.push, HealthState::Down);
    let part = bad(|c| c.serving.pull, HealthState::Degraded);
    let all = clusters.len();
    let serving = match (no_pull.len(), no_push.len()) {
        (0, 0) if part.is_empty() => say!("You can pull and push.", "可以拉取和推送。"),
        (0, 0) => {
            say!("You can pull and push, but not at every place.", "可以拉取和推送，但并非所有地点都可用。")
        }
        (0, n) if n == all => say!("You can pull, but not push.", "可以拉取，但不能推送。"),
        (0, _) => {
            let Say { en, zh } = names(&no_push);
            say!("You can pull. You cannot push to {en}.", "可以拉取，但不能推送到 {zh}。")
        }
        (n, _) if n == all => say!("You can neither pull nor push.", "既不能拉取也不能推送。"),
        _ => {
            let Say { en, zh } = names(&no_pull);
            say!("You can neither pull from {en} nor push to it.", "{zh} 既不能拉取也不能推送。")
        }
    };
    match behind(view, now_ms) {
        Some(late) => {
            Say { en: format!("{} {}", serving.en, late.en), zh: format!("{}{}", serving.zh, late.zh) }
        }
        None => serving,
    }
}

/// What is said of copies that are behind; `None` where none is that readers should know of.
fn behind(view: &View, now_ms: i64) -> Option<Say> {
    let late: Vec<&Copies> = view
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.copies)
        // What waits for its source lacks nothing that anybody could know of.
        .filter(|copies| copies.state == HealthState::Degraded && !copies.source_away)
        .collect();
    let lag = |copies: &&Copies| match copies.held {
        Held::UpTo { ms, .. } => Some(now_ms - ms),
        _ => None,
    };
    match &late[..] {
        [] => None,
        [one] => {
            let to = &one.to;
            Some(match lag(one) {
                Some(lag) => {
                    let Say { en, zh } = whole(lag);
                    say!("Copies to {to} are {en} behind.", "{to} 的副本晚 {zh}。")
                }
                None => say!("Copies to {to} are not complete.", "{to} 的副本不完整。"),
            })
        }
        many => {
            let (n, most) = (many.len(), many.iter().filter_map(lag).max());
            Some(match most {
                Some(most) => {
                    let Say { en, zh } = whole(most);
                    say!("Copies on {n} ways are behind, at most {en}.", "{n} 个方向的副本落后，最多 {zh}。")
                }
                None => say!("Copies on {n} ways are not complete.", "{n} 个方向的副本不完整。"),
            })
        }
    }
}

fn names(clusters: &[&ClusterView]) -> Say {
    let all: Vec<&str> = clusters.iter().map(|c| c.name.as_str()).collect();
    Say { en: all.join(", "), zh: all.join("、") }
}

/// What stands beside a line.
pub(crate) fn beside(row: &Row, now_ms: i64) -> Say {
    match row.state {
        HealthState::Unknown if row.seen_ms > 0 => {
            let ago = ago(row.seen_ms, now_ms);
            say!("last seen {}", "最后一次检查：{}", ago.en; ago.zh)
        }
        other => state(other),
    }
}

/// A state in a word.
pub(crate) fn state(state: HealthState) -> Say {
    match state {
        HealthState::Up => say!("works", "正常"),
        HealthState::Degraded => say!("works in part", "部分可用"),
        HealthState::Down => say!("does not work", "不可用"),
        HealthState::Unreachable => say!("not reachable", "无法访问"),
        HealthState::Unknown => say!("not looked at yet", "尚未检查"),
    }
}

/// What stands beside a link: what its end holds.
pub(crate) fn freshness(copies: &Copies, zone: &TimeZone, now_ms: i64) -> Say {
    match copies.held {
        Held::NotCompared => say!("not compared yet", "尚未核对"),
        Held::All { compared_ms } => {
            let ago = ago(compared_ms, now_ms);
            say!("equal, compared {}", "一致，{}核对", ago.en; ago.zh)
        }
        // Where something is the matter with the way, they may not be.
        Held::UpTo { ms, waits: false } if now_ms - ms < MINUTE_MS && copies.state == HealthState::Up => {
            say!("new images are on their way", "新镜像正在复制")
        }
        Held::UpTo { ms, waits: false } => {
            let Say { en, zh } = whole(now_ms - ms);
            say!("{en} behind", "晚 {zh}")
        }
        Held::UpTo { ms, waits: true } => {
            let at = moment(ms, zone, now_ms);
            say!("holds everything up to {}", "保有截至 {} 的全部内容", at.en; at.zh)
        }
        Held::Lacks => say!("not complete", "不完整"),
        Held::Old { compared_ms } => {
            let ago = ago(compared_ms, now_ms);
            say!("last compared {}", "上次核对：{}", ago.en; ago.zh)
        }
    }
}

/// How many differ.
pub(crate) fn differ(n: u64) -> Say {
    let many = count(n);
    match n {
        0 => say!("nothing differs", "没有差异"),
        1 => say!("1 differs", "1 处差异"),
        _ => say!("{many} differ", "{many} 处差异"),
    }
}

/// An outage as one sentence.
pub(crate) fn outage(outage: &Outage, zone: &TimeZone, now_ms: i64) -> Say {
    let entry = say!("the entry", "入口");
    let of = |pick: fn(&Say) -> &str, between: &str| {
        let names: Vec<&str> =
            outage.hit.iter().map(|hit| hit.as_deref().unwrap_or_else(|| pick(&entry))).collect();
        names.join(between)
    };
    let hit = Say { en: of(|s| &s.en, ", "), zh: of(|s| &s.zh, "、") };
    let parts = [
        Some(match outage.until_ms {
            Some(until_ms) => {
                let lasted = duration(until_ms - outage.from_ms);
                say!("{} was away for {}.", "{} 离线 {}。", hit.en, lasted.en; hit.zh, lasted.zh)
            }
            None => say!("{} is away.", "{} 离线中。", hit.en; hit.zh),
        }),
        match (outage.no_pull_ms, outage.no_push_ms) {
            (0, 0) => Some(say!("Pulls and pushes went on.", "拉取和推送未受影响。")),
            (0, push) => {
                let lasted = duration(push);
                Some(
                    say!("Nobody could push for {}; pulls went on.", "{} 内无法推送，拉取未受影响。", lasted.en; lasted.zh),
                )
            }
            (pull, _) => {
                let lasted = duration(pull);
                Some(say!("Nobody could pull for {}.", "{} 内无法拉取。", lasted.en; lasted.zh))
            }
        },
        match (outage.equal, outage.until_ms) {
            // They never differed since, so that there is nothing to count.
            (Equal::At(ms), Some(until_ms)) if ms <= until_ms => {
                Some(say!("Copies were equal afterwards.", "之后副本一致。"))
            }
            (Equal::At(ms), Some(until_ms)) => {
                let (at, after) = (moment(ms, zone, now_ms), duration(ms - until_ms));
                Some(say!(
                    "Copies equal again at {}, {} after it.", "{} 副本恢复一致，用时 {}。",
                    at.en, after.en; at.zh, after.zh
                ))
            }
            (Equal::NotYet, _) => Some(say!("Copies are not equal again yet.", "副本尚未恢复一致。")),
            _ => None,
        },
    ];
    let parts: Vec<Say> = parts.into_iter().flatten().collect();
    let join =
        |pick: fn(&Say) -> &str, between: &str| parts.iter().map(pick).collect::<Vec<_>>().join(between);
    Say { en: join(|s| &s.en, " "), zh: join(|s| &s.zh, "") }
}

/// A share as people write it: 99.98 %, and 100 % only for all of it.
pub(crate) fn share(share: f32) -> String {
    let percent = f64::from(share) * 100.0;
    if percent >= 100.0 { "100 %".to_owned() } else { format!("{:.2} %", (percent * 100.0).floor() / 100.0) }
}

/// How long ago, in one unit.
pub(crate) fn ago(ms: i64, now_ms: i64) -> Say {
    let past = now_ms - ms;
    if past < MINUTE_MS {
        return say!("just now", "刚刚");
    }
    let Say { en, zh } = whole(past);
    say!("{en} ago", "{zh}前")
}

/// A span in whole minutes, hours or days.
fn whole(ms: i64) -> Say {
    let minutes = (ms / MINUTE_MS).max(1);
    match (minutes, minutes / 60, minutes / 1440) {
        (1, ..) => say!("1 minute", "1 分钟"),
        (m, 0, _) => say!("{m} minutes", "{m} 分钟"),
        (_, 1, _) => say!("1 hour", "1 小时"),
        (_, h, 0..=1) => say!("{h} hours", "{h} 小时"),
        (_, _, d) => say!("{d} days", "{d} 天"),
    }
}

/// A moment of today as a clock time, any other with its day.
pub(crate) fn moment(ms: i64, zone: &TimeZone, now_ms: i64) -> Say {
    let at = |ms| Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(zone.clone());
    let (then, now) = (at(ms), at(now_ms));
    let clock = format!("{:02}:{:02}", then.hour(), then.minute());
    if then.date() == now.date() {
        return Say::same(clock);
    }
    let day = day(then.date());
    say!("{clock} on {}", "{} {clock}", day.en; day.zh)
}

/// A clock time with seconds.
pub(crate) fn clock(ms: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(zone.clone());
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// A day.
pub(crate) fn day(date: Date) -> Say {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day) = (date.month(), date.day());
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    say!("{day} {name}", "{month}月{day}日")
}

/// A moment for machines.
pub(crate) fn rfc3339(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}

/// What the words of the page itself are.
pub(crate) struct Labels {
    pub(crate) updated: &'static str,
    pub(crate) live: &'static str,
    pub(crate) next: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) ago: String,
    pub(crate) today: &'static str,
    pub(crate) outages: &'static str,
    pub(crate) no_outages: &'static str,
    pub(crate) goes_on: &'static str,
    pub(crate) days: &'static str,
    pub(crate) day: &'static str,
    pub(crate) was: &'static str,
    pub(crate) how: &'static str,
    pub(crate) how_text: &'static [&'static str],
    pub(crate) subscribe: &'static str,
    pub(crate) other: (&'static str, &'static str),
    pub(crate) to_state: &'static str,
    pub(crate) copies: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) door: &'static str,
    pub(crate) door_text: &'static str,
    pub(crate) password: &'static str,
    pub(crate) open: &'static str,
    pub(crate) not_opened: &'static str,
    pub(crate) no_page: &'static str,
    pub(crate) no_page_text: &'static str,
}

/// They in a language.
pub(crate) fn labels(locale: Locale) -> Labels {
    let days = crate::view::DAYS;
    match locale {
        Locale::En => Labels {
            updated: "updated",
            live: "live",
            next: "next look in {} s",
            waiting: "no connection, trying again",
            ago: format!("{days} days ago"),
            today: "today",
            outages: "Outages",
            no_outages: "No outage in the last 90 days.",
            goes_on: "goes on",
            days: "Days that were not wholly well",
            day: "Day",
            was: "What it was",
            how: "How this is counted",
            how_text: &[
                "Every registry is asked every few seconds. A state counts once two answers agree.",
                "Pull and push work where somebody can: behind a common entry any registry will do; where images go one way, only the source takes pushes. The share is of the time in which somebody looked; a time in which nobody did counts for nothing and stays empty.",
                "Copies are compared image by image at both ends. Their share is the time in which the two held the same.",
            ],
            subscribe: "Subscribe",
            other: ("zh", "中文"),
            to_state: "Skip to the state",
            copies: "copies",
            nothing: "nobody looked",
            door: "This page is not open",
            door_text: "It may ask for a password, or its link is not valid, or not any more. Whoever sent you the link knows.",
            password: "Password",
            open: "Open",
            not_opened: "That did not open it.",
            no_page: "There is no such page",
            no_page_text: "It may have been taken away, or it is shown by link or to people who are signed in.",
        },
        Locale::Zh => Labels {
            updated: "更新于",
            live: "实时",
            next: "{} 秒后刷新",
            waiting: "连接中断，正在重试",
            ago: format!("{days} 天前"),
            today: "今天",
            outages: "历史故障",
            no_outages: "最近 90 天没有故障。",
            goes_on: "进行中",
            days: "不完全正常的日期",
            day: "日期",
            was: "情况",
            how: "计算方法",
            how_text: &[
                "每隔几秒检查一次每个镜像仓库，连续两次结果一致才计为一种状态。",
                "只要有地方可用，就算可以拉取和推送：共用入口之后，任意一个镜像仓库可用即可；单向复制时，只有源仓库接受推送。百分比只按有检查的时间计算；没有检查的时间不计入，显示为空白。",
                "副本在两端逐个镜像核对，其百分比是两端内容一致的时间。",
            ],
            subscribe: "订阅",
            other: ("en", "English"),
            to_state: "跳到状态",
            copies: "副本",
            nothing: "没有检查",
            door: "无法打开此页面",
            door_text: "它可能需要密码，也可能链接无效或已失效。请联系发送链接的人。",
            password: "密码",
            open: "打开",
            not_opened: "未能打开。",
            no_page: "没有这个页面",
            no_page_text: "它可能已被移除，或仅通过链接或向已登录的人员显示。",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_whole_only_where_it_is() {
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.999_99), "99.99 %");
        assert_eq!(share(0.5), "50.00 %");
    }

    #[test]
    fn moment_names_the_day_where_it_is_not_today() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now = "2026-11-26T04:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        assert_eq!(moment(now, &zone, now).en, "12:00");
        let before = moment(now - 86_400_000, &zone, now);
        assert_eq!((before.en.as_str(), before.zh.as_str()), ("12:00 on 25 Nov", "11月25日 12:00"));
    }

    #[test]
    fn ago_has_one_unit() {
        for (ms, en) in [(5_000, "just now"), (60_000, "1 minute ago"), (3_600_000, "1 hour ago")] {
            assert_eq!(ago(0, ms).en, en);
        }
        assert_eq!(ago(0, 30 * 3_600_000).zh, "30 小时前");
        assert_eq!(ago(0, 50 * 3_600_000).zh, "2 天前");
    }
}

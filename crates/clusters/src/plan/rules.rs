//! What each link's rule shall be, and why.

use model::{
    AppError, HarborVersion, Link, Say, Topology,
    cron::Cron,
    plan::{PlannedRule, RUN_SECONDS_PER_ARTIFACT, Reason, RuleField, cron_every, period_minutes, stagger},
    say,
    say::{count, duration},
    spec::ClusterSpec,
};

use super::scope;
use crate::names::Names;

/// What a rule is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleFacts<'a> {
    /// The cluster as wished.
    pub spec: &'a ClusterSpec,
    /// The link the rule serves.
    pub link: &'a Link,
    /// Its place among the cluster's links; schedules are staggered by it.
    pub place: usize,
    /// How many links there are.
    pub links: usize,
    /// The source's version, which judges the cron.
    pub version: &'a HarborVersion,
    /// Artifacts that one run looks at: the larger inventory of the two ends, since both become as large.
    pub artifacts: u64,
}

/// A schedule, and what there is to say about it.
struct Schedule {
    cron: String,
    words: Say,
    why: Say,
}

/// The scheduled rule of a link.
///
/// # Errors
/// A typed cron that this version refuses and that has no near form that it accepts; a filter that it reads otherwise.
pub(super) fn scheduled(facts: &RuleFacts<'_>) -> Result<PlannedRule, AppError> {
    facts.spec.replication.scope.check(facts.version)?;
    let schedule = schedule(facts)?;
    let one_writer = facts.spec.topology.one_writer();
    let single = facts.version.single_active_replication();
    let mut reasons = vec![mode(facts.link)];
    reasons.extend(scope::reasons(&facts.spec.replication.scope, facts.spec.topology));
    reasons.extend([
        Reason {
            about: RuleField::Trigger,
            field: say!("Trigger", "触发模式"),
            value: trigger_words(&schedule),
            why: schedule.why,
        },
        r#override(one_writer),
        deletion(facts.spec.topology),
        bandwidth(facts.spec.replication.speed_kbps),
    ]);
    if facts.spec.replication.copy_by_chunk {
        reasons.push(chunks());
    }
    reasons.push(Reason {
        about: RuleField::SingleActive,
        field: say!("Single active replication", "单一活动复制"),
        value: if single { say!("On", "开启") } else { say!("Not in this version", "此版本没有") },
        why: if single {
            say!(
                "A run is skipped while another of the same rule is active, so that runs cannot pile up.",
                "同一规则有执行在进行时跳过新的执行，避免堆积。"
            )
        } else {
            say!(
                "Harbor has it from 2.14; the period leaves each run twice the time it needs instead.",
                "Harbor 从 2.14 起才有；因此周期留出每次执行所需时间的两倍。"
            )
        },
    });
    Ok(PlannedRule {
        name: Names::of(&facts.spec.name).rule(facts.link),
        link: facts.link.clone(),
        cron: Some(schedule.cron),
        schedule: schedule.words,
        r#override: one_writer,
        deletion: false,
        speed: crate::bodies::speed(facts.spec.replication.speed_kbps),
        copy_by_chunk: facts.spec.replication.copy_by_chunk,
        single_active_replication: single,
        scope: facts.spec.replication.scope.clone(),
        reasons,
    })
}

/// The event rule beside it, for "at once".
pub(super) fn at_once(facts: &RuleFacts<'_>) -> PlannedRule {
    let one_writer = facts.spec.topology.one_writer();
    let cost = if facts.spec.topology == Topology::DualMaster {
        say!(
            "Each push crosses within seconds. It costs one execution here and one echo there, for an image of two platforms three and five.",
            "每次推送几秒内到达对方。代价是本端一次执行、对端一次回声；两个平台的镜像则为三次和五次。"
        )
    } else {
        say!(
            "Each push crosses within seconds. It costs one execution, for an image of two platforms three.",
            "每次推送几秒内到达对方。代价是一次执行；两个平台的镜像则为三次。"
        )
    };
    let mut reasons = vec![mode(facts.link)];
    reasons.extend(scope::reasons(&facts.spec.replication.scope, facts.spec.topology));
    reasons.extend([
        Reason {
            about: RuleField::Trigger,
            field: say!("Trigger", "触发模式"),
            value: say!("Event based", "事件驱动"),
            why: cost,
        },
        r#override(one_writer),
        deletion(facts.spec.topology),
        bandwidth(facts.spec.replication.speed_kbps),
    ]);
    PlannedRule {
        name: Names::of(&facts.spec.name).event_rule(facts.link),
        link: facts.link.clone(),
        cron: None,
        schedule: say!("at each push", "每次推送时"),
        r#override: one_writer,
        deletion: false,
        speed: crate::bodies::speed(facts.spec.replication.speed_kbps),
        copy_by_chunk: facts.spec.replication.copy_by_chunk,
        // With an event trigger it is a masked 500 from 2.14 on.
        single_active_replication: false,
        scope: facts.spec.replication.scope.clone(),
        reasons,
    }
}

fn trigger_words(schedule: &Schedule) -> Say {
    let cron = &schedule.cron;
    let Say { en, zh } = &schedule.words;
    say!("Scheduled, {en} ({cron})", "定时，{zh}（{cron}）")
}

fn mode(link: &Link) -> Reason {
    Reason {
        about: RuleField::Mode,
        field: say!("Replication mode", "复制模式"),
        value: say!("Push-based, to {}", "推送，到 {}", link.destination),
        why: say!(
            "Only the side that has the images knows when something new came.",
            "只有持有镜像的一端知道何时有新内容。"
        ),
    }
}

fn r#override(one_writer: bool) -> Reason {
    let field = say!("Override", "覆盖");
    if one_writer {
        Reason {
            about: RuleField::Override,
            field,
            value: say!("On", "开启"),
            why: say!(
                "Only the source takes pushes: a tag that was moved there moves here too.",
                "只有源端接受推送：源端移动的标签，这里也随之移动。"
            ),
        }
    } else {
        Reason {
            about: RuleField::Override,
            field,
            value: say!("Off", "关闭"),
            why: say!(
                "With it on, the side that still has the old tag puts it back over the new one and reports success.",
                "若开启，仍持有旧标签的一端会用旧内容覆盖新内容，并报告成功。"
            ),
        }
    }
}

fn deletion(topology: Topology) -> Reason {
    Reason {
        about: RuleField::Deletion,
        field: say!("Delete remote resources when locally deleted", "本地删除资源时同时也删除远程的资源"),
        value: say!("Off", "关闭"),
        why: if topology == Topology::DualMaster {
            say!(
                "A deletion is carried by the tag's name: where the tags differ, the wrong image would die with all its other tags.",
                "删除按标签名传递：两边标签不同时，会连同其他标签删掉错误的镜像。"
            )
        } else {
            say!(
                "A deletion is carried by the tag's name, and the source's retention would delete at the destination.",
                "删除按标签名传递，而且源端的保留策略会在目标端删除镜像。"
            )
        },
    }
}

fn bandwidth(kbps: Option<u32>) -> Reason {
    let field = say!("Bandwidth", "带宽");
    match kbps.filter(|k| *k > 0) {
        None => Reason {
            about: RuleField::Bandwidth,
            field,
            value: say!("Unlimited", "不限"),
            why: say!("Nothing else was asked for.", "没有另外指定。"),
        },
        Some(k) => Reason {
            about: RuleField::Bandwidth,
            field,
            value: say!("{k} kbit/s per task", "每个任务 {k} kbit/s"),
            why: say!(
                "As asked for. Harbor means kilobits, per task, and never slows blobs below 1 MB.",
                "按您的设定。Harbor 的单位是千比特，按任务计，小于 1 MB 的 blob 不受限。"
            ),
        },
    }
}

fn chunks() -> Reason {
    Reason {
        about: RuleField::CopyByChunk,
        field: say!("Copy by chunk", "按块复制"),
        value: say!("On", "开启"),
        why: say!(
            "As asked for: a large blob goes in pieces, and after a break only the piece is sent again.",
            "按您的设定：大的 blob 分块传送，中断后只需重传该块。"
        ),
    }
}

/// How long one run over `artifacts` keeps Harbor busy even when all is equal.
fn run_ms(artifacts: u64) -> i64 {
    (artifacts as f64 * RUN_SECONDS_PER_ARTIFACT * 1000.0) as i64
}

fn schedule(facts: &RuleFacts<'_>) -> Result<Schedule, AppError> {
    match facts.spec.replication.cron.as_deref().map(str::trim).filter(|c| !c.is_empty()) {
        None => Ok(proposed(facts)),
        Some(typed) => wished(facts, typed),
    }
}

fn proposed(facts: &RuleFacts<'_>) -> Schedule {
    let minutes = period_minutes(facts.artifacts);
    let offset = stagger(minutes, facts.place, facts.links);
    let (n, run) = (count(facts.artifacts), duration(run_ms(facts.artifacts).max(1000)));
    let Say { en, zh } = &run;
    let mut why = say!(
        "A run looks at {n} artifacts and takes about {en} even when all is equal; this leaves it twice as long.",
        "一次执行要查看 {n} 个制品，即使完全一致也约需 {zh}；此周期留出两倍时间。"
    );
    if offset > 0 {
        why.en.push_str(" The sides run at different minutes.");
        why.zh.push_str("两端错开时间执行。");
    }
    let Say { en, zh } = duration(i64::from(minutes) * 60_000);
    Schedule { cron: cron_every(minutes, offset), words: say!("every {en}", "每 {zh}"), why }
}

fn wished(facts: &RuleFacts<'_>, typed: &str) -> Result<Schedule, AppError> {
    let (cron, mut why) = match Cron::parse(typed, facts.version) {
        Ok(cron) => (cron, say!("As asked for.", "按您的设定。")),
        Err(fault) => {
            let nearest = fault.nearest.as_deref().and_then(|n| Cron::parse(n, facts.version).ok());
            let Some(nearest) = nearest else {
                return Err(AppError::from(fault).at("replication.cron"));
            };
            let (meant, is) = (fault.meaning.clone(), nearest.in_words());
            let (Say { en: meant_en, zh: meant_zh }, Say { en: is_en, zh: is_zh }) =
                (meant.unwrap_or_else(|| Say::same(typed)), is.unwrap_or_else(|| Say::same(nearest.text())));
            let version = facts.version.numbers();
            let why = say!(
                "{typed} ({meant_en}) is refused by Harbor {version}; this is the nearest form it accepts: {is_en} instead.",
                "Harbor {version} 不接受 {typed}（{meant_zh}）；这是它接受的最接近的写法：改为{is_zh}。"
            );
            (nearest, why)
        }
    };
    let period = cron.period_hint(0);
    let minutes = period.map_or(0, |ms| u32::try_from(ms / 60_000).unwrap_or(0));
    let offset = stagger(minutes, facts.place, facts.links);
    let moved = if offset == 0 { None } else { cron.staggered(offset) };
    match (&moved, facts.place) {
        (Some(_), _) => {
            let later = duration(i64::from(offset) * 60_000);
            why.en.push_str(&format!(" It runs {} later than the first side.", later.en));
            why.zh.push_str(&format!("比第一端晚 {}。", later.zh));
        }
        (None, 1..) if facts.spec.topology == Topology::DualMaster => {
            why.en
                .push_str(" Both sides run at the same time: this schedule leaves no room to stagger them.");
            why.zh.push_str("两端同时执行：此周期没有错开的余地。");
        }
        _ => {}
    }
    let run = run_ms(facts.artifacts);
    if period.is_some_and(|p| p < run) {
        let Say { en, zh } = duration(run);
        why.en.push_str(&format!(" A run takes about {en}, longer than the period: runs will overlap."));
        why.zh.push_str(&format!("一次执行约需 {zh}，长于周期：执行会重叠。"));
    }
    let cron = moved.unwrap_or(cron);
    let words = cron.in_words().unwrap_or_else(|| Say::same(cron.text()));
    Ok(Schedule { cron: cron.text().to_owned(), words, why })
}

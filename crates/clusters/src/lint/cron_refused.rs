//! A cron that the node's version refuses: what was stored before an upgrade may go on, but the next change of the
//! rule is refused; one that never comes true wedges the job service (harbor-facts B, trap 9).

use model::{
    AppError, HarborVersion, Say,
    cron::{Cron, CronError, CronFault},
    names::NodeName,
    say,
};

use super::{Answer, Facts, Found, Lint, cure, of_link};

pub(super) struct CronRefused;

impl Lint for CronRefused {
    fn id(&self) -> &'static str {
        "cron-refused"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = facts.enabled().filter_map(|(node, rule)| {
            let cron = rule.trigger.cron()?;
            let fault = Cron::parse(cron, &node.version).err()?;
            let (name, at) = (&rule.name, &node.node);
            let answer = judge(cron, &node.version, at, fault);
            let answer = if facts.planned_of(rule).is_some() {
                cure::mend(answer)
            } else {
                answer.cure_with(
                    say!(
                        "Give it another cron in the portal of {at}.",
                        "请在 {at} 的门户中为它设置其他 cron。"
                    ),
                    cure::rules_page(node),
                )
            };
            Some(Found {
                subject: of_link(&rule.link),
                title: say!("{at} refuses the cron of the rule {name}", "{at} 不接受规则 {name} 的 cron"),
                answer,
            })
        });
        found.collect()
    }
}

fn judge(cron: &str, version: &HarborVersion, at: &NodeName, fault: CronError) -> Answer {
    let version = version.numbers();
    let measured = say!("{cron} on Harbor {version}", "Harbor {version} 上的 {cron}");
    let nearest = fault.nearest.clone();
    let runs_on = match fault.fault {
        CronFault::Seconds | CronFault::EveryMinute => Some(say!(
            "It still runs as it was stored, but the next change of the rule is refused.",
            "它仍按已保存的内容执行，但下次修改规则会被拒绝。"
        )),
        CronFault::TimeZone => Some(say!(
            "It may still run in its own zone; when, cannot be told here.",
            "它可能仍按自己的时区执行，但这里无法得知时间。"
        )),
        _ => None,
    };
    let stops = match fault.fault {
        CronFault::Never => say!(
            "It never runs. When it is mended, restart the job service of {at}.",
            "它永远不会执行。修复之后，请重启 {at} 的任务服务。"
        ),
        _ => say!("Harbor cannot schedule it: nothing is copied.", "Harbor 无法安排它：不会复制任何内容。"),
    };
    let Say { en, zh } = AppError::from(fault).cause;
    let answer = match runs_on {
        Some(on) => Answer::warning(measured, say!("{en} {}", "{zh}{}", on.en; on.zh)),
        None => Answer::failed(measured, say!("{en} {}", "{zh}{}", stops.en; stops.zh)),
    };
    match nearest {
        Some(nearest) => answer.limit(say!("nearest accepted: {nearest}", "最接近的可用形式：{nearest}")),
        None => answer,
    }
}

#[cfg(test)]
mod tests {
    use model::{finding::FindingState, rule::Trigger};

    use super::{super::tests::Rig, *};

    #[test]
    fn look_fails_where_the_cron_cannot_run() {
        let mut rig = Rig::masters();
        assert!(CronRefused.look(&rig.facts()).is_empty());
        for (cron, state) in [
            ("*/10 * * * * *", FindingState::Warning),
            ("0 * * * * *", FindingState::Warning),
            ("TZ=Asia/Shanghai 0 0 8 * * *", FindingState::Warning),
            ("0 0 0 30 2 *", FindingState::Failed),
            ("@hourly", FindingState::Failed),
        ] {
            rig.rule("a", "b").trigger = Trigger::Scheduled { cron: cron.into() };
            let found = CronRefused.look(&rig.facts());
            assert_eq!(found.iter().map(|f| f.answer.state()).collect::<Vec<_>>(), [state], "{cron}");
        }
        rig.rule("a", "b").trigger = Trigger::Scheduled { cron: "*/10 * * * * *".into() };
        rig.nodes[0].version = HarborVersion::new(2, 8, 6);
        assert!(CronRefused.look(&rig.facts()).is_empty());
    }
}

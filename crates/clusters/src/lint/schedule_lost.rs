//! A scheduled rule without a row among the schedules: it never runs by itself, and nothing says so (harbor-facts
//! A.9, C.4; after upgrades, a lost Redis, or a change that went wrong halfway).

use model::{Say, say};

use super::{Answer, Facts, Found, Lint, cure::reschedule, of_link, words::clock};

pub(super) struct ScheduleLost;

impl Lint for ScheduleLost {
    fn id(&self) -> &'static str {
        "schedule-lost"
    }

    fn look(&self, facts: &Facts<'_>) -> Vec<Found> {
        let found = facts.enabled().filter_map(|(node, rule)| {
            let (cron, jobs) = (rule.trigger.cron()?, node.jobs.as_ref()?);
            if jobs.scheduled.contains(&rule.id) {
                return None;
            }
            let (name, at) = (&rule.name, &node.node);
            let last = match node.runs_of(rule).first() {
                Some(run) => {
                    let Say { en, zh } = clock(run.started_ms, facts.now_ms);
                    say!("last execution at {en}", "最近一次执行：{zh}")
                }
                None => say!("no execution is known", "没有已知的执行"),
            };
            let answer = Answer::failed(
                say!("{cron}, not among the schedules; {}", "{cron}，不在计划列表中；{}", last.en; last.zh),
                say!(
                    "It never runs by itself, although Harbor shows it as enabled.",
                    "它不会自行执行，尽管 Harbor 显示它已启用。"
                ),
            );
            Some(Found {
                subject: of_link(&rule.link),
                title: say!(
                    "{at} has lost the schedule of the rule {name}",
                    "{at} 丢失了规则 {name} 的定时计划"
                ),
                answer: reschedule(answer, at, rule),
            })
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Rig, *};

    #[test]
    fn look_misses_the_row_only_where_rows_were_read() {
        let mut rig = Rig::masters();
        rig.nodes[0].jobs.as_mut().unwrap().scheduled.clear();
        rig.nodes[1].jobs = None;
        assert_eq!(ScheduleLost.look(&rig.facts()).len(), 1);
        rig.rule("a", "b").trigger = model::rule::Trigger::EventBased;
        assert!(ScheduleLost.look(&rig.facts()).is_empty());
    }
}

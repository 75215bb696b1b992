//! The entry answers and leads to one of the nodes.

use async_trait::async_trait;
use model::{Say, finding::Subject, say, spec::ClusterSpec};

use super::{Answer, Check};
use crate::survey::Survey;

pub(super) struct EntryAnswers;

#[async_trait]
impl Check for EntryAnswers {
    fn id(&self) -> &'static str {
        "entry-answers"
    }

    fn title(&self, _: &Subject) -> Say {
        say!("The entry answers and reaches a node", "入口有应答并能到达节点")
    }

    fn subjects(&self, spec: &ClusterSpec) -> Vec<Subject> {
        spec.entry.iter().map(|_| Subject::Entry).collect()
    }

    async fn ask(&self, survey: &Survey, _: &Subject) -> Answer {
        let Some(entry) = survey.entry() else { return Survey::gone() };
        let edit = model::finding::CureAction::EditEntry;
        let through = match entry.fingerprint().await {
            Ok(seen) => seen,
            Err(trouble) => {
                return Answer::failed(trouble.cause(), trouble.next()).cure_with(trouble.next(), edit);
            }
        };
        let mut reached = Vec::new();
        for node in survey.nodes() {
            if let Ok(pools) = node.pools().await
                && through
                    .pools
                    .as_ref()
                    .is_some_and(|seen| seen.iter().any(|id| pools.iter().any(|p| &p.id == id)))
            {
                reached.push(node.name().clone());
            }
        }
        let all = survey.spec().nodes.len();
        if reached.is_empty() {
            return match through.pools {
                // No account of ours was taken there: the instance behind cannot be told.
                None => Answer::not_proven(
                    say!("answers as a Harbor", "以 Harbor 应答"),
                    say!(
                        "Which node stands behind it could not be seen with the nodes' accounts.",
                        "无法用各节点的账号看出其后是哪个节点。"
                    ),
                ),
                Some(_) => Answer::failed(
                    say!("answers as another Harbor", "应答的是另一个 Harbor"),
                    say!("None of the cluster's nodes stands behind it.", "其后不是本集群的任何节点。"),
                )
                .cure_with(say!("Check the entry's address.", "请检查入口地址。"), edit),
            };
        }
        let names = reached.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if survey.spec().topology.copies() && reached.len() < all {
            return Answer::not_proven(
                say!("reaches {names}", "到达 {names}"),
                say!(
                    "Where else it leads cannot be seen from one answer; the other nodes are not proven.",
                    "仅凭一次应答无法看出它还通向何处；其他节点未经证实。"
                ),
            );
        }
        if !survey.spec().topology.copies() && all > 1 {
            return Answer::ok(say!("reaches the shared Harbor", "到达共享的 Harbor"))
                .limit(say!("which of the nodes answered cannot be told", "无法看出由哪个节点应答"));
        }
        Answer::ok(say!("reaches {names}", "到达 {names}"))
    }
}

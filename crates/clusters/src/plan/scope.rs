//! What the rules copy and where it lands, in words, with the reasons.

use model::{
    Say, Topology,
    plan::{Reason, RuleField},
    rule::RuleFilter,
    say,
    scope::{LabelFilter, Scope},
};

/// The fields of a scope, as they are shown beside the others.
pub(super) fn reasons(scope: &Scope, topology: Topology) -> Vec<Reason> {
    let mut reasons = vec![filter(scope, topology)];
    reasons.extend(namespace(scope));
    reasons
}

fn filter(scope: &Scope, topology: Topology) -> Reason {
    let why = if !scope.is_filtered() {
        say!(
            "Everything crosses. A mistyped filter matches nothing and still succeeds.",
            "全部复制。写错的过滤器什么都匹配不到，却仍显示成功。"
        )
    } else if let Some(labels) = &scope.labels {
        by_label(labels)
    } else if topology == Topology::DualMaster {
        say!(
            "As asked for. What it leaves out stands on one master only, and is missing once that is away.",
            "按您的设定。未包含的内容只在一个主节点上，该节点离线时就会缺失。"
        )
    } else {
        say!(
            "As asked for. What it leaves out is missing after a failure of the source.",
            "按您的设定。源端故障之后，未包含的内容就会缺失。"
        )
    };
    Reason {
        about: RuleField::Filter,
        field: filter_field(),
        value: filter_words(
            &crate::bodies::filters(scope).into_iter().map(crate::rules::filter).collect::<Vec<_>>(),
        ),
        why,
    }
}

/// A label is set after the push, and does not cross.
fn by_label(labels: &LabelFilter) -> Say {
    let names = labels.listed();
    if labels.excludes() {
        say!(
            "As asked for: what bears {names} when a run begins stays. What has crossed before it was labelled stays at the destination.",
            "按您的设定：执行开始时带有标记 {names} 的制品不复制。加标记之前已复制的内容会留在目标端。"
        )
    } else {
        say!(
            "As asked for: what bears {names} when a run begins crosses. What loses the label later stays at the destination.",
            "按您的设定：执行开始时带有标记 {names} 的制品会被复制。之后去掉标记的内容会留在目标端。"
        )
    }
}

fn namespace(scope: &Scope) -> Option<Reason> {
    let namespace = scope.namespace.as_ref()?;
    let example = "library/alpine";
    let lands = namespace.lands_on(example);
    let why = match lands {
        Some(there) => {
            say!("As asked for: {example} lands on {there}.", "按您的设定：{example} 会落到 {there}。")
        }
        None => say!(
            "As asked for. A repository with fewer parts than are replaced fails the whole run.",
            "按您的设定。层级少于替换级数的仓库会使整次执行失败。"
        ),
    };
    Some(Reason {
        about: RuleField::Namespace,
        field: namespace_field(),
        value: namespace_words(namespace.path.as_str(), namespace.flattening.number()),
        why,
    })
}

/// Harbor's label of the filters.
pub(crate) fn filter_field() -> Say {
    say!("Source resource filter", "源资源过滤器")
}

/// Harbor's label of the namespace.
pub(crate) fn namespace_field() -> Say {
    say!("Destination namespace", "目标命名空间")
}

/// Filters as a person reads them: "name shop/**, tag v* (matching)".
pub(crate) fn filter_words(filters: &[RuleFilter]) -> Say {
    if filters.is_empty() {
        return say!("None", "无");
    }
    let one = |filter: &RuleFilter| {
        let kind = match filter.kind.as_str() {
            "name" => say!("name", "名称"),
            "tag" => say!("tag", "标签"),
            "label" => say!("label", "标记"),
            "resource" => say!("resource", "资源"),
            other => Say::same(other),
        };
        let (way, value) = (filter.excludes, &filter.value);
        let way = match (filter.kind.as_str(), way) {
            ("tag" | "label", true) => say!(" (excluding)", "（排除）"),
            ("tag" | "label", false) => say!(" (matching)", "（匹配）"),
            _ => Say::default(),
        };
        say!("{} {value}{}", "{} {value}{}", kind.en, way.en; kind.zh, way.zh)
    };
    let all: Vec<Say> = filters.iter().map(one).collect();
    let join = |pick: fn(&Say) -> &str, between: &str| all.iter().map(pick).collect::<Vec<_>>().join(between);
    Say { en: join(|s| &s.en, ", "), zh: join(|s| &s.zh, "，") }
}

/// Where a rule puts what it copies; the number means nothing without a namespace.
pub(crate) fn namespace_words(path: &str, flattening: i32) -> Say {
    if path.is_empty() {
        return say!("the same", "保持不变");
    }
    let Say { en, zh } = model::scope::flattening_words(flattening);
    say!("{path}, {en}", "{path}，{zh}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_say_what_is_copied_and_where_it_lands() {
        let everything = reasons(&Scope::default(), Topology::OneToMany);
        assert_eq!((everything.len(), everything[0].value.en.as_str()), (1, "None"));
        let text =
            r#"{"names":"shop/**","tags":{"pattern":"*-dev","excludes":true},"namespace":{"path":"mirror"}}"#;
        let said = reasons(&serde_json::from_str(text).unwrap(), Topology::OneToMany);
        assert_eq!(said[0].value.en, "name shop/**, tag *-dev (excluding)");
        assert_eq!(said[0].value.zh, "名称 shop/**，标签 *-dev（排除）");
        let labels = reasons(
            &serde_json::from_str(r#"{"labels":{"names":["qa","eu"]}}"#).unwrap(),
            Topology::OneToMany,
        );
        assert_eq!(labels[0].value.en, "label eu, qa (matching)");
        assert!(labels[0].why.en.contains("what bears eu, qa when a run begins crosses"));
        assert_eq!(said[1].value.en, "mirror, flatten 1 level");
        assert_eq!(said[1].why.en, "As asked for: library/alpine lands on mirror/alpine.");
        assert_eq!(namespace_words("", 1).en, "the same");
    }
}

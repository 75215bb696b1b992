//! Settings in words; Harbor's portal has most of them.

use harbor::api::projects::Label;
use model::{Say, say, say::bytes};
use serde_json::Value;

pub(super) fn on(on: bool) -> Say {
    if on { say!("on", "启用") } else { say!("off", "停用") }
}

/// What a key of a project's metadata is called; Harbor's own word for one that is not known.
pub(super) fn metadata(key: &str) -> Say {
    match key {
        "public" => say!("Public", "公开"),
        "auto_scan" => say!("Automatically scan images on push", "自动扫描镜像"),
        "auto_sbom_generation" => say!("Automatically generate SBOM on push", "推送时自动生成软件物料清单"),
        "prevent_vul" => say!("Prevent vulnerable images from running", "阻止潜在漏洞镜像"),
        "severity" => say!("Severity that is prevented", "阻止的危害级别"),
        "enable_content_trust" => say!("Notary signature needed", "需要签名（旧）"),
        "enable_content_trust_cosign" => say!("Cosign signature needed", "需要签名"),
        "reuse_sys_cve_allowlist" => say!("System allowlist", "系统白名单"),
        other => Say::same(other),
    }
}

/// A value of a project's metadata.
pub(super) fn value(value: &str) -> Say {
    if value == "true" { on(true) } else { Say::same(value) }
}

/// A quota's limit in bytes; below zero is none.
pub(super) fn storage(limit: i64) -> Say {
    match u64::try_from(limit) {
        Ok(limit) => Say::same(bytes(limit)),
        Err(_) => say!("unlimited", "不限"),
    }
}

pub(super) fn label(label: &Label) -> Say {
    Say::same([&*label.color, &*label.description].join(" ").trim())
}

/// What a robot is: days, -1 is for ever; how many rights.
pub(super) fn robot(enabled: bool, days: i64, rights: usize) -> Say {
    let on = on(enabled);
    let ends = if days < 0 {
        say!("never expires", "永不过期")
    } else {
        say!("expires after {days} days", "{days} 天后过期")
    };
    say!("{}, {}, {rights} rights", "{}，{}，{rights} 项权限", on.en, ends.en; on.zh, ends.zh)
}

/// Roles of a member as the portal has them.
pub(super) fn roles(roles: &[String]) -> Say {
    let one = |role: &String| match role.as_str() {
        "projectAdmin" => say!("Project Admin", "项目管理员"),
        "maintainer" => say!("Maintainer", "维护人员"),
        "developer" => say!("Developer", "开发者"),
        "guest" => say!("Guest", "访客"),
        "limitedGuest" => say!("Limited Guest", "受限访客"),
        other => Say::same(other),
    };
    let all: Vec<Say> = roles.iter().map(one).collect();
    let join = |pick: fn(&Say) -> &str, between: &str| all.iter().map(pick).collect::<Vec<_>>().join(between);
    Say { en: join(|s| &s.en, ", "), zh: join(|s| &s.zh, "，") }
}

/// When a retention policy runs.
pub(super) fn trigger(trigger: &Value) -> Say {
    match trigger["settings"]["cron"].as_str().filter(|cron| !cron.is_empty()) {
        Some(cron) => Say::same(cron),
        None => say!("by hand", "手动"),
    }
}

/// Which repositories and tags a rule is about.
pub(super) fn selected(repositories: &Value, tags: &[Value]) -> Say {
    let first = |all: Option<&Value>| {
        let text = |key: &str| all.and_then(|s| s[key].as_str()).unwrap_or_default().to_owned();
        (text("pattern"), text("decoration"))
    };
    let (repository, how) = first(repositories["repository"].as_array().and_then(|all| all.first()));
    let there = match how.as_str() {
        "repoExcludes" => say!("repositories not matching {repository}", "不匹配 {repository} 的仓库"),
        _ => say!("repositories matching {repository}", "匹配 {repository} 的仓库"),
    };
    let (tag, how) = first(tags.first());
    let which = match how.as_str() {
        "excludes" => say!("tags not matching {tag}", "不匹配 {tag} 的标签"),
        _ => say!("tags matching {tag}", "匹配 {tag} 的标签"),
    };
    say!("{}, {}", "{}，{}", there.en, which.en; there.zh, which.zh)
}

/// What a retention rule keeps.
pub(super) fn retention(rule: &Value) -> Say {
    let template = rule["template"].as_str().unwrap_or_default();
    let n = rule["params"][template].as_i64().unwrap_or(0);
    let keeps = match template {
        "latestPushedK" => say!("the {n} pushed last", "最近推送的 {n} 个"),
        "latestPulledN" => say!("the {n} pulled last", "最近拉取的 {n} 个"),
        "nDaysSinceLastPush" => say!("those pushed within {n} days", "最近 {n} 天内推送的"),
        "nDaysSinceLastPull" => say!("those pulled within {n} days", "最近 {n} 天内拉取的"),
        "always" => say!("all", "全部"),
        other => Say::same(other),
    };
    let tags = rule["tag_selectors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = selected(&rule["scope_selectors"], tags);
    say!("keeps {} of {}", "在{}中保留{}", keeps.en, of.en; of.zh, keeps.zh)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_told_in_words_of_both_languages() {
        let rule = json!({
            "template": "latestPushedK", "params": {"latestPushedK": 10},
            "tag_selectors": [{"kind": "doublestar", "decoration": "excludes", "pattern": "v*"}],
            "scope_selectors": {"repository": [{"kind": "doublestar", "decoration": "repoMatches", "pattern": "**"}]},
        });
        let said = retention(&rule);
        assert_eq!(said.en, "keeps the 10 pushed last of repositories matching **, tags not matching v*");
        assert_eq!(said.zh, "在匹配 ** 的仓库，不匹配 v* 的标签中保留最近推送的 10 个");
        assert_eq!(trigger(&json!({"kind": "Schedule", "settings": {"cron": ""}})).en, "by hand");
        assert_eq!(trigger(&json!({"settings": {"cron": "0 0 3 * * *"}})).en, "0 0 3 * * *");
        assert_eq!(storage(-1).zh, "不限");
        assert_eq!(storage(1 << 30).en, "1.0 GiB");
    }
}

//! What a person reads when a scope is refused.

use std::fmt;

use super::{Clash, PATTERN_MAX, PatternFault, ScopeError};
use crate::{AppError, Say, say};

impl PatternFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too_long",
            Self::Character(_) => "character",
            Self::Braces => "braces",
            Self::Choices => "choices",
            Self::Brackets => "brackets",
            Self::EmptyPart => "empty_part",
            Self::OnePart => "one_part",
        }
    }

    fn cause(&self) -> Say {
        match self {
            Self::Empty => say!("There is no pattern.", "没有填写模式。"),
            Self::TooLong(bytes) => say!(
                "The pattern has {bytes} characters; at most {PATTERN_MAX} fit what Harbor keeps.",
                "该模式有 {bytes} 个字符；Harbor 最多能保存 {PATTERN_MAX} 个。"
            ),
            Self::Character(c) => {
                say!("No name holds “{c}”: it would match nothing.", "名称中不会出现“{c}”：什么都匹配不到。")
            }
            Self::Braces => say!(
                "The braces cannot be read: not every Harbor takes them inside each other, empty, or with ** first.",
                "花括号无法识别：嵌套、留空或以 ** 开头时，并非所有 Harbor 都接受。"
            ),
            Self::Choices => say!("The pattern has too many choices.", "该模式的选项过多。"),
            Self::Brackets => say!("The brackets cannot be read.", "方括号无法识别。"),
            Self::EmptyPart => say!(
                "A slash has nothing before or behind it: it would match nothing.",
                "斜杠前后没有内容：什么都匹配不到。"
            ),
            Self::OnePart => say!(
                "Every repository has a slash in its name: this would match nothing, and the run would succeed.",
                "每个仓库的名称中都有斜杠：这样什么都匹配不到，而执行仍显示成功。"
            ),
        }
    }
}

impl ScopeError {
    /// The stable code.
    pub fn code(&self) -> String {
        match self {
            Self::Names(fault) => format!("scope.names_{}", fault.code()),
            Self::Tags(fault) => format!("scope.tags_{}", fault.code()),
            Self::Label => "scope.label".to_owned(),
            Self::NoLabel => "scope.no_label".to_owned(),
            Self::FiltersTooLong => "scope.filters_too_long".to_owned(),
            Self::Namespace => "scope.namespace".to_owned(),
            Self::NamespaceTooLong => "scope.namespace_too_long".to_owned(),
            Self::Flattening(_) => "scope.flattening".to_owned(),
            Self::SlashInChoice(_) => "scope.slash_in_choice".to_owned(),
        }
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&AppError::from(self.clone()).cause.en)
    }
}

impl std::error::Error for ScopeError {}

impl From<ScopeError> for AppError {
    fn from(error: ScopeError) -> Self {
        let names = || {
            say!(
                "Write project/** for a project, project/* for its one-level repositories, {{a,b}}/** for two projects.",
                "整个项目写 project/**，只要一级仓库写 project/*，两个项目写 {{a,b}}/**。"
            )
        };
        let (field, cause, next) = match &error {
            ScopeError::Names(fault) => ("names", fault.cause(), names()),
            ScopeError::Tags(fault) => (
                "tags",
                fault.cause(),
                say!(
                    "Write v* for tags that begin with v, {{latest,stable}} for two of them.",
                    "以 v 开头的标签写 v*，两个标签写 {{latest,stable}}。"
                ),
            ),
            ScopeError::Label => (
                "labels",
                say!("Harbor has no such name for a label.", "Harbor 中不会有这样的标记名称。"),
                say!("Choose one of those on the source.", "请从源端已有的标记中选择。"),
            ),
            ScopeError::NoLabel => (
                "labels",
                say!("No label is chosen.", "没有选择标记。"),
                say!(
                    "Choose one, or none at all by leaving the filter out.",
                    "请至少选择一个，或不使用该过滤器。"
                ),
            ),
            ScopeError::FiltersTooLong => (
                "labels",
                say!(
                    "The filters are longer together than Harbor keeps.",
                    "这些过滤器合起来超过了 Harbor 能保存的长度。"
                ),
                say!("Choose fewer labels, or shorten the patterns.", "请少选几个标记，或缩短模式。"),
            ),
            ScopeError::Namespace => (
                "namespace",
                say!("Harbor takes no such namespace.", "Harbor 不接受这样的命名空间。"),
                say!(
                    "Small letters and digits, with single . _ or - between, and / between parts.",
                    "请用小写字母和数字，中间可用单个 .、_ 或 -，各级之间用 /。"
                ),
            ),
            ScopeError::NamespaceTooLong => (
                "namespace",
                say!("The namespace is longer than Harbor keeps.", "命名空间超过了 Harbor 能保存的长度。"),
                say!("Choose a shorter one.", "请改用较短的命名空间。"),
            ),
            ScopeError::Flattening(number) => (
                "flattening",
                say!(
                    "Harbor replaces -1 to 127 parts, not {number}.",
                    "Harbor 可替换 -1 到 127 级，不能是 {number}。"
                ),
                say!("Choose one of those offered.", "请从列出的选项中选择。"),
            ),
            ScopeError::SlashInChoice(version) => (
                "names",
                say!(
                    "Harbor {version} was not seen to read a choice that goes over a slash; from 2.15 it does.",
                    "尚未确认 Harbor {version} 能识别跨斜杠的选项；从 2.15 起可以。"
                ),
                names(),
            ),
        };
        Self::new(&error.code(), 422, cause, next).at(field)
    }
}

/// How much of a path is replaced, in the words of Harbor's portal.
pub fn flattening_words(number: i32) -> Say {
    match number {
        ..0 => say!("flatten all levels", "替换所有级"),
        0 => say!("no flattening", "无替换"),
        1 => say!("flatten 1 level", "替换 1 级"),
        n => say!("flatten {n} levels", "替换 {n} 级"),
    }
}

impl Clash {
    /// Why it is refused.
    pub fn refusal(&self) -> AppError {
        let Self { one, other, lands_on } = self;
        AppError::new(
            "scope.clash",
            422,
            say!(
                "{one} and {other} would both land on {lands_on}: the later one would take the tags of the other.",
                "{one} 和 {other} 都会落到 {lands_on}：后到的会覆盖另一个的标签。"
            ),
            say!(
                "Flatten less, or leave one of them out by its name.",
                "请减少替换的级数，或通过名称排除其中一个。"
            ),
        )
        .at("flattening")
    }
}

/// Why a flattening is refused that a repository is too short for.
pub fn too_short(repository: &str) -> AppError {
    AppError::new(
        "scope.too_short",
        422,
        say!(
            "{repository} has too few parts to be flattened so much: the whole run would fail and copy nothing.",
            "{repository} 的层级不足以替换这么多级：整次执行会失败，什么都不会复制。"
        ),
        say!("Flatten less.", "请减少替换的级数。"),
    )
    .at("flattening")
}

/// Why a namespace is refused where images come back.
pub fn two_way_namespace() -> AppError {
    AppError::new(
        "scope.two_way_namespace",
        422,
        say!(
            "Here an image goes on from where it arrived: with a namespace each hop would put it one level deeper, and no two nodes would hold the same.",
            "在此拓扑中，镜像到达后还会继续复制：使用命名空间会使每一跳都再深一级，任何两个节点都不会一致。"
        ),
        say!(
            "Leave the namespace empty; it fits one source whose copies are copied no further.",
            "请将命名空间留空；它只适合单一来源且副本不再继续复制的情况。"
        ),
    )
    .at("namespace")
}

/// Why a filter by label is refused where images come back.
pub fn two_way_labels() -> AppError {
    AppError::new(
        "scope.two_way_labels",
        422,
        say!(
            "Here an image goes on from where it arrived, but its labels do not cross: no two nodes would be asked for the same.",
            "在此拓扑中，镜像到达后还会继续复制，但标记不会随之复制：各节点要复制的内容就不一样了。"
        ),
        say!(
            "Filter by name or tag; labels fit one source whose copies are copied no further.",
            "请按名称或标签过滤；标记只适合单一来源且副本不再继续复制的情况。"
        ),
    )
    .at("labels")
}

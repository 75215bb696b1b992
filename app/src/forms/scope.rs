//! Which images the rules copy, and where they land: what stands in the fields, judged as it is typed.

use std::collections::BTreeSet;

use leptos::prelude::*;
use model::{
    AppError,
    scope::{
        Flattening, LabelFilter, LabelName, NamePattern, Namespace, NamespacePath, Scope, ScopeError,
        TagFilter, TagPattern,
    },
};

/// Everything.
pub(crate) const ALL: &str = "all";
/// By name, tag or label.
pub(crate) const SOME: &str = "some";
/// The tags that match are copied; Harbor's word.
pub(crate) const MATCHES: &str = "matches";
/// The tags that match are left out.
pub(crate) const EXCLUDES: &str = "excludes";

/// The fields.
#[derive(Clone, Copy)]
pub(crate) struct ScopeForm {
    /// [`ALL`] or [`SOME`].
    pub(crate) which: RwSignal<String>,
    pub(crate) names: RwSignal<String>,
    pub(crate) tags: RwSignal<String>,
    /// [`MATCHES`] or [`EXCLUDES`].
    pub(crate) way: RwSignal<String>,
    /// The labels chosen.
    pub(crate) labels: RwSignal<BTreeSet<String>>,
    /// [`MATCHES`] or [`EXCLUDES`], of the labels.
    pub(crate) label_way: RwSignal<String>,
    pub(crate) namespace: RwSignal<String>,
    /// Harbor's number.
    pub(crate) flattening: RwSignal<String>,
}

impl ScopeForm {
    /// Empty: everything.
    pub(crate) fn new() -> Self {
        let form = Self {
            which: RwSignal::default(),
            names: RwSignal::default(),
            tags: RwSignal::default(),
            way: RwSignal::default(),
            labels: RwSignal::default(),
            label_way: RwSignal::default(),
            namespace: RwSignal::default(),
            flattening: RwSignal::default(),
        };
        form.load(&Scope::default());
        form
    }

    /// Puts a scope into the fields.
    pub(crate) fn load(self, scope: &Scope) {
        let Scope { names, tags, labels, namespace } = scope;
        self.which.set(if scope.is_filtered() { SOME } else { ALL }.to_owned());
        self.names.set(names.as_ref().map(ToString::to_string).unwrap_or_default());
        self.tags.set(tags.as_ref().map(|t| t.pattern.to_string()).unwrap_or_default());
        let way = |excludes: Option<bool>| if excludes == Some(true) { EXCLUDES } else { MATCHES }.to_owned();
        self.way.set(way(tags.as_ref().map(|t| t.excludes)));
        let chosen = labels.iter().flat_map(LabelFilter::names).map(ToString::to_string);
        self.labels.set(chosen.collect());
        self.label_way.set(way(labels.as_ref().map(LabelFilter::excludes)));
        self.namespace.set(namespace.as_ref().map(|n| n.path.to_string()).unwrap_or_default());
        let flattening = namespace.as_ref().map(|n| n.flattening).unwrap_or_default();
        self.flattening.set(flattening.number().to_string());
    }

    /// What is typed; follows every field.
    ///
    /// # Errors
    /// The first field that cannot be read.
    pub(crate) fn scope(self) -> Result<Scope, ScopeError> {
        let typed = |field: RwSignal<String>| Some(field.get().trim().to_owned()).filter(|t| !t.is_empty());
        let mut scope = Scope::default();
        if self.which.with(|w| w == SOME) {
            scope.names = typed(self.names).map(|t| NamePattern::parse(&t)).transpose()?;
            let pattern = typed(self.tags).map(|t| TagPattern::parse(&t)).transpose()?;
            let excludes = self.way.with(|w| w == EXCLUDES);
            scope.tags = pattern.map(|pattern| TagFilter { pattern, excludes });
            scope.labels = self.label_filter()?;
            scope.check_length()?;
        }
        if let Some(path) = typed(self.namespace) {
            let flattening = self.flattening.with(|f| f.parse().unwrap_or(1));
            scope.namespace = Some(Namespace {
                path: NamespacePath::parse(&path)?,
                flattening: Flattening::parse(flattening)?,
            });
        }
        Ok(scope)
    }

    fn label_filter(self) -> Result<Option<LabelFilter>, ScopeError> {
        let parse = |all: &BTreeSet<String>| all.iter().map(|name| LabelName::parse(name)).collect();
        let names: Result<BTreeSet<LabelName>, ScopeError> = self.labels.with(parse);
        let names = names?;
        let excludes = self.label_way.with(|w| w == EXCLUDES);
        if names.is_empty() { Ok(None) } else { LabelFilter::new(names, excludes).map(Some) }
    }

    /// What is wrong with a field, where it is the first that is wrong.
    pub(crate) fn fault_at(self, field: &'static str) -> Option<AppError> {
        self.scope().err().map(AppError::from).filter(|e| e.field.as_deref() == Some(field))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn scope_comes_back_from_the_fields_as_it_went_in() {
        let owner = Owner::new();
        owner.set();
        let form = ScopeForm::new();
        assert_eq!(form.scope(), Ok(Scope::default()));
        let text = r#"{"names":"shop/**","tags":{"pattern":"*-dev","excludes":true},"labels":{"names":["eu","qa"],"excludes":true},"namespace":{"path":"mirror","flattening":-1}}"#;
        let scope: Scope = serde_json::from_str(text).unwrap();
        form.load(&scope);
        assert_eq!(form.scope(), Ok(scope.clone()));
        // What was typed is kept while everything is chosen, and is not sent.
        form.which.set(ALL.to_owned());
        assert_eq!(form.scope(), Ok(Scope { namespace: scope.namespace, ..Scope::default() }));
        form.which.set(SOME.to_owned());
        form.names.set("shop".to_owned());
        assert_eq!(form.fault_at("names").map(|e| e.code).as_deref(), Some("scope.names_one_part"));
        assert!(form.fault_at("tags").is_none());
    }
}

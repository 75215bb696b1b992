//! Which images, and where they land: judged as it is typed, over the repositories there are.

use leptos::prelude::*;
use model::{
    AppError, Topology,
    say::count,
    scope::{Flattening, Landing, Scope, SourceRepositories, flattening_words, landing, too_short},
    topology::goes_on,
};

use super::{Now, labels};
use crate::{
    api::rules::read_source_repositories,
    forms::scope::{ALL, EXCLUDES, MATCHES, SOME, ScopeForm},
    pages::deed::Deed,
    text::rules::RulesText,
    ui::{Choice, Described, Mark, Note, SelectField, TextField},
    visit::locale,
};

/// Repositories shown.
const SHOWN: usize = 50;

/// The fields and what they come to.
#[derive(Clone, Copy)]
pub(super) struct ScopeCard {
    form: ScopeForm,
    now: Now,
    /// What the sources list; read once something else than everything is chosen.
    there: RwSignal<Option<SourceRepositories>>,
    found: Memo<Option<Landing>>,
    reading: Deed,
}

impl ScopeCard {
    pub(super) fn new(now: Now, form: ScopeForm) -> Self {
        let there = RwSignal::new(None::<SourceRepositories>);
        let reading = Deed::new();
        let asked = StoredValue::new(false);
        let typed = Memo::new(move |_| form.scope().ok().filter(|scope| !scope.is_everything()));
        Effect::new(move |_| {
            let wanted = form.which.with(|w| w == SOME) || typed.with(Option::is_some);
            if wanted && !asked.get_value() {
                asked.set_value(true);
                let id = now.view.with_untracked(|v| v.cluster.clone());
                reading.run(read_source_repositories(id), move |read| there.set(Some(read)));
            }
        });
        let found = Memo::new(move |_| {
            let scope = typed.get()?;
            there.with(|read| Some(look(&scope, read.as_ref()?)))
        });
        Self { form, now, there, found, reading }
    }

    /// Whether what is typed may not be saved.
    pub(super) fn is_wrong(self) -> bool {
        self.form.scope().is_err() || self.found.with(|f| f.as_ref().is_some_and(|f| fault_of(f).is_some()))
    }

    /// The two rows of the form.
    pub(super) fn fields(self) -> AnyView {
        let text = RulesText::current();
        let (topology, onwards) = self.now.view.with_untracked(|v| (v.topology, goes_on(&v.links)));
        let which = vec![Choice::new(ALL, text.which_all()), Choice::new(SOME, text.which_some())];
        let some = Memo::new(move |_| self.form.which.with(|w| w == SOME));
        view! {
            <div class="form-row">
                <span class="label-text">{text.filter_row()}</span>
                <div class="grid gap-2">
                    <SelectField
                        described=Described::new("which-images", text.which())
                        value=self.form.which
                        choices=which
                    />
                    {move || if some.get() { self.filters(topology, onwards) } else { hint(text.which_all_hint()) }}
                </div>
            </div>
            <div class="form-row">
                <span class="label-text">{text.namespace_row()}</span>
                {if onwards { same(text) } else { self.namespace() }}
            </div>
        }
        .into_any()
    }

    fn filters(self, topology: Topology, onwards: bool) -> AnyView {
        let text = RulesText::current();
        let ways = vec![
            Choice::new(MATCHES, text.filter_matching()),
            Choice::new(EXCLUDES, text.filter_excluding()),
        ];
        let two_way = (topology == Topology::DualMaster).then(|| hint(text.which_two_way()));
        view! {
            {two_way}
            <TextField
                described=Described::new("filter-name", text.filter_name())
                    .hint(text.filter_name_hint("library/**", "library/*"))
                value=self.form.names
                error=self.fault_at("names")
                code=true
                placeholder="library/**"
            />
            <div class="grid gap-x-4 gap-y-2 sm:grid-cols-2">
                <TextField
                    described=Described::new("filter-tag", text.filter_tag()).hint(text.filter_tag_hint("v*"))
                    value=self.form.tags
                    error=self.fault_at("tags")
                    code=true
                />
                <SelectField
                    described=Described::new("filter-way", text.filter_way())
                    value=self.form.way
                    choices=ways
                />
            </div>
            {if onwards { hint(text.labels_go_on()) } else { labels::fields(self.form, self.there) }}
        }
        .into_any()
    }

    fn namespace(self) -> AnyView {
        let (text, locale) = (RulesText::current(), locale());
        let words = move |flattening: Flattening| {
            let number = flattening.number();
            Choice::new(number.to_string(), flattening_words(number).pick(locale))
        };
        let choices = Signal::derive(move || {
            let mut offered = Flattening::offered().to_vec();
            // One that was made by a file may be another.
            let kept = self.form.flattening.with(|f| f.parse().ok().and_then(|n| Flattening::parse(n).ok()));
            offered.extend(kept.filter(|kept| !Flattening::offered().contains(kept)));
            offered.into_iter().map(words).collect::<Vec<_>>()
        });
        view! {
            <div class="grid gap-x-4 gap-y-2 sm:grid-cols-2">
                <TextField
                    described=Described::new("namespace", text.namespace_row()).hint(text.namespace_hint())
                    value=self.form.namespace
                    error=self.fault_at("namespace")
                    code=true
                />
                <SelectField
                    described=Described::new("flattening", text.flattening()).hint(text.flattening_hint())
                    value=self.form.flattening
                    choices
                />
            </div>
        }
        .into_any()
    }

    /// What is wrong with a field.
    fn fault_at(self, field: &'static str) -> Signal<Option<String>> {
        let locale = locale();
        Signal::derive(move || {
            let error = self.form.fault_at(field)?;
            Some(format!("{} {}", error.cause.pick(locale), error.next.pick(locale)))
        })
    }

    /// What it takes of the repositories there are; nothing while everything is copied.
    pub(super) fn preview(self) -> AnyView {
        view! {
            {self.reading.trouble(&[])}
            <div aria-live="polite">
                {move || {
                    let found = self.found.get()?;
                    Some(self.there.with(|read| read.as_ref().map(|read| shown(&found, read))))
                }}
            </div>
        }
        .into_any()
    }
}

fn look(scope: &Scope, read: &SourceRepositories) -> Landing {
    landing(scope, read.names.iter().map(String::as_str), SHOWN)
}

/// Why a scope is refused over these repositories.
fn fault_of(found: &Landing) -> Option<AppError> {
    let clash = found.clashes.first().map(model::scope::Clash::refusal);
    clash.or_else(|| found.too_short.first().map(|repository| too_short(repository)))
}

fn hint(words: &'static str) -> AnyView {
    view! { <p class="hint">{words}</p> }.into_any()
}

fn same(text: RulesText) -> AnyView {
    view! {
        <div>
            <p class="font-medium pt-1">{text.namespace_same()}</p>
            <p class="hint">{text.namespace_goes_on()}</p>
        </div>
    }
    .into_any()
}

fn shown(found: &Landing, read: &SourceRepositories) -> AnyView {
    let (text, locale) = (RulesText::current(), locale());
    let note = |mark: Mark, words: String| view! { <Note mark><p>{words}</p></Note> }.into_any();
    let said = match fault_of(found) {
        Some(error) => {
            Some(note(Mark::Bad, format!("{} {}", error.cause.pick(locale), error.next.pick(locale))))
        }
        None if found.of == 0 => Some(note(Mark::Skipped, text.preview_empty().to_owned())),
        None if found.is_nothing() => Some(note(Mark::Warn, text.preview_nothing().to_owned())),
        None => None,
    };
    let rows = found
        .shown
        .iter()
        .map(|row| {
            let words = match row.repository == row.lands_on {
                true => row.repository.clone(),
                false => text.pushes(&row.repository, &row.lands_on),
            };
            view! { <li class="break-all">{words}</li> }
        })
        .collect_view();
    let looked = read.names.len() as u64;
    let part = (looked < read.of).then(|| text.preview_read(&count(looked), &count(read.of)));
    let first = (found.taken > SHOWN as u64).then(|| text.first_shown(SHOWN));
    view! {
        <section class="panel panel-body grid gap-2" aria-labelledby="preview-title">
            <h2 id="preview-title" class="section-title">{text.preview()}</h2>
            {said}
            <p class="quiet small">
                {text.preview_taken(&count(found.taken), &count(found.of))} " · " {text.preview_tags()} " " {part} " "
                {first}
            </p>
            <ul class="code small">{rows}</ul>
        </section>
    }
    .into_any()
}

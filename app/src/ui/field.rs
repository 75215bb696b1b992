//! Fields: a label, a control, a hint and an error that belong together for eyes and ears alike.

use leptos::prelude::*;

use super::{Mark, StateMark};

/// The words around a control.
#[derive(Clone, Default)]
pub(crate) struct Described {
    /// The id of the control; the hint and the error get theirs from it.
    pub(crate) id: String,
    /// The label.
    pub(crate) label: String,
    /// What to know before typing; may be empty.
    pub(crate) hint: String,
}

impl Described {
    /// A label alone.
    pub(crate) fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: id.into(), label: label.into(), hint: String::new() }
    }

    /// The same with a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    fn described_by(&self) -> String {
        let error = format!("{}-error", self.id);
        if self.hint.is_empty() { error } else { format!("{}-hint {error}", self.id) }
    }

    /// Label above, hint and error below `control`.
    pub(crate) fn around(self, error: Signal<Option<String>>, control: AnyView) -> AnyView {
        let Self { id, label, hint } = self;
        let hint_id = format!("{id}-hint");
        let error_id = format!("{id}-error");
        view! {
            <div class="field">
                <label class="field-label" for=id>
                    {label}
                </label>
                {control}
                {(!hint.is_empty()).then(|| view! { <p id=hint_id class="hint">{hint}</p> })}
                <p id=error_id class="field-error" aria-live="polite">
                    {move || {
                        error
                            .get()
                            .map(|text| view! {
                                <StateMark mark=Mark::Bad label="" />
                                <span>{text}</span>
                            })
                    }}
                </p>
            </div>
        }
        .into_any()
    }
}

/// Marks a control as wrong and ties it to its words.
#[derive(Clone)]
pub(crate) struct Check {
    /// Value of `aria-describedby`.
    pub(crate) described_by: String,
    /// What is wrong, if anything.
    pub(crate) error: Signal<Option<String>>,
}

impl Check {
    /// For the control of `described`.
    pub(crate) fn of(described: &Described, error: Signal<Option<String>>) -> Self {
        Self { described_by: described.described_by(), error }
    }

    /// Value of `aria-invalid`.
    pub(crate) fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + 'static {
        let error = self.error;
        move || error.with(Option::is_some).then_some("true")
    }
}

/// One line of text. With `secret` it is a password field, which is only ever written to.
#[component]
pub(crate) fn TextField(
    /// Its words.
    described: Described,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// `text`, `password`, `datetime-local` …
    #[prop(default = "text")]
    kind: &'static str,
    /// An example, shown while empty.
    #[prop(optional, into)]
    placeholder: String,
    /// What a password manager may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The name in a plain form.
    #[prop(optional, into)]
    name: Option<String>,
    /// For technical text: no spell check, no capitals, fixed width.
    #[prop(optional)]
    code: bool,
    /// Called when the field is left.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let check = Check::of(&described, error);
    let id = described.id.clone();
    let control = view! {
        <input
            id=id
            class="input w-full"
            class:code=code
            class:field-invalid=move || error.with(Option::is_some)
            type=kind
            name=name
            placeholder=placeholder
            autocomplete=autocomplete
            autocapitalize=code.then_some("none")
            spellcheck=code.then_some("false")
            aria-describedby=check.described_by.clone()
            aria-invalid=check.invalid()
            value=value.get_untracked()
            prop:value=move || value.get()
            on:input:target=move |event| value.set(event.target().value())
            on:blur=move |_| {
                if let Some(on_leave) = on_leave {
                    on_leave.run(());
                }
            }
        />
    };
    described.around(error, control.into_any())
}

/// One of a few: value and words.
#[derive(Clone)]
pub(crate) struct Choice {
    /// The value in forms.
    pub(crate) value: String,
    /// Its words.
    pub(crate) label: String,
}

impl Choice {
    /// A choice.
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// One of several in a list that opens.
#[component]
pub(crate) fn SelectField(
    /// Its words.
    described: Described,
    /// The value chosen.
    value: RwSignal<String>,
    /// What there is to choose.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The name in a plain form.
    #[prop(optional, into)]
    name: Option<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let check = Check::of(&described, error);
    let id = described.id.clone();
    let control = view! {
        <select
            id=id
            class="select w-full"
            name=name
            aria-describedby=check.described_by.clone()
            aria-invalid=check.invalid()
            on:change:target=move |event| value.set(event.target().value())
        >
            {move || {
                let chosen = value.get();
                choices
                    .get()
                    .into_iter()
                    .map(|c| {
                        let selected = c.value == chosen;
                        view! {
                            <option value=c.value selected=selected>
                                {c.label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    };
    described.around(error, control.into_any())
}

/// On or off.
#[component]
pub(crate) fn SwitchField(
    /// Its words; the hint says what it does.
    described: Described,
    /// Whether it is on.
    value: RwSignal<bool>,
) -> impl IntoView {
    let Described { id, label, hint } = described;
    let hint_id = format!("{id}-hint");
    view! {
        <div class="switch-field">
            <input
                id=id.clone()
                type="checkbox"
                role="switch"
                class="toggle toggle-primary"
                aria-describedby=(!hint.is_empty()).then(|| hint_id.clone())
                checked=value.get_untracked()
                prop:checked=move || value.get()
                on:change:target=move |event| value.set(event.target().checked())
            />
            <div>
                <label for=id>{label}</label>
                {(!hint.is_empty()).then(|| view! { <p id=hint_id class="hint">{hint}</p> })}
            </div>
        </div>
    }
}

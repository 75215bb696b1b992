//! Small parts that say one thing: a badge, a figure with its label, a notice, an empty list that teaches.

use leptos::prelude::*;

use super::{Mark, StateMark};

/// The meaning that a colour carries beside the words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Helpful.
    Accent,
    /// Look here.
    Warn,
}

impl Tone {
    fn badge(self) -> &'static str {
        match self {
            Self::Plain => "tag",
            Self::Accent => "tag tag-accent",
            Self::Warn => "tag tag-warning",
        }
    }
}

/// A word or two in a coloured field.
#[component]
pub(crate) fn Badge(
    /// Its words.
    #[prop(into)]
    text: String,
    /// Its meaning.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    view! { <span class=tone.badge()>{text}</span> }
}

/// A figure with its label above.
#[component]
pub(crate) fn Stat(
    /// What is counted.
    #[prop(into)]
    label: String,
    /// The figure.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{move || value.get()}</dd>
        </div>
    }
}

/// A notice across the page, with its mark.
#[component]
pub(crate) fn Note(
    /// Its meaning.
    mark: Mark,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let class = match mark {
        Mark::Bad => "notice notice-failed",
        Mark::Warn => "notice notice-warning",
        Mark::Good => "notice notice-ok",
        _ => "notice",
    };
    view! {
        <div class=class role="note">
            <StateMark mark label="" />
            <div class="min-w-0">{children()}</div>
        </div>
    }
}

/// What stands where a list has nothing yet: what will be here, and how it gets here.
#[component]
pub(crate) fn EmptyState(
    /// What will be here.
    #[prop(into)]
    title: String,
    /// How it gets here.
    #[prop(into)]
    text: String,
    /// It is the whole page: its title is the page's.
    #[prop(optional)]
    whole: bool,
    /// A button or a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = if whole {
        view! { <h1 class="section-title">{title}</h1> }.into_any()
    } else {
        view! { <h2 class="section-title">{title}</h2> }.into_any()
    };
    view! {
        <div class="empty">
            {title}
            <p class="quiet">{text}</p>
            {children.map(|c| c())}
        </div>
    }
}

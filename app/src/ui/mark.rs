//! State by shape and colour: disc with tick, triangle, octagon with cross, dashed ring, turning arc.

use leptos::prelude::*;
use model::{finding::FindingState, health::HealthState, run::StepState};

/// What a mark says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Good: disc with a tick.
    Good,
    /// Works, but look: triangle.
    Warn,
    /// Does not work: octagon with a cross.
    Bad,
    /// Nobody knows: dashed ring.
    #[default]
    Unknown,
    /// Its turn has not come.
    Waiting,
    /// Being asked or done: a turning arc.
    Busy,
    /// Does not apply, or left out: ring with a stroke.
    Skipped,
}

impl Mark {
    /// The class that gives the colour.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "mark is-ok",
            Self::Warn => "mark is-warning",
            Self::Bad => "mark is-failed",
            Self::Unknown | Self::Skipped => "mark is-unknown",
            Self::Waiting => "mark is-waiting",
            Self::Busy => "mark is-busy",
        }
    }

    /// Its drawing in the sprite.
    pub(crate) fn drawing(self) -> &'static str {
        match self {
            Self::Good => "/icons.svg#ok",
            Self::Warn => "/icons.svg#warning",
            Self::Bad => "/icons.svg#failed",
            Self::Unknown => "/icons.svg#unknown",
            Self::Waiting => "/icons.svg#waiting",
            Self::Busy => "/icons.svg#busy",
            Self::Skipped => "/icons.svg#not-applicable",
        }
    }
}

impl From<HealthState> for Mark {
    fn from(state: HealthState) -> Self {
        match state {
            HealthState::Up => Self::Good,
            HealthState::Degraded => Self::Warn,
            HealthState::Down | HealthState::Unreachable => Self::Bad,
            HealthState::Unknown => Self::Unknown,
        }
    }
}

impl From<FindingState> for Mark {
    fn from(state: FindingState) -> Self {
        match state {
            FindingState::Waiting => Self::Busy,
            FindingState::Ok => Self::Good,
            FindingState::Warning => Self::Warn,
            FindingState::Failed => Self::Bad,
            FindingState::NotApplicable => Self::Skipped,
            FindingState::NotProven => Self::Unknown,
        }
    }
}

impl From<StepState> for Mark {
    fn from(state: StepState) -> Self {
        match state {
            StepState::Waiting => Self::Waiting,
            StepState::Looking | StepState::Applying | StepState::Verifying => Self::Busy,
            StepState::Done | StepState::Adopted => Self::Good,
            StepState::Failed => Self::Bad,
            StepState::Skipped | StepState::Undone => Self::Skipped,
        }
    }
}

/// A mark with its meaning in words for those who do not see it.
#[component]
pub(crate) fn StateMark(
    /// What to show.
    #[prop(into)]
    mark: Signal<Mark>,
    /// The same in words; empty where the text beside it says so already.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <svg class=move || mark.get().class() aria-hidden="true">
            <use href=move || mark.get().drawing()></use>
        </svg>
        {move || {
            let label = label.get();
            (!label.is_empty()).then(|| view! { <span class="sr-only">{label}</span> })
        }}
    }
}

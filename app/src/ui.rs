//! Parts that know no router, no data and no server function: they take words and signals, and draw.

mod ago;
mod button;
mod copy_field;
mod dialog;
mod field;
mod history_bar;
mod latency_line;
mod mark;
mod panel;
mod plain_field;
mod steps;
mod text_area;
mod toast;
mod topology_picture;

pub(crate) use ago::{Ago, Moment};
pub(crate) use button::{ActionButton, Kind};
pub(crate) use copy_field::CopyField;
pub(crate) use dialog::{Dialog, close as close_dialog};
pub(crate) use field::{Choice, Described, SelectField, SwitchField, TextField};
pub(crate) use history_bar::HistoryBar;
pub(crate) use latency_line::LatencyLine;
pub(crate) use mark::{Mark, StateMark};
pub(crate) use panel::{Badge, EmptyState, Note, Stat, Tone};
pub(crate) use plain_field::{PlainField, SubmitButton};
pub(crate) use steps::{RailStep, StepRail};
pub(crate) use text_area::AreaField;
pub(crate) use toast::{ToastRegion, Toasts};
pub(crate) use topology_picture::{Picture, PictureLink, PictureNode, TopologyPicture};

use leptos::prelude::*;

/// One drawing of the sprite; says nothing to a screen reader.
pub(crate) fn icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}

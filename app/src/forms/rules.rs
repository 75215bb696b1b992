//! What can be chosen about the rules of a cluster.

use leptos::prelude::*;
use model::rule::{RulesView, RulesWish};

use super::{
    cron::{typed_cron, typed_speed},
    scope::ScopeForm,
};

/// The fields.
#[derive(Clone, Copy)]
pub(crate) struct RulesForm {
    pub(crate) cron: RwSignal<String>,
    pub(crate) at_once: RwSignal<bool>,
    pub(crate) speed: RwSignal<String>,
    pub(crate) copy_by_chunk: RwSignal<bool>,
    pub(crate) scope: ScopeForm,
    kept: StoredValue<RulesWish>,
}

impl RulesForm {
    /// Filled with what is wished now.
    pub(crate) fn new(view: &RulesView) -> Self {
        let form = Self {
            cron: RwSignal::default(),
            at_once: RwSignal::default(),
            speed: RwSignal::default(),
            copy_by_chunk: RwSignal::default(),
            scope: ScopeForm::new(),
            kept: StoredValue::new(view.wish.clone()),
        };
        form.reset();
        form
    }

    /// Takes over what is kept now, unless something else is being typed.
    pub(crate) fn follow(self, kept: &RulesWish) {
        let typing = untrack(|| self.is_changed());
        if self.kept.with_value(|before| before != kept) {
            self.kept.set_value(kept.clone());
            if !typing {
                self.reset();
            }
        }
    }

    /// Back to what is kept.
    pub(crate) fn reset(self) {
        let RulesWish { cron, at_once, speed_kbps, copy_by_chunk, scope } = self.kept.get_value();
        self.cron.set(cron.unwrap_or_default());
        self.at_once.set(at_once);
        self.speed.set(speed_kbps.map(|s| s.to_string()).unwrap_or_default());
        self.copy_by_chunk.set(copy_by_chunk);
        self.scope.load(&scope);
    }

    /// What is typed; follows every field. A scope that cannot be read is everything: look at its faults first.
    pub(crate) fn wish(self) -> RulesWish {
        RulesWish {
            cron: typed_cron(&self.cron.get()),
            at_once: self.at_once.get(),
            speed_kbps: typed_speed(&self.speed.get()),
            copy_by_chunk: self.copy_by_chunk.get(),
            scope: self.scope.scope().unwrap_or_default(),
        }
    }

    /// Whether that is something else than what is kept.
    pub(crate) fn is_changed(self) -> bool {
        self.scope.scope().is_err() || self.kept.with_value(|kept| *kept != self.wish())
    }
}

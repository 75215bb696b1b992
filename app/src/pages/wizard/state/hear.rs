//! What the wizard reads and hears of its draft and of the runs that it began, whichever comes first.

use leptos::prelude::*;
use model::{
    draft::DraftView,
    finding::Finding,
    ids::RunId,
    live::LiveEvent,
    run::{RunState, RunView},
};

use super::Wizard;
use crate::api::{Answer, drafts::read_draft, runs::read_run};

impl Wizard {
    /// Takes over what the server knows; what stands in the fields stays, and so do answers that were quicker.
    pub(crate) fn take(self, mut view: DraftView) {
        self.view.with_untracked(|known| {
            // A save may void answers; anything else of the same draft can only be late.
            if known.version == view.version {
                for finding in &mut view.findings {
                    let quicker = |f: &&Finding| {
                        f.id == finding.id && f.subject == finding.subject && f.at_ms > finding.at_ms
                    };
                    if let Some(known) = known.findings.iter().find(quicker) {
                        *finding = Finding { waiver: finding.waiver.clone(), ..known.clone() };
                    }
                }
            }
        });
        for node in self.form.nodes.get_untracked() {
            if let Some(known) = view.draft.node(&node.key())
                && node.has_secret.get_untracked() != known.has_secret
            {
                node.has_secret.set(known.has_secret);
            }
        }
        self.view.set(view);
    }

    /// Reads again what the server knows.
    pub(crate) async fn refresh(self) -> Answer<()> {
        let known = self.view.with_untracked(|v| v.run.clone());
        let view = read_draft(self.id()).await?;
        // A run that began meanwhile is followed already; the wizard may be gone by now.
        if self.view.try_with_untracked(|v| v.run == known) == Some(true) {
            let run = view.run.clone();
            self.take(view);
            match run {
                Some(id) => self.follow(id).await?,
                None => self.run.set(None),
            }
        }
        Ok(())
    }

    /// Hears from now on what becomes of the run that applies the draft, and reads where it stands.
    pub(crate) async fn follow(self, id: RunId) -> Answer<()> {
        // Its events count from before the reading: none may fall between the two.
        self.view.update(|v| v.run = Some(id.clone()));
        let row = read_run(id).await?;
        self.run.update(|known| follow(known, row.run));
        self.adopted.set(row.cluster);
        Ok(())
    }

    /// The same for a run of its probes.
    pub(crate) async fn follow_probes(self, id: RunId) -> Answer<()> {
        self.probing.set_value(Some(id.clone()));
        let read = read_run(id).await?.run;
        self.probes.update(|known| follow(known, read));
        Ok(())
    }

    pub(super) fn hear(self, event: LiveEvent) {
        match event {
            LiveEvent::Finding { draft, finding } if draft == self.id() => self.view.update(|v| {
                match v.findings.iter_mut().find(|f| f.id == finding.id && f.subject == finding.subject) {
                    Some(known) => *known = *finding,
                    None => v.findings.push(*finding),
                }
            }),
            LiveEvent::Run { run } => {
                if self.view.with_untracked(|v| v.run.as_ref() == Some(&run.id)) {
                    let done = (run.state == RunState::Succeeded).then(|| run.id.clone());
                    self.run.update(|known| follow(known, *run));
                    if let Some(id) = done {
                        // The console watches the cluster from now on, under its id.
                        leptos::task::spawn_local(async move {
                            let _ = self.follow(id).await;
                        });
                    }
                } else if self.probing.with_value(|id| id.as_ref() == Some(&run.id)) {
                    self.probes.update(|known| follow(known, *run));
                }
            }
            LiveEvent::Reset => leptos::task::spawn_local(async move {
                let _ = self.refresh().await;
            }),
            _ => {}
        }
    }
}

/// Takes over what was read or heard of a run, unless more is known already.
pub(in crate::pages::wizard) fn follow(known: &mut Option<RunView>, heard: RunView) {
    match known {
        Some(known) => known.follow(heard),
        None => *known = Some(heard),
    }
}

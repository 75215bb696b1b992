//! What is typed into the form of a status page, and what it makes.

use leptos::prelude::*;
use model::{
    AppError, Locale,
    ids::{ClusterId, NodeId},
    names::{ClusterName, NodeName},
    page::{
        PageAccess, PageName, PageSettings, PageSlug, PageTheme, PageTitle, ShownCluster, ShownNode, Shows,
        StatusPage,
    },
};

use crate::api::types::OfferedCluster;

/// The fields. Clones are the same fields.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(super) name: RwSignal<String>,
    pub(super) title: RwSignal<String>,
    pub(super) slug: RwSignal<String>,
    pub(super) text: RwSignal<String>,
    pub(super) logo: RwSignal<Option<String>>,
    pub(super) picks: Vec<Pick>,
    pub(super) shows: ShowsDraft,
    pub(super) access: RwSignal<String>,
    pub(super) language: RwSignal<String>,
    pub(super) theme: RwSignal<String>,
    pub(super) zone: RwSignal<String>,
}

/// A cluster that may be shown.
#[derive(Clone)]
pub(super) struct Pick {
    pub(super) id: ClusterId,
    pub(super) name: String,
    pub(super) on: RwSignal<bool>,
    pub(super) shown_as: RwSignal<String>,
    pub(super) nodes: Vec<PickNode>,
}

/// A node of it.
#[derive(Clone)]
pub(super) struct PickNode {
    pub(super) id: NodeId,
    pub(super) name: String,
    pub(super) shown_as: RwSignal<String>,
}

/// The switches.
#[derive(Clone, Copy)]
pub(super) struct ShowsDraft {
    pub(super) nodes: RwSignal<bool>,
    pub(super) entry: RwSignal<bool>,
    pub(super) components: RwSignal<bool>,
    pub(super) freshness: RwSignal<bool>,
    pub(super) history: RwSignal<bool>,
    pub(super) drift: RwSignal<bool>,
}

impl Draft {
    /// Of a page, or of a new one that shows the only cluster there is.
    pub(crate) fn of(page: Option<&StatusPage>, offered: &[OfferedCluster]) -> Self {
        let settings = page.map(|page| &page.settings);
        let shows = settings.map_or_else(Shows::default, |s| s.shows);
        let text = |of: fn(&PageSettings) -> String| RwSignal::new(settings.map(of).unwrap_or_default());
        let pick = |cluster: &OfferedCluster| {
            let known = settings.and_then(|s| s.clusters.iter().find(|c| c.id == cluster.id));
            let on = known.is_some() || (settings.is_none() && offered.len() == 1);
            let node = |node: &ShownNode| {
                let alias = known.and_then(|c| c.nodes.iter().find(|n| n.id == node.id));
                let shown_as = alias.unwrap_or(node).shown_as.to_string();
                PickNode {
                    id: node.id.clone(),
                    name: node.shown_as.to_string(),
                    shown_as: RwSignal::new(shown_as),
                }
            };
            Pick {
                id: cluster.id.clone(),
                name: cluster.name.to_string(),
                on: RwSignal::new(on),
                shown_as: RwSignal::new(known.map_or(&cluster.name, |c| &c.shown_as).to_string()),
                nodes: cluster.nodes.iter().map(node).collect(),
            }
        };
        Self {
            name: text(|s| s.name.to_string()),
            title: text(|s| s.title.to_string()),
            slug: text(|s| s.slug.to_string()),
            text: text(|s| s.text.clone()),
            logo: RwSignal::new(settings.and_then(|s| s.logo.clone())),
            picks: offered.iter().map(pick).collect(),
            shows: ShowsDraft {
                nodes: RwSignal::new(shows.nodes),
                entry: RwSignal::new(shows.entry),
                components: RwSignal::new(shows.components),
                freshness: RwSignal::new(shows.freshness),
                history: RwSignal::new(shows.history),
                drift: RwSignal::new(shows.drift),
            },
            access: RwSignal::new(settings.map(|s| s.access).unwrap_or_default().as_str().to_owned()),
            language: text(|s| s.locale.map(|l| l.tag().to_owned()).unwrap_or_default()),
            theme: RwSignal::new(settings.map(|s| s.theme).unwrap_or_default().as_str().to_owned()),
            zone: RwSignal::new(settings.map_or_else(own_zone, |s| s.zone.clone())),
        }
    }

    /// What stands in the fields, judged as the server does; tracks every field.
    pub(crate) fn settings(&self) -> Result<PageSettings, AppError> {
        let shows = self.shows;
        let clusters: Result<Vec<ShownCluster>, AppError> =
            self.picks.iter().filter(|pick| pick.on.get()).map(Pick::shown).collect();
        let (title, name) = (self.title.get(), self.name.get());
        let settings = PageSettings {
            title: PageTitle::parse(&title)?,
            // What is called nothing is called as its title.
            name: PageName::parse(if name.trim().is_empty() { &title } else { &name })?,
            slug: PageSlug::parse(&self.slug.get())?,
            text: self.text.get(),
            logo: self.logo.get(),
            clusters: clusters?,
            shows: Shows {
                nodes: shows.nodes.get(),
                entry: shows.entry.get(),
                components: shows.components.get(),
                freshness: shows.freshness.get(),
                history: shows.history.get(),
                drift: shows.drift.get(),
            },
            locale: Locale::from_tag(&self.language.get()),
            theme: PageTheme::parse(&self.theme.get()).unwrap_or_default(),
            zone: self.zone.get().trim().to_owned(),
            access: PageAccess::parse(&self.access.get()).unwrap_or_default(),
        };
        settings.judge()?;
        Ok(settings)
    }

    /// Lets the address of a new page follow its title, until something else is typed there.
    pub(super) fn follow_title(&self) {
        let (title, slug) = (self.title, self.slug);
        Effect::new(move |before: Option<String>| {
            let title = title.get();
            let next =
                if title.trim().is_empty() { String::new() } else { PageSlug::suggest(&title).to_string() };
            if slug.with_untracked(|slug| before.as_ref().is_none_or(|before| slug == before)) {
                slug.set(next.clone());
            }
            next
        });
    }
}

impl Pick {
    fn shown(&self) -> Result<ShownCluster, AppError> {
        let at = |error: AppError| error.at("page-clusters");
        let node = |node: &PickNode| {
            let shown_as = NodeName::parse(&node.shown_as.get()).map_err(at)?;
            Ok(ShownNode { id: node.id.clone(), shown_as })
        };
        Ok(ShownCluster {
            id: self.id.clone(),
            shown_as: ClusterName::parse(&self.shown_as.get()).map_err(at)?,
            nodes: self.nodes.iter().map(node).collect::<Result<_, AppError>>()?,
        })
    }
}

/// The time zone of whoever makes a page, as their browser names it.
fn own_zone() -> String {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsValue;
        let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
        let zone = js_sys::Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"));
        zone.ok().and_then(|zone| zone.as_string()).unwrap_or_else(|| "UTC".to_owned())
    }
    #[cfg(feature = "ssr")]
    "UTC".to_owned()
}

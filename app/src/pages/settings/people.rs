//! Who may sign in, and what they may do; for administrators.

use leptos::prelude::*;
use model::{
    ids::UserId,
    people::{Role, User},
};

use super::{ShownOnce, role_choices};
use crate::{
    api::{
        Answer,
        people::{remove_person, reset_password, set_disabled, set_role},
    },
    forms::add_person::AddPersonForm,
    pages::{deed::Deed, parts::loaded},
    text::{common::CommonText, settings::SettingsText},
    ui::{ActionButton, Ago, Badge, Dialog, Kind, Toasts, Tone},
    visit::Visit,
};

/// Id of the dialog that asks before an account is removed.
const REMOVE: &str = "remove-person";

/// What the rows share.
#[derive(Clone, Copy)]
struct Shared {
    data: Resource<Answer<Vec<User>>>,
    deed: Deed,
    /// A code that was just made: whose, and the code.
    code: RwSignal<Option<(String, String)>>,
    /// Whom the dialog asks about.
    leaving: RwSignal<Option<(UserId, String)>>,
}

/// Everybody, with a form to add somebody. Only the table is made anew when the list is read again.
#[component]
pub(super) fn People(
    /// Everybody.
    data: Resource<Answer<Vec<User>>>,
) -> impl IntoView {
    let (text, common, toasts) = (SettingsText::current(), CommonText::current(), Toasts::current());
    let (deed, code) = (Deed::new(), RwSignal::new(None));
    let shared = Shared { data, deed, code, leaving: RwSignal::new(None) };
    let on_added = Callback::new(move |(name, secret): (String, String)| {
        code.set(Some((name, secret)));
        data.refetch();
    });
    let remove = move |_| {
        let Some((id, name)) = shared.leaving.get_untracked() else { return };
        deed.run(remove_person(id), move |()| {
            toasts.say(text.removed(&name));
            data.refetch();
        });
    };
    view! {
        <section class="panel panel-body grid gap-3" aria-labelledby="add">
            <div>
                <h2 id="add" class="section-title">{text.add()}</h2>
                <p class="quiet">{text.add_lede()}</p>
            </div>
            <AddPersonForm on_added />
        </section>
        <div class="contents" aria-live="polite">
            {move || {
                code.get()
                    .map(|(name, secret)| view! {
                        <ShownOnce
                            title=text.code_for(&name)
                            how=text.code_how()
                            secret
                            on_done=Callback::new(move |()| code.set(None))
                        />
                    })
            }}
        </div>
        {deed.trouble(&[])}
        {loaded(data, move |all| table(all, shared))}
        <Dialog id=REMOVE title=text.remove_title()>
            <div class="grid gap-4">
                <p>
                    {move || {
                        shared.leaving.with(|l| l.as_ref().map(|(_, name)| text.remove_text(name)))
                    }}
                </p>
                <div class="flex flex-wrap justify-end gap-2">
                    <button type="button" class=Kind::Secondary.class(false) commandfor=REMOVE command="close">
                        {common.cancel()}
                    </button>
                    <button
                        type="button"
                        class=Kind::Danger.class(false)
                        commandfor=REMOVE
                        command="close"
                        on:click=remove
                    >
                        {common.remove()}
                    </button>
                </div>
            </div>
        </Dialog>
    }
}

fn table(all: Vec<User>, shared: Shared) -> AnyView {
    let text = SettingsText::current();
    let rows = all.into_iter().map(|user| one(user, shared)).collect_view();
    view! {
        <section class="panel" aria-labelledby="people">
            <div class="panel-head">
                <h2 id="people">{text.people()}</h2>
                <p class="panel-aside">{text.people_lede()}</p>
            </div>
            <ul class="border-t border-base-300">{rows}</ul>
        </section>
    }
    .into_any()
}

fn one(user: User, shared: Shared) -> AnyView {
    let (text, common, toasts) = (SettingsText::current(), CommonText::current(), Toasts::current());
    let Shared { data, deed, code, leaving } = shared;
    let User { id, name, role, disabled, has_password, signed_in_ms, .. } = user;
    let name = name.to_string();
    let is_me = Visit::current().person.is_some_and(|me| me.name == name);
    let choose = {
        let (id, name) = (id.clone(), name.clone());
        move |word: String| {
            let Some(wanted) = Role::parse(&word).filter(|wanted| *wanted != role) else { return };
            let name = name.clone();
            deed.run(set_role(id.clone(), wanted), move |()| {
                toasts.say(text.role_changed(&name));
                data.refetch();
            });
        }
    };
    let shown = RwSignal::new(role.as_str().to_owned());
    deed.holds(shown, move || role.as_str().to_owned());
    let options = role_choices(Role::Administrator)
        .into_iter()
        .map(|choice| {
            let selected = choice.value == role.as_str();
            let label = Role::parse(&choice.value).map_or(choice.label, |r| common.role(r).to_owned());
            view! {
                <option value=choice.value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view();
    let switch = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            let name = name.clone();
            deed.run(set_disabled(id.clone(), !disabled), move |()| {
                toasts.say(if disabled { text.is_enabled(&name) } else { text.is_disabled(&name) });
                data.refetch();
            });
        }
    };
    let reset = {
        let (id, name) = (id.clone(), name.clone());
        move || {
            let name = name.clone();
            deed.run(reset_password(id.clone()), move |once| code.set(Some((name, once.secret))));
        }
    };
    let switch_name = if disabled { text.enable_named(&name) } else { text.disable_named(&name) };
    let leaves = (id, name.clone());
    view! {
        <li class="panel-row items-center">
            <div class="min-w-0 grow">
                <p class="flex flex-wrap items-center gap-2">
                    <span class="font-medium">{name.clone()}</span>
                    {is_me.then(|| view! { <Badge text=text.you() tone=Tone::Accent /> })}
                    {disabled.then(|| view! { <Badge text=text.disabled() tone=Tone::Warn /> })}
                    {(!has_password).then(|| view! { <Badge text=text.no_password() /> })}
                </p>
                <p class="quiet small">
                    {text.last_seen()} " "
                    {match signed_in_ms {
                        Some(at_ms) => view! { <Ago at_ms /> }.into_any(),
                        None => common.never().into_any(),
                    }}
                </p>
            </div>
            <select
                class="select select-sm w-40"
                aria-label=text.role_of(&name)
                prop:value=move || shown.get()
                on:change:target=move |event| {
                    let word = event.target().value();
                    shown.set(word.clone());
                    choose(word);
                }
            >
                {options}
            </select>
            <span class="flex flex-wrap gap-1">
                <ActionButton
                    small=true
                    kind=Kind::Quiet
                    label=text.reset()
                    name=text.reset_named(&name)
                    busy=deed.busy()
                    on_press=reset
                />
                <ActionButton
                    small=true
                    kind=Kind::Quiet
                    label=if disabled { text.enable() } else { text.disable() }
                    name=switch_name
                    busy=deed.busy()
                    on_press=switch
                />
                <button
                    type="button"
                    class=Kind::Quiet.class(true)
                    aria-label=common.remove_named(&name)
                    commandfor=REMOVE
                    command="show-modal"
                    on:click=move |_| leaving.set(Some(leaves.clone()))
                >
                    {common.remove()}
                </button>
            </span>
        </li>
    }
    .into_any()
}

//! What can be made to go wrong at a node.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use crate::config::TlsMode;

/// One part of a Harbor as `/health` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// The API server itself.
    Core,
    /// PostgreSQL.
    Database,
    /// Job service.
    Jobservice,
    /// The portal's web server.
    Portal,
    /// Redis; takes the job service with it.
    Redis,
    /// The image registry.
    Registry,
    /// Its controller.
    Registryctl,
}

impl Component {
    /// All, in the order of `/health`.
    pub const ALL: [Self; 7] = [
        Self::Core,
        Self::Database,
        Self::Jobservice,
        Self::Portal,
        Self::Redis,
        Self::Registry,
        Self::Registryctl,
    ];

    /// The name in `/health`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Database => "database",
            Self::Jobservice => "jobservice",
            Self::Portal => "portal",
            Self::Redis => "redis",
            Self::Registry => "registry",
            Self::Registryctl => "registryctl",
        }
    }
}

impl FromStr for Component {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|c| c.name() == text).ok_or_else(|| UnknownFault(text.to_owned()))
    }
}

/// The control port was asked for a fault that does not exist.
#[derive(Clone, Debug, thiserror::Error)]
#[error("there is no fault {0:?}")]
pub struct UnknownFault(pub(crate) String);

/// One fault. Several may be set at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The listener is closed and open connections are cut: connecting is refused.
    Refuse,
    /// Connections are accepted and closed without an answer.
    Drop,
    /// Every answer comes later.
    Slow(Duration),
    /// Connections are accepted and never answered.
    Hang,
    /// Every call is answered 500.
    Status500,
    /// What nginx answers before a dead core.
    BadGateway,
    /// A login page instead of JSON.
    Html,
    /// JSON bodies end in the middle.
    CutJson,
    /// Bodies that never end.
    EndlessBody,
    /// The node's clock is wrong by so many seconds.
    ClockOffset(i64),
    /// Another certificate, on a node that has TLS.
    Certificate(TlsMode),
    /// Read-only mode.
    ReadOnly,
    /// `/health` calls this part unhealthy, and what needs it fails.
    Sick(Component),
    /// This part (database or redis) hangs, and with it whoever asks it.
    Frozen(Component),
}

/// The faults set at a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) refuse: bool,
    pub(crate) drop: bool,
    pub(crate) slow: Option<Duration>,
    pub(crate) hang: bool,
    pub(crate) status_500: bool,
    pub(crate) bad_gateway: bool,
    pub(crate) html: bool,
    pub(crate) cut_json: bool,
    pub(crate) endless: bool,
    pub(crate) clock_offset: i64,
    pub(crate) certificate: Option<TlsMode>,
    pub(crate) read_only: bool,
    pub(crate) sick: BTreeSet<Component>,
    pub(crate) frozen: BTreeSet<Component>,
}

impl Faults {
    pub(crate) fn set(&mut self, fault: &Fault) {
        match *fault {
            Fault::Refuse => self.refuse = true,
            Fault::Drop => self.drop = true,
            Fault::Slow(by) => self.slow = Some(by),
            Fault::Hang => self.hang = true,
            Fault::Status500 => self.status_500 = true,
            Fault::BadGateway => self.bad_gateway = true,
            Fault::Html => self.html = true,
            Fault::CutJson => self.cut_json = true,
            Fault::EndlessBody => self.endless = true,
            Fault::ClockOffset(by) => self.clock_offset = by,
            Fault::Certificate(mode) => self.certificate = Some(mode),
            Fault::ReadOnly => self.read_only = true,
            Fault::Sick(part) => {
                self.sick.insert(part);
            }
            Fault::Frozen(part) => {
                self.frozen.insert(part);
            }
        }
    }

    pub(crate) fn clear(&mut self, fault: &Fault) {
        match fault {
            Fault::Refuse => self.refuse = false,
            Fault::Drop => self.drop = false,
            Fault::Slow(_) => self.slow = None,
            Fault::Hang => self.hang = false,
            Fault::Status500 => self.status_500 = false,
            Fault::BadGateway => self.bad_gateway = false,
            Fault::Html => self.html = false,
            Fault::CutJson => self.cut_json = false,
            Fault::EndlessBody => self.endless = false,
            Fault::ClockOffset(_) => self.clock_offset = 0,
            Fault::Certificate(_) => self.certificate = None,
            Fault::ReadOnly => self.read_only = false,
            Fault::Sick(part) => {
                self.sick.remove(part);
            }
            Fault::Frozen(part) => {
                self.frozen.remove(part);
            }
        }
    }

    /// The part does not work; Redis takes the job service with it.
    pub(crate) fn is_sick(&self, part: Component) -> bool {
        self.sick.contains(&part) || (part == Component::Jobservice && self.sick.contains(&Component::Redis))
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let flags = [
            (self.refuse, "refuse"),
            (self.drop, "drop"),
            (self.hang, "hang"),
            (self.status_500, "500"),
            (self.bad_gateway, "502"),
            (self.html, "html"),
            (self.cut_json, "cut-json"),
            (self.endless, "endless-body"),
            (self.read_only, "read-only"),
        ];
        names.extend(flags.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned()));
        names.extend(self.slow.map(|by| format!("slow:{}", by.as_millis())));
        if self.clock_offset != 0 {
            names.push(format!("clock:{}", self.clock_offset));
        }
        names.extend(self.certificate.map(|mode| format!("certificate:{}", certificate_name(mode))));
        names.extend(self.sick.iter().map(|part| format!("sick:{}", part.name())));
        names.extend(self.frozen.iter().map(|part| format!("frozen:{}", part.name())));
        names
    }
}

fn certificate_name(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::SelfSigned => "self-signed",
        TlsMode::Expired => "expired",
        TlsMode::WrongHost => "wrong-host",
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    /// `refuse`, `slow:200`, `sick:redis`, `clock:-3600`, `certificate:expired` …: the words of the control port.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let number = || value.parse::<i64>().map_err(|_| unknown());
        Ok(match name {
            "refuse" => Self::Refuse,
            "drop" => Self::Drop,
            "slow" => Self::Slow(Duration::from_millis(number()?.unsigned_abs())),
            "hang" => Self::Hang,
            "500" => Self::Status500,
            "502" => Self::BadGateway,
            "html" => Self::Html,
            "cut-json" => Self::CutJson,
            "endless-body" => Self::EndlessBody,
            "clock" => Self::ClockOffset(number()?),
            "certificate" => Self::Certificate(match value {
                "self-signed" => TlsMode::SelfSigned,
                "expired" => TlsMode::Expired,
                "wrong-host" => TlsMode::WrongHost,
                _ => return Err(unknown()),
            }),
            "read-only" => Self::ReadOnly,
            "sick" => Self::Sick(value.parse()?),
            "frozen" => Self::Frozen(value.parse()?),
            _ => return Err(unknown()),
        })
    }
}

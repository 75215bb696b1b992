//! Sentences in both languages.
//!
//! What a person reads about facts that only the server knows (findings, errors, cures, events) is worded
//! where the fact is known, in both languages at once, and travels as a [`Say`]. The browser picks one, so its
//! WebAssembly carries no catalogue of them, and one live event serves every viewer.

use serde::{Deserialize, Serialize};

/// The languages of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Locale {
    /// Both, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The BCP 47 tag for `<html lang>` and `Accept-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// Reads a cookie value or one entry of `Accept-Language`; `None` for a language we do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_', ';']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that we speak; English where there is none.
    pub fn from_accept_language(header: &str) -> Self {
        header.split(',').find_map(Self::from_tag).unwrap_or_default()
    }
}

/// One sentence (or a few words) in English and Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Say {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Say {
    /// A text that is the same in both languages: a name, a version, a number with its unit.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { zh: en.clone(), en }
    }

    /// The text in one language.
    pub fn pick(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::Zh => &self.zh,
        }
    }

    /// The text in one language, by value.
    pub fn into_text(self, locale: Locale) -> String {
        match locale {
            Locale::En => self.en,
            Locale::Zh => self.zh,
        }
    }
}

/// Makes a [`Say`] from two format strings that may capture variables: `say!("{n} nodes", "{n} 个节点")`.
/// Arguments go to both; where they differ by language, English ones stand before a semicolon and Chinese behind:
/// `say!("in {}", "{} 后", wait.en; wait.zh)`.
#[macro_export]
macro_rules! say {
    ($en:literal, $zh:literal $(,)?) => {
        $crate::Say { en: format!($en), zh: format!($zh) }
    };
    ($en:literal, $zh:literal, $($en_arg:expr),+; $($zh_arg:expr),+ $(,)?) => {
        $crate::Say { en: format!($en, $($en_arg),+), zh: format!($zh, $($zh_arg),+) }
    };
    ($en:literal, $zh:literal, $($arg:tt)+) => {
        $crate::Say { en: format!($en, $($arg)+), zh: format!($zh, $($arg)+) }
    };
}

/// A span of time in words with at most two units: "3 h 30 min", "3 小时 30 分".
pub fn duration(ms: i64) -> Say {
    let seconds = ms.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let rest = seconds % 60;
    match (days, hours, minutes) {
        (0, 0, 0) => say!("{rest} s", "{rest} 秒"),
        (0, 0, m) if rest == 0 || m >= 10 => say!("{m} min", "{m} 分钟"),
        (0, 0, m) => say!("{m} min {rest} s", "{m} 分 {rest} 秒"),
        (0, h, 0) => say!("{h} h", "{h} 小时"),
        (0, h, m) => say!("{h} h {m} min", "{h} 小时 {m} 分"),
        (d, 0, _) => say!("{d} d", "{d} 天"),
        (d, h, _) => say!("{d} d {h} h", "{d} 天 {h} 小时"),
    }
}

/// Bytes in binary units with one decimal, as Harbor's portal writes them: "212.4 GiB".
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A whole number with thin spaces between thousands, the same in both languages: "10 482".
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pick_returns_the_language_asked_for() {
        let n = 3;
        let s = say!("{n} nodes", "{n} 个节点");
        assert_eq!(s.pick(Locale::En), "3 nodes");
        assert_eq!(s.pick(Locale::Zh), "3 个节点");
        let wait = duration(60_000);
        assert_eq!(say!("in {}", "{}后", wait.en; wait.zh).zh, "1 分钟后");
    }

    #[test]
    fn from_accept_language_takes_the_first_we_speak() {
        assert_eq!(Locale::from_accept_language("fr;q=0.9, zh-TW;q=0.8, en"), Locale::Zh);
        assert_eq!(Locale::from_accept_language("de"), Locale::En);
    }

    #[test]
    fn duration_uses_two_units_at_most() {
        assert_eq!(duration(4_000).en, "4 s");
        assert_eq!(duration(12_600_000).en, "3 h 30 min");
        assert_eq!(duration(90_000).zh, "1 分 30 秒");
        assert_eq!(duration(3 * 86_400_000).en, "3 d");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(count(10_482), "10\u{202f}482");
        assert_eq!(count(999), "999");
        assert_eq!(bytes(1536), "1.5 KiB");
    }
}

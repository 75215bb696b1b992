//! English and Chinese, side by side: one file per route. The two texts of a label stand on one line, so none can
//! be missing; a test looks for empty ones, for English left in Chinese, and for placeholders that differ.

/// Makes a catalogue: a copyable struct around the locale with one method per text. Texts with arguments are
/// format strings that capture them by name.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident {
        $($key:ident $(($($arg:ident: $ty:ty),+))? : $en:literal, $zh:literal;)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name(pub(crate) model::Locale);

        impl $name {
            /// In the language of this page.
            pub(crate) fn current() -> Self {
                Self($crate::visit::locale())
            }

            $($crate::text::texts!(@one $key $(($($arg: $ty),+))? $en, $zh);)+

            #[cfg(test)]
            pub(crate) const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $en, $zh)),+];
        }
    };
    (@one $key:ident $en:literal, $zh:literal) => {
        pub(crate) fn $key(self) -> &'static str {
            match self.0 {
                model::Locale::En => $en,
                model::Locale::Zh => $zh,
            }
        }
    };
    (@one $key:ident ($($arg:ident: $ty:ty),+) $en:literal, $zh:literal) => {
        pub(crate) fn $key(self, $($arg: $ty),+) -> String {
            match self.0 {
                model::Locale::En => format!($en),
                model::Locale::Zh => format!($zh),
            }
        }
    };
}
pub(crate) use texts;

pub(crate) mod activity;
pub(crate) mod apply;
pub(crate) mod board;
pub(crate) mod checks;
pub(crate) mod cluster;
pub(crate) mod clusters;
pub(crate) mod common;
pub(crate) mod drift;
pub(crate) mod endpoints;
pub(crate) mod entrance;
pub(crate) mod node;
pub(crate) mod nodes;
pub(crate) mod review;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod status_pages;
pub(crate) mod topology;
pub(crate) mod unreplicated;
pub(crate) mod wizard;

#[cfg(test)]
mod tests {
    /// Key, English, Chinese.
    type Label = (&'static str, &'static str, &'static str);

    const CATALOGUES: &[(&str, &[Label])] = &[
        ("activity", super::activity::ActivityText::ALL),
        ("apply", super::apply::ApplyText::ALL),
        ("board", super::board::BoardText::ALL),
        ("checks", super::checks::ChecksText::ALL),
        ("cluster", super::cluster::ClusterText::ALL),
        ("clusters", super::clusters::ClustersText::ALL),
        ("common", super::common::CommonText::ALL),
        ("drift", super::drift::DriftText::ALL),
        ("endpoints", super::endpoints::EndpointsText::ALL),
        ("entrance", super::entrance::EntranceText::ALL),
        ("node", super::node::NodeText::ALL),
        ("nodes", super::nodes::NodesText::ALL),
        ("review", super::review::ReviewText::ALL),
        ("rules", super::rules::RulesText::ALL),
        ("run", super::run::RunText::ALL),
        ("runs", super::runs::RunsText::ALL),
        ("settings", super::settings::SettingsText::ALL),
        ("status_pages", super::status_pages::StatusPagesText::ALL),
        ("topology", super::topology::TopologyText::ALL),
        ("unreplicated", super::unreplicated::UnreplicatedText::ALL),
        ("wizard", super::wizard::WizardText::ALL),
    ];

    /// Words that stay in Latin letters in a Chinese text: names, protocols, Harbor's own words.
    const LATIN: &[&str] = &[
        "API",
        "Breakwater",
        "CA",
        "Ceph",
        "DELETE",
        "DNS",
        "EN",
        "GET",
        "GiB",
        "Harbor",
        "Harbors",
        "HTTP",
        "HTTPS",
        "ID",
        "IP",
        "JSON",
        "Kbps",
        "NFS",
        "PATCH",
        "PEM",
        "POST",
        "PUT",
        "PostgreSQL",
        "Redis",
        "S3",
        "SHA",
        "Swift",
        "TCP",
        "TLS",
        "UTC",
        "cron",
        "https",
        "http",
        "ms",
        "robot",
        "s",
        "A",
        "B",
        "C",
        "D",
        "HQ",
        "CVE",
        "v2",
        "harbor",
        "example",
        "cn",
        "com",
        "BEGIN",
        "CERTIFICATE",
        "VIP",
        "admin",
        "https://",
        "override",
        "hub",
        "SSE",
        "YAML",
        "YES",
        "OK",
        "min",
        "set",
        "up",
        "code",
        "setup",
        "IANA",
        "JPEG",
        "KiB",
        "Markdown",
        "PNG",
        "Statuspage",
        "SVG",
        "WebP",
    ];

    fn without_placeholders(text: &str) -> String {
        let mut out = String::new();
        let mut depth = 0;
        for c in text.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 0 => out.push(c),
                _ => {}
            }
        }
        out
    }

    fn placeholders(text: &str) -> Vec<String> {
        let mut found: Vec<String> =
            text.split('{').skip(1).filter_map(|p| p.split(['}', ':']).next()).map(str::to_owned).collect();
        found.sort();
        found
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        let mut faults = Vec::new();
        let mut seen = 0;
        for (catalogue, texts) in CATALOGUES {
            for (key, en, zh) in *texts {
                seen += 1;
                if en.trim().is_empty() || zh.trim().is_empty() {
                    faults.push(format!("{catalogue}.{key}: empty"));
                }
                if en.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && *key != "language_name" {
                    faults.push(format!("{catalogue}.{key}: Chinese in English"));
                }
                let bare = without_placeholders(zh);
                let left: Vec<&str> = bare
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .filter(|w| w.chars().any(|c| c.is_ascii_alphabetic()) && !LATIN.contains(w))
                    .collect();
                if !left.is_empty() {
                    faults.push(format!("{catalogue}.{key}: English in Chinese: {left:?}"));
                }
                if placeholders(en) != placeholders(zh) {
                    faults.push(format!("{catalogue}.{key}: placeholders differ"));
                }
            }
        }
        assert!(seen > 100, "only {seen} texts were looked at");
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn the_judgement_finds_what_it_looks_for() {
        assert_eq!(placeholders("{a} of {b:?}"), placeholders("{b} 中 {a}"));
        assert_ne!(placeholders("{a}"), placeholders("甲"));
        assert!(without_placeholders("{word} 个").trim() == "个");
    }
}

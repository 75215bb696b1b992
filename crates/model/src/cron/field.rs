//! One field of a cron: a set of numbers, read as robfig/cron v3 reads it.

/// Which of the six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldName {
    /// 0–59.
    Second,
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// Day of the month, 1–31.
    Day,
    /// 1–12 or `JAN`–`DEC`.
    Month,
    /// Day of the week, 0–6 or `SUN`–`SAT`; 7 is not Sunday.
    Weekday,
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl FieldName {
    /// The field in English.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "seconds",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::Day => "days of the month",
            Self::Month => "months",
            Self::Weekday => "weekdays",
        }
    }

    pub(super) fn bounds(self) -> (u32, u32) {
        match self {
            Self::Second | Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 6),
        }
    }

    fn number(self, text: &str) -> Option<u32> {
        let by_name = |names: &[&str], first: usize| {
            names
                .iter()
                .position(|n| text.eq_ignore_ascii_case(n))
                .and_then(|i| u32::try_from(i + first).ok())
        };
        let named = match self {
            Self::Month => by_name(&MONTHS, 1),
            Self::Weekday => by_name(&WEEKDAYS, 0),
            _ => None,
        };
        named.or_else(|| text.parse().ok())
    }
}

/// The numbers of one field, as bits, and whether it was a plain `*` or `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    name: FieldName,
    bits: u64,
    star: bool,
}

impl Field {
    /// Reads lists, ranges, steps, names, `*` and `?`. Empty parts of a list are skipped, and what follows `*-`
    /// is ignored: so does Harbor's parser.
    pub(super) fn parse(name: FieldName, text: &str) -> Option<Self> {
        let mut field = Self { name, bits: 0, star: false };
        for part in text.split(',').filter(|p| !p.is_empty()) {
            field.add(part)?;
        }
        // A list of commas alone leaves an empty set, which never comes true.
        (field.bits != 0).then_some(field)
    }

    fn add(&mut self, part: &str) -> Option<()> {
        let (min, max) = self.name.bounds();
        let mut halves = part.split('/');
        let range: Vec<&str> = halves.next()?.split('-').collect();
        let (step, stepped) = match (halves.next(), halves.next()) {
            (None, _) => (1, false),
            (Some(s), None) => (s.parse::<u32>().ok()?, true),
            _ => return None,
        };
        let star = matches!(range.first(), Some(&("*" | "?")));
        let (low, high) = match range[..] {
            _ if star => (min, max),
            [one] => {
                let low = self.name.number(one)?;
                (low, if stepped { max } else { low })
            }
            [low, high] => (self.name.number(low)?, self.name.number(high)?),
            _ => return None,
        };
        if low < min || high > max || low > high || step == 0 {
            return None;
        }
        self.star |= star && step == 1;
        // A step beyond the range takes the first value alone.
        for value in (low..=high).step_by(step as usize) {
            self.bits |= 1 << value;
        }
        Some(())
    }

    /// A field of just these values.
    pub(super) fn of(name: FieldName, values: impl Iterator<Item = u32>) -> Self {
        Self { name, bits: values.fold(0, |bits, v| bits | 1 << v), star: false }
    }

    pub(super) fn has(&self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    pub(super) fn is_star(&self) -> bool {
        self.star
    }

    pub(super) fn is_full(&self) -> bool {
        let (min, max) = self.name.bounds();
        (min..=max).all(|v| self.has(v))
    }

    pub(super) fn values(&self) -> impl Iterator<Item = u32> + '_ {
        (0..64).filter(|v| self.has(*v))
    }

    /// A short writing of the set: `*`, `7`, `3-59/10` or a list.
    pub(super) fn text(&self) -> String {
        let (min, max) = self.name.bounds();
        let values: Vec<u32> = self.values().collect();
        if self.is_full() {
            // `*` alone is refused for minutes from 2.9.
            return if self.name == FieldName::Minute { "*/1".to_owned() } else { "*".to_owned() };
        }
        if let [first, second, .., last] = values[..] {
            let step = second - first;
            let even = values.windows(2).all(|w| w[1] - w[0] == step);
            if even && first < min + step && last + step > max {
                return if first == min { format!("*/{step}") } else { format!("{first}-{max}/{step}") };
            }
        }
        values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
    }
}

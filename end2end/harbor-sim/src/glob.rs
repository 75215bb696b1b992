//! Doublestar patterns, as filters of rules and of immutability use them.

/// True when `pattern` matches the whole of `text`. `*` stops at `/`, `**` alone between slashes does not,
/// `{a,b}` are choices. A broken pattern matches nothing.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some(all) = choices(pattern) else { return false };
    let parts: Vec<&str> = text.split('/').collect();
    all.iter().any(|p| segments(&p.split('/').collect::<Vec<_>>(), &parts))
}

/// A pattern with `{a,b}` replaced by its choices; `None` when it is broken.
pub(crate) fn choices(pattern: &str) -> Option<Vec<String>> {
    let Some(open) = pattern.find('{') else { return Some(vec![pattern.to_owned()]) };
    let mut depth = 0;
    let mut cuts = vec![open];
    let mut close = None;
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => cuts.push(at),
            _ => {}
        }
        if depth == 0 {
            close = Some(at);
            break;
        }
    }
    let close = close?;
    cuts.push(close);
    let mut all = Vec::new();
    for pair in cuts.windows(2) {
        let choice = &pattern[pair[0] + 1..pair[1]];
        all.extend(choices(&format!("{}{choice}{}", &pattern[..open], &pattern[close + 1..]))?);
    }
    Some(all)
}

fn segments(pattern: &[&str], text: &[&str]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        // At the end it stands for one part or more.
        Some((&"**", [])) => !text.is_empty(),
        Some((&"**", rest)) => (0..text.len()).any(|skip| segments(rest, &text[skip..])),
        Some((first, rest)) => {
            let Some((head, tail)) = text.split_first() else { return false };
            let pattern: Vec<char> = first.chars().collect();
            let head: Vec<char> = head.chars().collect();
            one(&pattern, &head) && segments(rest, tail)
        }
    }
}

fn one(pattern: &[char], text: &[char]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return text.is_empty() };
    match first {
        '*' => (0..=text.len()).any(|skip| one(rest, &text[skip..])),
        '?' => !text.is_empty() && one(rest, &text[1..]),
        '[' => {
            let Some(end) = rest.iter().position(|c| *c == ']') else { return false };
            let (class, after) = (&rest[..end], &rest[end + 1..]);
            let Some((head, tail)) = text.split_first() else { return false };
            in_class(class, *head) && one(after, tail)
        }
        c => text.first() == Some(c) && one(rest, &text[1..]),
    }
}

fn in_class(class: &[char], c: char) -> bool {
    let (negated, class) = match class.first() {
        Some('^' | '!') => (true, &class[1..]),
        _ => (false, class),
    };
    let mut found = false;
    let mut at = 0;
    while at < class.len() {
        if at + 2 < class.len() && class[at + 1] == '-' {
            found |= (class[at]..=class[at + 2]).contains(&c);
            at += 3;
        } else {
            found |= class[at] == c;
            at += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_as_recorded() {
        for (pattern, text, expected) in [
            ("p/**", "p/a", true),
            ("p/**", "p/deep/b", true),
            ("p/*", "p/a", true),
            ("p/*", "p/deep/b", false),
            ("p", "p/a", false),
            ("p**", "p/a", false),
            ("P/**", "p/a", false),
            ("**", "p/deep/b", true),
            ("**/c", "q/deep/c", true),
            ("p/a/**", "p/a", false),
            ("p/**/a", "p/a", true),
            ("p/**/**", "p/a", true),
            ("{p,q}/**", "q/a", true),
            ("p*/**", "pq/a", true),
            ("a[/**", "a/b", false),
            ("{shop/cart,newp/z}", "newp/z", true),
            ("{latest,v2}", "v2", true),
            ("v*", "v1", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}

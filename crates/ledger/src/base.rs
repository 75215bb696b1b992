//! The base in the database: few bytes per tag, since a registry has many.
//!
//! A byte with the number of the format; then each tag as the length of its name, the name, 32 bytes of digest and
//! 4 bytes of time; a zero; then the untagged digests. A tag's name has 1 to 128 bytes (the registry's own rule).

use model::{
    Digest,
    drift::{Base, BaseTag},
};

const FORMAT: u8 = 1;

/// The base as bytes; nothing for an empty one.
pub(crate) fn encode(base: &Base) -> Vec<u8> {
    if base.tags.is_empty() && base.untagged.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(2 + base.tags.len() * 48 + base.untagged.len() * 32);
    out.push(FORMAT);
    for tag in &base.tags {
        // A longer name cannot be, and a tag without base is only asked about.
        let Some(length) = u8::try_from(tag.name.len()).ok().filter(|n| *n > 0) else { continue };
        out.push(length);
        out.extend_from_slice(tag.name.as_bytes());
        out.extend_from_slice(tag.digest.bytes());
        out.extend_from_slice(&tag.since_s.to_be_bytes());
    }
    out.push(0);
    base.untagged.iter().for_each(|digest| out.extend_from_slice(digest.bytes()));
    out
}

/// The base that bytes hold; `None` for what was not written by [`encode`].
pub(crate) fn decode(bytes: &[u8]) -> Option<Base> {
    let mut base = Base::default();
    let Some((format, mut rest)) = bytes.split_first() else { return Some(base) };
    if *format != FORMAT {
        return None;
    }
    loop {
        let (length, after) = rest.split_first()?;
        rest = after;
        if *length == 0 {
            break;
        }
        let (name, after) = rest.split_at_checked(usize::from(*length))?;
        let (digest, after) = after.split_first_chunk::<32>()?;
        let (since, after) = after.split_first_chunk::<4>()?;
        base.tags.push(BaseTag {
            name: std::str::from_utf8(name).ok()?.into(),
            digest: Digest::from_bytes(*digest),
            since_s: u32::from_be_bytes(*since),
        });
        rest = after;
    }
    let (digests, cut) = rest.as_chunks::<32>();
    base.untagged.extend(digests.iter().map(|bytes| Digest::from_bytes(*bytes)));
    cut.is_empty().then_some(base)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decode_reads_back_what_encode_wrote(
            tags in proptest::collection::btree_map("[a-z0-9._-]{1,128}", (any::<[u8; 32]>(), any::<u32>()), 0..8),
            untagged in proptest::collection::btree_set(any::<[u8; 32]>(), 0..8),
            noise in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let base = Base {
                tags: tags.into_iter().map(|(name, (digest, since_s))| BaseTag {
                    name: name.into(), digest: Digest::from_bytes(digest), since_s,
                }).collect(),
                untagged: untagged.into_iter().map(Digest::from_bytes).collect(),
            };
            prop_assert_eq!(decode(&encode(&base)), Some(base));
            // Anything else is refused or read, and never a panic.
            let _ = decode(&noise);
        }
    }
}

//! What is ready to be sent.

use std::{
    hash::{DefaultHasher, Hasher},
    io::Write,
    sync::OnceLock,
};

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use model::ids::PageId;

use crate::{
    html::{self, For},
    pieces::{self, Badge},
    view::View,
};

/// What can be asked of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// The page itself.
    Page,
    /// A few lines for another site's frame.
    Widget,
    /// The feed of state changes.
    Atom,
    /// The state in the shape of Statuspage's summary.
    Summary,
    /// A badge: does it work?
    StateBadge,
    /// A badge: are the copies equal?
    FreshnessBadge,
    /// A badge: how much of 90 days did it work?
    UptimeBadge,
    /// A picture for link previews.
    Picture,
}

impl Piece {
    /// Reads what stands behind a page's address; `None` where there is nothing of that name.
    pub fn parse(path: &str) -> Option<Self> {
        Some(match path {
            "" => Self::Page,
            "widget" => Self::Widget,
            "feed.atom" => Self::Atom,
            "summary.json" | "api/v2/summary.json" => Self::Summary,
            "badge/state.svg" => Self::StateBadge,
            "badge/freshness.svg" => Self::FreshnessBadge,
            "badge/uptime.svg" => Self::UptimeBadge,
            "picture.png" => Self::Picture,
            _ => return None,
        })
    }

    /// Its type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Page | Self::Widget => "text/html; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Summary => "application/json",
            Self::StateBadge | Self::FreshnessBadge | Self::UptimeBadge => "image/svg+xml; charset=utf-8",
            Self::Picture => "image/png",
        }
    }
}

/// A piece, ready to be sent. It is compressed when somebody first wants it so.
#[derive(Debug)]
pub struct Rendered {
    /// As it is.
    pub plain: Bytes,
    /// Names the content, as a weak tag: equal names, equal bytes.
    pub etag: String,
    /// It is compressed already.
    is_packed: bool,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Rendered {
    pub(crate) fn of(view: &View, page: &PageId, piece: Piece, reader: &For, now_ms: i64) -> Self {
        let plain = drawn(view, page, piece, reader, now_ms).into();
        Self { is_packed: piece == Piece::Picture, ..Self::text(plain) }
    }

    /// A text.
    pub(crate) fn text(plain: Bytes) -> Self {
        let etag = etag(&plain);
        Self { plain, etag, is_packed: false, brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// The same in brotli; `None` for what is compressed already.
    pub fn brotli(&self) -> Option<&Bytes> {
        self.packed(&self.brotli, brotli)
    }

    /// The same for who speaks no brotli: browsers do so over https only.
    pub fn gzip(&self) -> Option<&Bytes> {
        self.packed(&self.gzip, gzip)
    }

    fn packed<'a>(&self, kept: &'a OnceLock<Bytes>, pack: fn(&[u8]) -> Bytes) -> Option<&'a Bytes> {
        if self.is_packed {
            return None;
        }
        Some(kept.get_or_init(|| pack(&self.plain))).filter(|bytes| !bytes.is_empty())
    }
}

/// A piece as it is.
pub(crate) fn drawn(view: &View, page: &PageId, piece: Piece, reader: &For, now_ms: i64) -> Vec<u8> {
    let badge = |badge| pieces::badge(view, badge, reader.locale);
    let text = match piece {
        Piece::Page => html::page(view, reader, now_ms),
        Piece::Widget => html::widget(view, reader, now_ms),
        Piece::Atom => pieces::atom(view, page, reader, now_ms),
        Piece::Summary => pieces::summary(view, page, reader, now_ms),
        Piece::StateBadge => badge(Badge::State),
        Piece::FreshnessBadge => badge(Badge::Freshness),
        Piece::UptimeBadge => badge(Badge::Uptime),
        Piece::Picture => return pieces::picture(view).unwrap_or_default(),
    };
    text.into_bytes()
}

fn etag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// A level that costs a fraction of a millisecond, and a window that no page outgrows: a larger one is cleared each time.
fn brotli(text: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(text.len() / 4);
    let parameters =
        BrotliEncoderParams { quality: 5, lgwin: 18, size_hint: text.len(), ..Default::default() };
    match brotli::BrotliCompress(&mut &text[..], &mut out, &parameters) {
        Ok(_) => out.into(),
        Err(_) => Bytes::new(),
    }
}

fn gzip(text: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 4), Compression::default());
    match encoder.write_all(text).and_then(|()| encoder.finish()) {
        Ok(out) => out.into(),
        Err(_) => Bytes::new(),
    }
}

//! Status pages: what a team shows of its clusters to people who do not log in.
//!
//! [`Pages`] is the one service: it keeps every page ready in memory, so that readers cost the database nothing and a
//! page is there while it is away. What a page shows is put together in one place ([`view`]) from what `watch` and
//! `clusters` say, under the names that its settings give; HTML, feed, summary, badges and picture are all rendered
//! from that and see nothing else.

pub mod assets;
mod facts;
mod html;
mod judge;
mod links;
mod live;
mod markdown;
mod pieces;
mod qr;
mod rendered;
#[cfg(any(test, feature = "testing"))]
pub mod sample;
mod service;
mod shown;
mod stream;
#[cfg(test)]
mod tests;
mod view;
mod words;

use model::AppError;

pub use html::{Refused, door};
pub use live::Live;
pub use rendered::{Piece, Rendered};
pub use service::Pages;
pub use shown::{Found, Reader};
pub use stream::PageStream;

/// What every call of this crate returns.
pub type Answered<T> = Result<T, AppError>;

/// Lower-case hexadecimal SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;

    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

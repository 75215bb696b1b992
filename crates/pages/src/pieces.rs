//! What a page gives to programs and other sites: a feed, a summary, badges and a picture.

mod atom;
mod badge;
mod picture;
mod summary;

pub(crate) use atom::atom;
pub(crate) use badge::{Badge, badge};
pub(crate) use picture::picture;
pub(crate) use summary::summary;

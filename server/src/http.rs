//! What stands between the socket and the handlers.

pub(crate) mod address;
pub(crate) mod headers;
pub(crate) mod identity;
pub(crate) mod refuse;

//! A typed client for one Harbor, 2.8 to 2.16.
//!
//! One [`Harbor`] per node, cheap to clone. Every request goes through one way out that knows the call from the
//! [`inventory`]: its time and body limits, whether it may be tried again, what it answers. Cookies are off, a
//! wrong password is tried once, nothing is sent to another host, and every answer is judged before it is read:
//! what can go wrong has a name in [`HarborError`].
//!
//! It knows no database and no web framework. A call ends when its future is dropped.

pub mod api;
pub mod certificate;
mod encode;
pub mod error;
mod handle;
pub mod inventory;
mod masked;
pub mod oci;
mod outside;
pub mod query;
mod send;
mod serial;
mod tls;

pub use error::{HarborError, TlsFault};
pub use handle::{Credential, Harbor, Limits};
pub use inventory::Call;
pub use masked::masked;
pub use model::{NodeAddress, spec::TlsChoice};
pub use outside::Outside;
pub use query::{List, Page, Q};

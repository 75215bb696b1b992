//! The client against small servers that answer whatever a test wants.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod calls;
mod credentials;
mod faults;
mod server;
mod tls;

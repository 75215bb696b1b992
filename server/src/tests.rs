//! The whole router, in one process with the test.
#![allow(clippy::unwrap_used, reason = "a test's helper fails its test where a test would")]

mod bad_days;
mod console;
mod events;
mod pages;
mod proxy;
mod rest;
mod roles;
mod security;
mod status_pages;

//! From facts to what readers see.

mod leaks;
mod states;

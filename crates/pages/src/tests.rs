//! Of facts, what becomes of them for readers.

mod leaks;
mod states;

//! How many times a second a status page is put together, rendered and compressed anew, on all cores. `make bench` runs
//! it with the page that the tests show: two nodes, both ways, ninety days.
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::{available_parallelism, scope},
    time::{Duration, Instant},
};

/// For so long.
const TIME: Duration = Duration::from_secs(5);

fn main() {
    let cores = available_parallelism().map_or(1, usize::from);
    let (end, all) = (Instant::now() + TIME, AtomicU64::new(0));
    let mut bytes = 0;
    scope(|scope| {
        for _ in 1..cores {
            scope.spawn(|| {
                while Instant::now() < end {
                    pages::sample::render();
                    all.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while Instant::now() < end {
            bytes = pages::sample::render();
            all.fetch_add(1, Ordering::Relaxed);
        }
    });
    let each = all.load(Ordering::Relaxed) / TIME.as_secs();
    println!("rendered {each}/s on {cores} cores, {bytes} bytes of HTML");
}

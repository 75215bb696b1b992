//! How many times a second a status page is put together and rendered anew, and how many times compressed as well, on all
//! cores. `make bench` runs it with the page that the tests show: two nodes, both ways, ninety days.
#![expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread::{available_parallelism, scope},
    time::{Duration, Instant},
};

use pages::{Rendered, sample::Sample};

/// Each for so long.
const TIME: Duration = Duration::from_secs(5);

fn main() {
    let sample = Sample::default();
    let page = sample.render();
    let (plain, packed) = (page.plain.len(), page.brotli().map_or(0, |bytes| bytes.len()));
    println!("rendered {}/s, {plain} bytes", each_second(&sample, |_| ()));
    println!("compressed {}/s, {packed} bytes", each_second(&sample, |page| _ = page.brotli()));
}

fn each_second(sample: &Sample, then: impl Fn(&Rendered) + Sync) -> u64 {
    let (end, all) = (Instant::now() + TIME, AtomicU64::new(0));
    scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while Instant::now() < end {
                    then(&sample.render());
                    all.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    all.load(Ordering::Relaxed) / TIME.as_secs()
}

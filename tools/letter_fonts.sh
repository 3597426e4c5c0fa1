#!/usr/bin/env bash
# The face of official letters. They are printed in another without it, so nothing fails here.
set -euo pipefail
source "$(dirname "$0")/letter_face.sh"
has_letter_face && exit 0
command -v apt-get >/dev/null || exit 0
package=$(letter_face_package)
if [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && exit 0
fi
echo "Letters are printed in another face without Liberation Serif: apt-get install $package"

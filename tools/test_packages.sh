#!/usr/bin/env bash
# The Debian packages the tests drive. Installing needs root: we try, and say plainly what is missing.
set -euo pipefail
source "$(dirname "$0")/letter_face.sh"
missing=()
need() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need chromium chromium
need firefox-esr firefox-esr
need redis-server redis-server
need promtool prometheus
need ip iproute2
need nft nftables
need turnserver coturn
need dovecot dovecot-imapd # keeps the mail that comes back; seen with 2.3.19
need pdftotext poppler-utils
need qpdf qpdf
has_letter_face || missing+=("$(letter_face_package)")
need khal khal # a calendar of other people's making
need cc gcc
.venv/bin/python -c 'import pathlib, sysconfig
raise SystemExit(not pathlib.Path(sysconfig.get_paths()["include"], "Python.h").exists())' || missing+=(python3-dev)
# GStreamer stands for a room's encoder or projector; Debian's own Python drives it.
/usr/bin/python3 -c 'import gi
for name in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(name, "1.0")
from gi.repository import Gst
Gst.init(None)
needed = ("webrtcbin", "nicesrc", "dtlsenc", "srtpenc", "vp8enc", "rtpvp8pay", "opusenc")
raise SystemExit(not all(map(Gst.ElementFactory.find, needed)))' 2>/dev/null ||
    missing+=(python3-gst-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice gstreamer1.0-plugins-{base,good,bad})
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    if [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
        echo "Please run as root, then try again: apt-get install -y --no-install-recommends ${missing[*]}"
        exit 1
    fi
    echo "The tests need these Debian packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    # Which package has the face is known only now on a machine that has never asked.
    missing=("${missing[@]/#fonts-liberation*/$(letter_face_package)}")
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ "$(id -u)" != 0 ]; then
    echo "Note: the test that cuts a site's network makes a network namespace, which needs root."
fi

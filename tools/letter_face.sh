# To be sourced: the face of letters, as confhub/letters/typeset.py looks for it.
FONTS=${FONTS:-/usr/share/fonts}

# Whether a whole Liberation Serif is there: version 1, of the same name, lacks half of Vietnamese.
has_letter_face() {
    local face
    for face in "$FONTS"/{truetype/liberation2,truetype/liberation,liberation-serif-fonts}/LiberationSerif-Regular.ttf; do
        if [ -f "$face" ] && ! LC_ALL=C grep -aqP 'V\x00e\x00r\x00s\x00i\x00o\x00n\x00 \x001\x00\.\x000' "$face"; then
            return 0
        fi
    done
    return 1
}

# Debian's package of it: `fonts-liberation` is version 1 up to Debian 12, and version 2 from 13 on.
letter_face_package() {
    if apt-cache madison fonts-liberation 2>/dev/null | grep -q '| *1:2'; then
        echo fonts-liberation
    else
        echo fonts-liberation2
    fi
}

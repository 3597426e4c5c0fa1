"""Sets one document and ends: a process of its own, so that it can be given a time and no more.

`python typeset.py NAME STANDARD MADE_AT`, the data as JSON on standard input; the PDF comes out.
Run by its path: what it imports is read anew for each document.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Literal

import typst

Standard = Literal["a-2b", "1.7"]

# Where Linux distributions put Liberation Serif.
FOLDERS = (
    "/usr/share/fonts/truetype/liberation2",  # Debian 12
    "/usr/share/fonts/truetype/liberation",  # Debian 13
    "/usr/share/fonts/liberation-serif-fonts",
)
# Liberation 1 lacks half of Vietnamese, and stands under the same name.
OLD = "Version 1.0".encode("utf-16-be")
# A sheet for each site of a large meeting takes a quarter of it.
MOST_MEMORY = 2 * 1024**3
MOST_CPU_S = 60


def fonts() -> list[str]:
    """The folder of a whole Liberation Serif; without one, typst has a face of its own that has all
    letters of Vietnamese too."""
    for folder in FOLDERS:
        face = Path(folder, "LiberationSerif-Regular.ttf")
        if face.is_file() and OLD not in face.read_bytes():
            return [folder]
    return []


def main(name: str, standard: Standard, made_at: int) -> None:
    os.nice(5)  # behind the sound of meetings, yet at a third of their weight
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    data = sys.stdin.buffer.read().decode()
    pdf = typst.compile(
        str(Path(__file__).with_name(f"{name}.typ")),
        root=str(Path(__file__).parent),
        format="pdf",
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=standard,
        timestamp=made_at,
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main(sys.argv[1], "1.7" if sys.argv[2] == "1.7" else "a-2b", int(sys.argv[3]))

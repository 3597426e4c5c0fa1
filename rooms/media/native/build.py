"""Compile the forwarding core: `python -m rooms.media.native.build`.

Needs a C compiler and Python's headers (Debian: gcc python3-dev). A hub without the compiled
core forwards in Python, with the same result and several times the work.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from cffi import FFI

from rooms.media.native import digest

HERE = Path(__file__).resolve().parent
MODULE = "_core"
# -O3 unrolls the loop over receivers; the rest is what warnings are for.
# Sums of delays must come out as Python's, whatever the processor can do in one step.
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-O3", "-ffp-contract=off", "-fwrapv", "-fPIC")
WARNINGS = ("-shared", "-Wall", "-Wextra", "-Wno-unused-parameter")
COMPILE_TIMEOUT_S = 120


class CannotBuild(Exception):
    """No compiler or headers here, or they refused; the text says which."""


def build(folder: Path = HERE, extra: tuple[str, ...] = ()) -> Path:
    """Compile into `folder`; returns the module's path. `extra` are more compiler flags."""
    compiler = shlex.split(os.environ.get("CC", "")) or [shutil.which("cc") or ""]
    headers = Path(sysconfig.get_paths()["include"])
    if not compiler[0]:
        raise CannotBuild("no C compiler (Debian: apt install gcc)")
    if not (headers / "Python.h").exists():
        raise CannotBuild(f"no Python.h in {headers} (Debian: apt install python3-dev)")
    target = folder / f"{MODULE}{sysconfig.get_config_var('EXT_SUFFIX')}"
    with tempfile.TemporaryDirectory() as work:
        glue = Path(work) / f"{MODULE}.c"
        made = Path(work) / target.name
        with contextlib.redirect_stdout(None):  # cffi tells what it writes
            _declarations().emit_c_code(str(glue))
        include = [f"-I{headers}", f"-I{HERE}"]
        sources = [str(glue), *map(str, sorted(HERE.glob("*.c")))]
        command = [*compiler, *FLAGS, *WARNINGS, *extra, *include, *sources]
        done = subprocess.run(  # noqa: S603 - the compiler of whoever installs
            [*command, "-o", str(made), "-lm"],
            capture_output=True,
            text=True,
            timeout=COMPILE_TIMEOUT_S,
        )
        if done.returncode:
            raise CannotBuild(done.stderr)
        shutil.copyfile(made, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)  # a running hub keeps the old file
    return target


def _declarations() -> FFI:
    ffi, header = FFI(), (HERE / "core.h").read_text("utf-8")
    ffi.cdef(f"{header}\nconst char *core_digest(void);\n")
    said = f'static const char *core_digest(void) {{ return "{digest(header)}"; }}'
    ffi.set_source(MODULE, f'#include <stdint.h>\n#include "core.h"\n{said}\n')
    return ffi


def main() -> int:
    try:
        build()
    except CannotBuild as error:
        print(f"The forwarding core was not compiled: {error}", file=sys.stderr)
        print("The hub forwards in Python instead, at several times the work.", file=sys.stderr)
        return 1
    print("The forwarding core is compiled.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

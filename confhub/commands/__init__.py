"""The command line: one table of commands, each in its own module.

`run` reads settings (file, environment, options, in this order of rising weight), calls the
command and turns a ConfhubError into a message and exit code 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from confhub.commands.parser import Parser, TellVersion
from confhub.config import Settings, read_settings, with_values
from confhub.errors import BadInput, ConfhubError, Conflict, FieldErrors

INTERRUPTED = 130  # what shells expect after Ctrl+C: 128 + SIGINT
FAILED = 1
# EX_CONFIG of sysexits.h: a service that is started again as it is fails in the same way.
MISCONFIGURED = 78

Handler = Callable[[Settings, argparse.Namespace], int]
# What the first word of a command with two is about.
_GROUPS = {
    "unit": "đơn vị",
    "site": "điểm cầu",
    "user": "tài khoản",
    "key": "khóa",
    "audit": "nhật ký thao tác",
}
# The modules of commands by the first word of these. Only what a line needs is loaded: a hub that
# serves is three processes, each of which would start half a second later, with 50 MB more.
MODULES = {
    "migrate": ("migration",),
    "key": ("key",),
    "restart": ("restart",),
    "demo": ("demonstration",),
    "unit": ("unit",),
    "site": ("unit",),
    "user": ("user", "grant"),
    "audit": ("audit",),
    "backup": ("backup",),
    "doctor": ("doctor",),
    "restore": ("backup",),
}
_OPTIONS_BEFORE = ("--config", "--data-dir")
_EXAMPLES = """\
ví dụ:
  confhub demo                    nạp tỉnh mẫu để dùng thử
  confhub serve                   chạy máy chủ, chỉ cho máy này
  confhub serve --tls lab         chạy máy chủ cho cả mạng nội bộ
  confhub user add --help         giải thích một lệnh

Mọi cấu hình đặt được trong tệp (--config), hoặc bằng biến môi trường: CONFHUB_LISTEN_PORT=8090."""


@dataclass(frozen=True, slots=True)
class Command:
    """`name` may have two words ("user add"). An option whose dest is a setting overrides it."""

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    handler: Handler


def run(argv: Sequence[str], extra: Sequence[Command] = ()) -> int:
    """Carry out one command line and return its exit code. `extra`: commands from outside.

    What a start fails of, and no second start mends, has a code of its own.
    """
    word = _first_word(argv)
    known = any(command.name == word for command in extra)
    commands = [*extra] if known else [*extra, *commands_of(word)]
    options = build_parser(commands).parse_args(argv)
    command: Command = options.command
    try:
        path = Path(options.config) if options.config else None
        settings = _with_options(read_settings(path), options)
        return command.handler(settings, options)
    except ConfhubError as error:
        print(f"confhub: {describe(error)}", file=sys.stderr)
        is_lasting = command.name == "serve" and isinstance(error, BadInput | Conflict)
        return MISCONFIGURED if is_lasting else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def commands_of(word: str) -> list[Command]:
    """Those whose first word it is; all, if it is nobody's."""
    modules = MODULES.get(word) or [one for several in MODULES.values() for one in several]
    return [
        command
        for module in dict.fromkeys(modules)
        for command in import_module(f"{__name__}.{module}").COMMANDS
    ]


def _first_word(argv: Sequence[str]) -> str:
    words = iter(argv)
    for word in words:
        if word in _OPTIONS_BEFORE:
            next(words, "")
        elif not word.startswith("-"):
            return word
    return ""


def build_parser(commands: Sequence[Command]) -> Parser:
    """A parser whose result has the chosen Command as `command`."""
    parser = Parser(
        prog="confhub",
        description="Họp trực tuyến bốn cấp: lịch, phòng họp, đường truyền.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--version", action=TellVersion, nargs=0, help="in phiên bản")
    parser.add_argument("--config", metavar="TỆP", help="tệp cấu hình TOML")
    parser.add_argument("--data-dir", dest="data_dir", metavar="THƯ_MỤC", help="nơi giữ dữ liệu")
    branches = parser.add_subparsers(required=True, metavar="LỆNH")
    groups: dict[str, argparse._SubParsersAction[Parser]] = {}
    for command in commands:
        *group, name = command.name.split()
        inside = branches
        if group:
            if group[0] not in groups:
                about = _GROUPS.get(group[0], "")
                group_parser = branches.add_parser(group[0], help=about, description=about)
                groups[group[0]] = group_parser.add_subparsers(required=True, metavar="LỆNH")
            inside = groups[group[0]]
        leaf = inside.add_parser(name, help=command.help, description=command.help)
        command.add_options(leaf)
        leaf.set_defaults(command=command)
    return parser


def describe(error: ConfhubError) -> str:
    """An error as lines of text, field by field where there are fields."""
    lines = [error.message % error.values if error.values else error.message]
    if isinstance(error, FieldErrors):
        lines += [f"  {field}: {describe(inner)}" for field, inner in error.fields.items()]
    return "\n".join(lines)


def _with_options(settings: Settings, options: argparse.Namespace) -> Settings:
    given = {
        name: value
        for name in Settings.__struct_fields__
        if (value := getattr(options, name, None)) is not None
    }
    return with_values(settings, given)

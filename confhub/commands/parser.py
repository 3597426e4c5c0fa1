"""argparse in Vietnamese: its headings, and what it says of a line that it cannot use."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from confhub.parts import version

# What argparse says, as a pattern, and what we say. Anything else is said as it comes.
_SAYINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), saying)
    for pattern, saying in (
        (r"the following arguments are required: (.+)", r"còn thiếu \1"),
        (r"unrecognized arguments: (.+)", r"không có tùy chọn hay tham số \1"),
        (r"argument (.+?): expected (?:one|at least one) argument", r"\1: còn thiếu giá trị"),
        (r"argument (.+?): ignored explicit argument .*", r"\1 không nhận giá trị"),
        (
            r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)",
            r"\1: không có \2; xin chọn một trong: \3",
        ),
        (r"argument (.+?): invalid \w+ value: (.+)", r"\1: không dùng được giá trị \2"),
        (r"ambiguous option: (\S+) could match (.+)", r"\1 chưa rõ là \2"),
    )
)
_WRONG_USE = 2  # as argparse and shells have it


class Parser(argparse.ArgumentParser):
    """Parsers of its subcommands are of this kind too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False, formatter_class=_Formatter)
        self._positionals.title, self._optionals.title = "tham số", "tùy chọn"
        self.add_argument("-h", "--help", action="help", help="in phần giải thích này")

    def error(self, message: str) -> NoReturn:
        said = next(
            (found.expand(ours) for theirs, ours in _SAYINGS if (found := theirs.match(message))),
            message,
        )
        self.exit(_WRONG_USE, f"{self.prog}: {said}\nXem: {self.prog} --help\n")


class TellVersion(argparse.Action):
    """As argparse's own, which wants to know the version whether it is asked for or not."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"{parser.prog} {version()}")
        parser.exit()


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        # An empty one is asked for where a line of use becomes the name of a subcommand.
        super().add_usage(usage, actions, groups, "Cách dùng: " if prefix is None else prefix)

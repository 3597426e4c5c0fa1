"""Levels of authority are data: a country may have two, three or four, called as it likes."""

from __future__ import annotations

import ast

from confhub.units.country import LEVELS
from tests.test_architecture import MODULES, _tree

# Whose lists these are may say which level a line of theirs is of.
LISTS = {"confhub.units.country", "confhub.demo.country"}


def test_no_code_asks_for_a_level_by_its_name() -> None:
    names = {level.id for level in LEVELS}
    wrong = [
        f"{name}:{one.lineno} {one.value}"
        for name in MODULES.keys() - LISTS
        for node in ast.walk(_tree(name))
        for one in _asked_for(node)
        if isinstance(one, ast.Constant) and one.value in names
    ]
    assert wrong == []


def _asked_for(node: ast.AST) -> list[ast.expr | None]:
    """What a node compares with, or finds something by."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Dict(keys=keys):
            return [*keys]
        case ast.Subscript(slice=key) | ast.MatchValue(value=key):
            return [key]
    return []

"""Passwords in tests are hashed by Argon2id at the least it can do: 0.1 ms in place of 30.

Thousands of tests sign in. Those of what a password costs take the product's own hasher back, by
the fixture `full_passwords`.
"""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from confhub.people import passwords

_FULL = passwords._HASHER


def hash_at_least_cost() -> None:
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def full_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the product does."""
    monkeypatch.setattr(passwords, "_HASHER", _FULL)

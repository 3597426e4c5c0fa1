"""Who may reach the access tokens of units: none was made."""

from __future__ import annotations

from tests.web.reach_rules import Rule, nowhere, of_units

LIST = "/units/{unit_id}/tokens"
TOKEN_RULES: dict[tuple[str, str], Rule] = {
    ("GET", LIST): of_units("manage_accounts", "/units/{}/tokens"),
    ("POST", LIST): of_units("manage_accounts", "/units/{}/tokens"),
    ("POST", f"{LIST}/{{token_id}}/revoke"): nowhere("/units/none/tokens/none/revoke"),
}

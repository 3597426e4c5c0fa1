"""Settings: where they come from, what is refused, and that the document lists them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from confhub.config import Settings, hub_figure, read_settings, with_values
from confhub.errors import BadInput

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_environment_wins_over_file_and_lists_are_comma_separated(tmp_path: Path) -> None:
    path = tmp_path / "confhub.toml"
    path.write_text('listen_port = 9000\nhub_name = "tinh"\n', "utf-8")
    settings = read_settings(
        path, {"CONFHUB_LISTEN_PORT": "9001", "CONFHUB_MEDIA_ANNOUNCE": "192.0.2.1, 192.0.2.2"}
    )
    assert settings.listen_port == 9001
    assert settings.hub_name == "tinh"
    assert settings.media_announce == ("192.0.2.1", "192.0.2.2")


def test_what_hubs_carry_is_told_for_each_or_for_the_one_there_is(tmp_path: Path) -> None:
    path = tmp_path / "confhub.toml"
    path.write_text("hub_sites = 140\n", "utf-8")
    assert read_settings(path, {}).hub_sites == ("140",)
    settings = read_settings(path, {"CONFHUB_HUB_SITES": "hub-1=140, hub-2=90"})
    assert [hub_figure(one) for one in settings.hub_sites] == [140, 90]


def test_other_variables_are_left_alone() -> None:
    assert read_settings(None, {"PATH": "/bin", "HOME": "/"}) == Settings()


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"CONFHUB_LISTEN_PRT": "1"}, "listen_prt"),
        ({"CONFHUB_LISTEN_PORT": "many"}, "listen_port"),
        ({"CONFHUB_TLS": "sometimes"}, "tls"),
        ({"CONFHUB_LISTEN_PORT": "65536"}, "listen_port"),
        ({"CONFHUB_ACCESS_LOG": "perhaps"}, "access_log"),
        ({"CONFHUB_TIMEZONE": "Asia/Saigon City"}, "timezone"),
        ({"CONFHUB_TRUSTED_PROXIES": "10.0.0.1, proxy"}, "trusted_proxies"),
        ({"CONFHUB_MEDIA_ADDRESSES": "hop.example.gov.vn"}, "media_addresses"),
        ({"CONFHUB_PUBLIC_ORIGIN": "hop.example.gov.vn"}, "public_origin"),
        ({"CONFHUB_PUBLIC_ORIGIN": "https://hop.example.gov.vn/confhub"}, "public_origin"),
        ({"CONFHUB_HUB_NAME": "hub 1"}, "hub_name"),
        ({"CONFHUB_HUB_SITES": "hub-1=140, hub-2=many"}, "hub_sites"),
        ({"CONFHUB_HUB_SITES": "hub 2=90"}, "hub_sites"),
        (
            {"CONFHUB_MAIL_HOST": "mail.example", "CONFHUB_MAIL_FROM": "hop@example.gov.vn"},
            "mail_host, public_origin",
        ),
    ],
)
def test_wrong_settings_are_named(environ: dict[str, str], names: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_settings(None, environ)
    assert names in str(caught.value)


def test_good_values_of_every_check_are_taken() -> None:
    settings = read_settings(
        None,
        {
            "CONFHUB_ACCESS_LOG": "true",
            "CONFHUB_PUBLIC_ORIGIN": "https://hop.example.gov.vn:8443/",
            "CONFHUB_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "CONFHUB_MEDIA_ADDRESSES": "192.0.2.1, 2001:db8::1",
            "CONFHUB_HUB_NAME": "tinh-1.dienbien",
            "CONFHUB_TIMEZONE": "UTC",
        },
    )
    assert settings.access_log
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


def test_replaced_values_pass_the_same_checks() -> None:
    assert with_values(Settings(), {"listen_port": 9000}) == Settings(listen_port=9000)
    with pytest.raises(BadInput, match="listen_port"):
        with_values(Settings(), {"listen_port": -1})


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no\\.toml"):
        read_settings(tmp_path / "no.toml", {})
    broken = tmp_path / "broken.toml"
    broken.write_text("listen_port = = 1", "utf-8")
    with pytest.raises(BadInput, match="broken\\.toml"):
        read_settings(broken, {})


def test_document_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    assert listed == list(Settings.__struct_fields__)

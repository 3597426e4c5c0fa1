"""Who asks and by which address, believing proxies only when told to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from multidict import CIMultiDict

from tests.web.browser import PASSWORD, Making, SignedIn, WebClient, cookie, sign_in
from web.requests import addresses
from web.requests.addresses import local_target
from web.services import Services

PROXY = {"trusted_proxies": ("127.0.0.0/8",)}


async def audited_address(services: Services) -> str:
    return (await services.store.audit.recent(1, subject="secretary.nam-po"))[0].address


async def test_a_stranger_cannot_choose_the_address_written_down(
    client: WebClient, services: Services
) -> None:
    await sign_in(client, "secretary.nam-po", **{"X-Forwarded-For": "10.9.9.9"})
    assert await audited_address(services) == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("10.9.9.9", "10.9.9.9"),
        ("6.6.6.6, 10.9.9.9", "10.9.9.9"),  # the first hop is whatever the client wrote
        ("6.6.6.6, 10.9.9.9, 127.0.0.2", "10.9.9.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("10.9.9.9:51234", "10.9.9.9"),
        ("[2001:DB8::1]:51234", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('"[2001:db8::1]:80"', "2001:db8::1"),
        ("6.6.6.6, 10.9.9.9:1, 127.0.0.2:2", "10.9.9.9"),
        ("10.9.9.9:x:y", "10.9.9.9:x:y"),
        ("", ""),
        ("x" * 300, "x" * 64),
    ],
)
async def test_behind_a_trusted_proxy_the_nearest_other_hop_counts(
    new_client: Making, services: Services, forwarded: str, address: str
) -> None:
    browser = await new_client(**PROXY)
    await sign_in(browser, "secretary.nam-po", **{"X-Forwarded-For": forwarded})
    assert await audited_address(services) == address


async def test_all_ports_behind_a_proxy_are_one_client_who_guesses(new_client: Making) -> None:
    browser = await new_client(**PROXY)
    statuses = [
        (
            await sign_in(
                browser,
                "secretary.nam-po",
                "sai mat khau",
                **{"X-Forwarded-For": f"10.9.9.9:{port}"},
            )
        ).status
        for port in range(50_000, 50_036)
    ]
    assert statuses[0] == 400
    assert statuses[-1] == 429


@pytest.mark.parametrize("changed", [{}, PROXY])
async def test_headers_full_of_hops_are_not_read_through(
    new_client: Making,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, object],
) -> None:
    read: list[str] = []

    def counted(text: str) -> IPv4Address | IPv6Address:
        read.append(text)
        return ip_address(text)

    monkeypatch.setattr(addresses, "ip_address", counted)
    browser = await new_client(**changed)
    full = CIMultiDict([("X-Forwarded-For", "127.0.0.1," * 800)] * 60)
    form = {"login": "secretary.nam-po", "password": "sai mat khau"}
    answer = await browser.post("/signin", data=form, headers=full)
    assert answer.status == 400
    hops = [text for text in read if text == "127.0.0.1"]
    assert len(hops) <= addresses._MOST_HOPS + 5  # once, whoever asks; networks are remembered


async def test_hops_are_counted_over_all_headers(new_client: Making, services: Services) -> None:
    browser = await new_client(**PROXY)
    hops = CIMultiDict([("X-Forwarded-For", "6.6.6.6, 10.9.9.9"), ("X-Forwarded-For", "127.0.0.3")])
    form = {"login": "secretary.nam-po", "password": PASSWORD}
    await browser.post("/signin", data=form, headers=hops, allow_redirects=False)
    assert await audited_address(services) == "10.9.9.9"


async def test_only_a_trusted_proxy_says_that_there_is_tls(new_client: Making) -> None:
    tls = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hop.example"}
    for settings, name in (({}, "confhub"), (PROXY, "__Host-confhub")):
        browser = await new_client(**settings)
        answer = await sign_in(browser, "secretary.nam-po", **tls)
        assert f"{name}=" in answer.headers["Set-Cookie"]


async def test_behind_a_proxy_the_outer_origin_is_ours(new_client: Making) -> None:
    outside = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "hop.example"}
    browser = await new_client(**PROXY)
    for origin, status in (
        ("https://hop.example", 303),
        ("https://HOP.example:443", 303),
        ("http://hop.example", 403),
        ("https://hop.example:8443", 403),
        ("https://hop.example.evil", 403),
        ("https://[::1", 403),
    ):
        answer = await sign_in(browser, "secretary.nam-po", Origin=origin, **outside)
        assert answer.status == status, origin


async def test_the_setting_outweighs_what_the_request_says(new_client: Making) -> None:
    browser = await new_client(public_origin="https://hop.dienbien.example/")
    answer = await sign_in(browser, "secretary.nam-po", Origin="https://hop.dienbien.example")
    assert answer.status == 303
    here = str(browser.make_url("/")).rstrip("/")
    assert (await sign_in(browser, "secretary.nam-po", Origin=here)).status == 403


@pytest.mark.parametrize(
    "text", ["/", "/meetings?view=week&on=2026-12-02", "/join/a.b", "/sites/x#doors", "/a//b"]
)
def test_a_path_of_ours_is_kept(text: str) -> None:
    assert local_target(text) == text


@pytest.mark.parametrize("text", ["/a\\b", "/\t/evil", "//evil", "https://evil", "/" + "a" * 5000])
def test_a_path_that_leads_away_or_that_no_page_of_ours_has_leads_home(text: str) -> None:
    assert local_target(text) == "/"


async def test_a_referer_of_another_site_is_no_page_to_come_back_to(signed_in: SignedIn) -> None:
    browser = await signed_in("admin", "nam-po")
    here = str(browser.make_url("/")).rstrip("/")
    secret = cookie(browser, "confhub")
    assert secret
    for referer, target in (
        (f"{here}/accounts?q=a%26b", "/accounts?q=a%26b"),
        ("https://evil.example/accounts", "/"),
        (f"{here}//evil.example", "/"),
        ("https://[", "/"),
        ("", "/"),
    ):
        answer = await browser.post("/accounts/new", headers={"Referer": referer})
        page = (await answer.text()).replace("&amp;", "&")
        assert f'name="next" value="{target}"' in page, referer

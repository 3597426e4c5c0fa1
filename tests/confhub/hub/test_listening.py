"""The sockets of the pages: one port for both versions of IP, and failures in words."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from confhub.config import Settings
from confhub.errors import BadInput, Unavailable
from confhub.hub.listening import bind_failure, listen, serves_only_here

NO_ADDRESS_OF_OURS = "2001:db8::1"  # RFC 3849: in documents only


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listening(opened: ExitStack, *hosts: str, port: int = 0) -> list[tuple[str, int]]:
    return [opened.enter_context(item).getsockname()[:2] for item in listen(hosts, port)]


def test_every_address_gets_the_same_port(opened: ExitStack) -> None:
    (first, port), (second, other) = listening(opened, "127.0.0.1", "127.0.0.2")
    assert (first, second) == ("127.0.0.1", "127.0.0.2")
    assert port == other > 0


def test_a_name_is_looked_up(opened: ExitStack) -> None:
    assert "127.0.0.1" in [host for host, _ in listening(opened, "localhost")]


def test_an_ipv6_address_that_is_missing_is_left_out_beside_one_that_is_there(
    opened: ExitStack,
) -> None:
    assert [host for host, _ in listening(opened, "127.0.0.1", NO_ADDRESS_OF_OURS)] == ["127.0.0.1"]


def test_an_ipv6_address_alone_must_be_there() -> None:
    with pytest.raises(Unavailable, match=NO_ADDRESS_OF_OURS):
        listen([NO_ADDRESS_OF_OURS], 0)


def test_a_taken_port_is_told_with_what_to_change_and_the_others_are_given_back(
    opened: ExitStack,
) -> None:
    ((_, port),) = listening(opened, "127.0.0.2")
    with pytest.raises(Unavailable) as caught:
        listen(["127.0.0.1", "127.0.0.2"], port)
    assert str(port) in str(caught.value)
    assert "CONFHUB_LISTEN_PORT" in str(caught.value)
    assert listening(opened, "127.0.0.1", port=port) == [("127.0.0.1", port)]


def test_the_port_of_a_hub_that_just_ended_can_be_taken_again(opened: ExitStack) -> None:
    (server,) = listen(["127.0.0.1"], 0)
    port = server.getsockname()[1]
    server.setblocking(True)
    with server, socket.create_connection(("127.0.0.1", port), timeout=5):
        server.accept()[0].close()  # the side that closes first keeps the address in TIME_WAIT
    assert listening(opened, "127.0.0.1", port=port)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(BadInput, match=r"no\.such\.host\.invalid"):
        listen(["no.such.host.invalid"], 0)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EADDRINUSE, "đang bị chương trình khác chiếm"),
        (errno.EADDRINUSE, "CONFHUB_MEDIA_PORT=8080"),
        (errno.EACCES, "1024"),
        (errno.EADDRNOTAVAIL, "192.0.2.1"),
        (errno.ENOBUFS, "no buffer space"),
    ],
)
def test_each_failure_has_its_words(number: int, says: str) -> None:
    error = OSError(number, "no buffer space")
    failure = bind_failure(error, ["192.0.2.1"], 80, "UDP", "CONFHUB_MEDIA_PORT")
    assert says in str(failure)


@pytest.mark.parametrize(
    ("values", "only"),
    [
        ({}, True),
        ({"listen_host": "localhost"}, True),
        ({"tls": "lab", "listen_host": "127.0.0.1"}, True),
        ({"public_origin": "http://localhost:8080"}, True),
        ({"tls": "lab"}, False),
        ({"listen_host": "0.0.0.0"}, False),
        ({"listen_host": "10.0.0.8"}, False),
        ({"public_origin": "https://hop.example.gov.vn"}, False),
        ({"trusted_proxies": ("127.0.0.1",)}, False),
    ],
)
def test_pages_are_open_to_others_by_address_or_by_proxy(
    values: dict[str, object], only: bool
) -> None:
    assert serves_only_here(Settings(**values)) is only  # type: ignore[arg-type]

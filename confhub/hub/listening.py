"""The TCP sockets of the pages, bound by us and before all else.

So both versions of IP get the same port, a machine without IPv6 is no failure, and a port that
is taken is told in words before anything of the record is touched.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from confhub.config import Settings
from confhub.errors import N_, BadInput, ConfhubError, Unavailable
from confhub.networks import is_loopback
from confhub.words.failures import why

LOOPBACK = ("127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - chosen only with TLS, see docs/settings.md
BACKLOG = 1024  # a province's sites that come back in the same second
# A free port of one address may be taken on the other.
PICK_ATTEMPTS = 16

_TAKEN = N_(
    "Cổng %(port)s (%(protocol)s) đang bị chương trình khác chiếm. "
    "Xin dừng chương trình đó, hoặc đặt biến môi trường để dùng cổng khác: %(variable)s=%(other)s"
)
_NOT_ALLOWED = N_(
    "Không được phép mở cổng %(port)s (%(protocol)s). "
    "Xin chọn cổng từ 1024 trở lên: %(variable)s=%(other)s"
)
_NO_ADDRESS = N_("Máy này không có địa chỉ %(hosts)s (%(variable)s).")
_FAILED = N_("Không mở được cổng %(port)s (%(protocol)s) tại %(hosts)s: %(error)s")
_UNKNOWN_HOST = N_("Không tìm thấy địa chỉ của máy “%(host)s” (CONFHUB_LISTEN_HOST).")

_MESSAGES = {
    errno.EADDRINUSE: _TAKEN,
    errno.EACCES: _NOT_ALLOWED,
    errno.EADDRNOTAVAIL: _NO_ADDRESS,
}
_NO_SUCH_FAMILY = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def page_hosts(settings: Settings) -> Sequence[str]:
    """Where the pages listen."""
    if settings.listen_host:
        return (settings.listen_host,)
    return LOOPBACK if settings.tls == "off" else EVERYWHERE


def serves_only_here(settings: Settings) -> bool:
    """Whether nobody but this machine can open the pages, not even through a proxy on it."""
    outside = urlsplit(settings.public_origin).hostname
    return (
        all(is_loopback(host) for host in page_hosts(settings))
        and (outside is None or is_loopback(outside))
        and not settings.trusted_proxies
    )


def listen(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Non-blocking listening sockets on the same port of every host; 0 picks a free one.

    An IPv6 address that this machine lacks is left out beside one that it has. Raises BadInput
    for an unknown name, Unavailable in words for a port that cannot be had.
    """
    addresses = [address for host in hosts for address in _resolve(host)]
    for _ in range(PICK_ATTEMPTS if port == 0 else 1):
        try:
            return _listen_all(addresses, port)
        except OSError as error:
            failure = error
    variable = "CONFHUB_LISTEN_PORT"
    if failure.errno == errno.EADDRNOTAVAIL:
        variable = "CONFHUB_LISTEN_HOST"
    raise bind_failure(failure, hosts, port, "TCP", variable) from failure


def bind_failure(
    error: OSError, hosts: Sequence[str], port: int, protocol: str, variable: str
) -> ConfhubError:
    """What a failed bind means to who started the hub; `variable` is the setting to change."""
    return Unavailable(
        _MESSAGES.get(error.errno or 0, _FAILED),
        code="port_unavailable",
        values={
            "port": port,
            "protocol": protocol,
            "variable": variable,
            "other": _other(port),
            "hosts": ", ".join(hosts),
            "error": why(error),
        },
    )


def _other(port: int) -> int:
    """A port to propose: ten further, so that the two of a second hub do not meet either."""
    return port + 10 if 1024 <= port < 65_000 else 8080


def _resolve(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise BadInput(_UNKNOWN_HOST, code="unknown_host", values={"host": host}) from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _listen_all(addresses: Sequence[str], port: int) -> list[socket.socket]:
    with _closed_on_failure() as sockets:
        missing: OSError | None = None
        for address in addresses:
            try:
                sockets.append(_listen(address, port))
            except OSError as error:
                if ":" not in address or error.errno not in _NO_SUCH_FAMILY:
                    raise
                missing = error
            else:
                port = sockets[-1].getsockname()[1]
        if missing is not None and not sockets:
            raise missing
    return sockets


@contextlib.contextmanager
def _closed_on_failure() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    try:
        yield sockets
    except BaseException:
        for item in sockets:
            item.close()
        raise


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        item = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        # A hub that restarts need not wait for the old one's connections to be forgotten.
        item.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            item.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        item.bind((address, port))
        item.listen(BACKLOG)
        item.setblocking(False)
        stack.pop_all()
    return item

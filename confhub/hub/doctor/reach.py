"""Of the network: ports, certificate, names, relays, mail."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import secrets
import ssl
from pathlib import Path
from struct import pack
from urllib.parse import urlsplit

from cryptography import x509

from confhub.config import Settings
from confhub.errors import N_
from confhub.hub.doctor.finding import Finding, broken, good, warning
from confhub.hub.listening import bind_failure, listen, page_hosts
from confhub.hub.one_hub import LOCK_FILE, holder, keeper_lock
from confhub.hub.tls.server import open_tls
from confhub.jobs.imap import TROUBLES, ImapLine, imap_server
from confhub.jobs.smtp import SmtpLine, mail_server
from confhub.papers.scanner import is_clean
from rooms.media.port import stun
from rooms.media.port.addresses import bind_sockets, local_addresses

ANSWER_S = 5.0  # a server on another continent answers within one
_SOON = dt.timedelta(days=30)  # authorities of the state take weeks
_TURN_PORTS = {"turn": 3478, "turns": 5349}  # RFC 7065


def check_ports(settings: Settings) -> list[Finding]:
    folder = Path(settings.data_dir)
    running = holder(folder, keeper_lock(settings.hub_name)) or holder(folder, LOCK_FILE)
    if running:
        return [good("ports", N_("confhub đang chạy (tiến trình %(process)s)."), process=running)]
    for item in listen(page_hosts(settings), settings.listen_port):
        item.close()
    addresses = settings.media_addresses or local_addresses()
    for index in range(max(settings.media_workers, 1)):
        port = settings.media_port + index if settings.media_port else 0
        try:
            bind_sockets(addresses, port, tcp=settings.media_tcp).close()
        except OSError as error:
            raise bind_failure(error, addresses, port, "UDP/TCP", "CONFHUB_MEDIA_PORT") from error
    message = N_("Cổng %(listen)s (trang) và %(media)s (hình và tiếng) còn trống.")
    return [good("ports", message, listen=settings.listen_port, media=settings.media_port)]


def check_certificate(settings: Settings, now: dt.datetime) -> list[Finding]:
    if settings.tls == "off":
        if settings.public_origin.startswith("https://") or not settings.public_origin:
            return []
        message = N_(
            "public_origin là http: trình duyệt ở máy khác không cho dùng camera và micrô."
        )
        remedy = N_("Đặt TLS ở đây (tls) hoặc ở proxy, và public_origin bằng https://…")
        return [broken("certificate", message, remedy)]
    open_tls(settings, (), now)
    if settings.tls != "files":
        return []
    found = x509.load_pem_x509_certificate(Path(settings.tls_certificate).read_bytes())
    until = found.not_valid_after_utc
    values = {"until": f"{until:%d/%m/%Y}", "days": (until - now).days}
    remedy = N_("Gia hạn chứng thư, rồi gửi SIGHUP cho dịch vụ.")
    if until < now:
        message = N_("Chứng thư TLS đã hết hạn từ %(until)s.")
        return [broken("certificate", message, remedy, **values)]
    told = [_check_name(found, settings)] if settings.public_origin else []
    message = N_("Chứng thư TLS còn hạn đến %(until)s (%(days)s ngày).")
    if until - now < _SOON:
        return [warning("certificate", message, remedy, **values), *told]
    return [good("certificate", message, **values), *told]


def _check_name(certificate: x509.Certificate, settings: Settings) -> Finding:
    host = urlsplit(settings.public_origin).hostname or ""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
        names += map(str, extension.value.get_values_for_type(x509.IPAddress))
    except x509.ExtensionNotFound:
        names = []
    parent = host.partition(".")[2]
    if host in names or f"*.{parent}" in names:
        return good("name", N_("Chứng thư TLS mang tên %(host)s."), host=host)
    message = N_("Chứng thư TLS không mang tên %(host)s mà mang: %(names)s.")
    remedy = N_("Xin chứng thư cho đúng tên, hoặc sửa public_origin.")
    return broken("name", message, remedy, host=host, names=", ".join(names) or "–")


async def check_name(settings: Settings) -> list[Finding]:
    host = urlsplit(settings.public_origin).hostname
    if not host:
        return []
    try:
        async with asyncio.timeout(ANSWER_S):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except (OSError, TimeoutError):
        message = N_("Không tìm thấy địa chỉ của tên %(host)s (public_origin).")
        return [broken("name", message, N_("Sửa DNS, hoặc /etc/hosts của máy này."), host=host)]
    return [good("name", N_("Tên %(host)s có địa chỉ."), host=host)]


async def check_relays(settings: Settings) -> list[Finding]:
    return [await _check_relay(url) for url in settings.turn_urls]


async def _check_relay(url: str) -> Finding:
    """Whether anybody answers there to a STUN request, or lets a connection in."""
    scheme, _, rest = url.partition(":")
    address, _, query = rest.partition("?")
    place = urlsplit(f"//{address}")
    host, port = place.hostname or "", place.port or _TURN_PORTS[scheme]
    by_udp = scheme == "turn" and query != "transport=tcp"
    try:
        async with asyncio.timeout(ANSWER_S):
            if by_udp:
                await _ask_stun(host, port)
            else:
                context = ssl.create_default_context() if scheme == "turns" else None
                _, writer = await asyncio.open_connection(host, port, ssl=context)
                writer.close()
    except (OSError, TimeoutError) as error:
        message = N_("Máy chuyển tiếp %(url)s không trả lời: %(error)s.")
        remedy = N_("Xem coturn có chạy không, và tường lửa: docs/reach.md.")
        return broken("turn", message, remedy, url=url, error=error or type(error).__name__)
    return good("turn", N_("Máy chuyển tiếp %(url)s trả lời."), url=url)


async def _ask_stun(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[None] = loop.create_future()

    class Asking(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            if not answered.done():
                answered.set_result(None)

        def error_received(self, exc: Exception) -> None:
            if not answered.done():
                answered.set_exception(exc)

    line, _ = await loop.create_datagram_endpoint(Asking, remote_addr=(host, port))
    # Without attributes (RFC 8489, section 5): who it is from does not matter.
    request = pack(">HHI12s", stun.BINDING_REQUEST, 0, stun.COOKIE, secrets.token_bytes(12))
    try:
        while not answered.done():
            line.sendto(request)
            await asyncio.wait([answered], timeout=0.5)  # RFC 8489, 6.2.1: the first RTO
        answered.result()
    finally:
        line.close()


async def check_mail(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    server = mail_server(settings)
    if server is not None:
        line = SmtpLine(server)
        error = await line.try_out(ANSWER_S)
        place = f"{server.host}:{server.port}"
        if error:
            message = N_("Máy chủ thư %(place)s không nhận: %(error)s.")
            remedy = N_("Xem mail_host, mail_tls, mail_login và tệp mật khẩu.")
            found.append(broken("mail", message, remedy, place=place, error=error))
        else:
            found.append(good("mail", N_("Máy chủ thư %(place)s nhận đăng nhập."), place=place))
    box = imap_server(settings)
    if box is not None:
        found.append(await asyncio.to_thread(_check_mailbox, ImapLine(box)))
    return found


def _check_mailbox(line: ImapLine) -> Finding:
    place = f"{line.server.host}:{line.server.port}"
    try:
        line.open()
    except TROUBLES as error:
        message = N_("Hộp thư ở %(place)s không mở được: %(error)s.")
        remedy = N_("Xem imap_host, imap_tls, imap_login, imap_folder và tệp mật khẩu.")
        return broken("mailbox", message, remedy, place=place, error=error)
    finally:
        line.close()
    return good("mailbox", N_("Hộp thư ở %(place)s mở được."), place=place)


async def check_scanner(settings: Settings) -> list[Finding]:
    if not settings.clamd:
        return []
    await is_clean(settings.clamd, io.BytesIO(b"confhub doctor"), ANSWER_S)
    return [good("scanner", N_("Chương trình diệt vi-rút trả lời."))]

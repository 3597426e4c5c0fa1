"""What is said to who starts a hub by hand."""

from __future__ import annotations

from pathlib import Path

from confhub.config import Settings
from confhub.hub.listening import EVERYWHERE, LOOPBACK
from confhub.hub.tls.server import ServerTls
from rooms.media.port.addresses import local_addresses
from web.services import Services

_ONLY_HERE = (
    "Chỉ mở được trên máy này. Để máy khác trong mạng cùng họp thử: CONFHUB_TLS=lab make run,"
    " hoặc confhub demo --generate rồi confhub serve --tls lab"
)
_NO_CAMERA = (
    "Chú ý: không có TLS, trình duyệt ở máy khác sẽ không cho dùng camera và micrô. "
    "Dùng --tls lab để thử trong mạng nội bộ."
)


def banner(services: Services, port: int, tls: ServerTls | None) -> str:
    """What to open, what else may be asked of a firewall, and how to stop."""
    settings = services.settings
    lines = ["", f"confhub: {settings.public_origin or own_address(settings, port)}"]
    if settings.listen_host in ("", *EVERYWHERE) and tls is not None:
        lines += [
            f"         https://{_in_address(address)}:{port}"
            for address in local_addresses()
            if address != "127.0.0.1"
        ]
    protocols = "UDP và TCP" if settings.media_tcp else "UDP"
    if services.media is not None:
        ports = ", ".join(map(str, services.media.ports))
        lines.append(f"Âm thanh, hình ảnh: {protocols} {ports}")
    if tls is not None and tls.authority is not None:
        lines += _trust(tls.authority.absolute(), tls.fingerprint)
    elif tls is None and not settings.public_origin:
        lines.append(_ONLY_HERE if _is_local(settings) else _NO_CAMERA)
    return "\n".join([*lines, "Dừng: Ctrl+C"])


def _trust(authority: Path, fingerprint: str) -> list[str]:
    """How other machines come to believe a trial's certificate."""
    return [
        "Chứng thư tự tạo, để thử: trình duyệt ở máy khác cảnh báo một lần, bấm “Nâng cao” rồi"
        " “Tiếp tục”.",
        "Để không bị cảnh báo, chép tệp dưới đây sang máy đó, so mã SHA-256, rồi cài làm chứng thư"
        " gốc tin cậy",
        "(Windows: certutil -user -addstore Root authority.pem):",
        f"  {authority}",
        f"  SHA-256 {fingerprint}",
    ]


def _is_local(settings: Settings) -> bool:
    return settings.listen_host in ("", "localhost", *LOOPBACK)


def own_address(settings: Settings, port: int) -> str:
    """What to open in a browser on this machine."""
    scheme = "http" if settings.tls == "off" else "https"
    named = not (_is_local(settings) or settings.listen_host in EVERYWHERE)
    host = _in_address(settings.listen_host) if named else "localhost"
    return f"{scheme}://{host}:{port}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host

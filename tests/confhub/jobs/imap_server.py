"""A real mail store (Dovecot, from Debian) with one mailbox, started by a test on free ports."""

from __future__ import annotations

import contextlib
import datetime as dt
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from confhub.hub.tls.lab import ensure_lab_certificate
from tests.servers import START_TIMEOUT_S, free_port, wait_until

LOGIN, PASSWORD = "hop", 'bi"mat\\1'
# What it runs as where the test is root: the package's own accounts.
_LOGIN_USER, _USER = "dovenull", "dovecot"


@dataclass(frozen=True, slots=True)
class ImapBox:
    """`port`: plain, and STARTTLS; `tls_port`: TLS from the first byte, by `authority`."""

    port: int
    tls_port: int
    authority: str
    password_file: str

    def put(self, data: bytes, folder: str = "INBOX") -> None:
        """A message comes in."""
        with self._signed_in() as client:
            assert client.append(folder, "", None, data)[0] == "OK"

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """What stands in a folder."""
        with self._signed_in() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            numbers = client.search(None, "ALL")[1][0].split()
            found = [client.fetch(one.decode(), "(BODY.PEEK[])")[1][0] for one in numbers]
        return [one[1] for one in found if isinstance(one, tuple)]

    def unread(self, folder: str = "INBOX") -> int:
        with self._signed_in() as client:
            client.select(folder, readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    def make_anew(self, folder: str) -> None:
        """The folder is another of the same name: numbers of its messages mean others."""
        kept = self.messages(folder)
        with self._signed_in() as client:
            client.delete(folder)
            assert client.create(folder)[0] == "OK"
        for data in kept:
            self.put(data, folder)

    def empty(self, *others: str) -> None:
        """No message, and no folder beside the first."""
        with self._signed_in() as client:
            for folder in ("Done", "Answers"):
                client.delete(folder)
            for folder in others:
                client.create(folder)
            if client.select("INBOX")[1] != [b"0"]:
                client.store("1:*", "+FLAGS", r"(\Deleted)")
                client.expunge()

    @contextlib.contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        try:
            client.login(LOGIN, PASSWORD)
            yield client
        finally:
            client.logout()


@contextlib.contextmanager
def dovecot() -> Iterator[ImapBox]:
    """Runs until the end; its folder is its own and goes with it."""
    place = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        place.chmod(0o755)
        made = ensure_lab_certificate(place, ["localhost", "127.0.0.1"], dt.datetime.now(dt.UTC))
        box = ImapBox(free_port(), free_port(), str(made.authority), str(place / "password"))
        Path(box.password_file).write_text(PASSWORD, "utf-8")
        config = place / "dovecot.conf"
        config.write_text(_config(place, box, str(made.certificate), str(made.key)), "utf-8")
        command = [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(config)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                log = place / "log"
                log.touch()
                wait_until(partial(_answers, box.port), process, log)
                yield box
            finally:
                process.terminate()
                process.wait(START_TIMEOUT_S)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _config(place: Path, box: ImapBox, certificate: str, key: str) -> str:
    own = pwd.getpwuid(os.getuid()).pw_name
    login_user, user = (_LOGIN_USER, _USER) if os.getuid() == 0 else (own, own)
    mail = place / "mail"
    mail.mkdir()
    # Of this line each word stands for itself: no need to quote what the password has in it.
    passwords = place / "users"
    passwords.write_text(f"{LOGIN}:{{PLAIN}}{PASSWORD}\n", "utf-8")
    if os.getuid() == 0:
        shutil.chown(mail, user)
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
mail_location = maildir:{mail}/%u
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {pwd.getpwnam(user).pw_gid}
default_internal_user = {user}
default_login_user = {login_user}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = username_format=%u {passwords}
}}
userdb {{
  driver = static
  args = home={mail}/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {box.port}
  }}
  inet_listener imaps {{
    port = {box.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
"""


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False

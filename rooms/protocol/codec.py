"""Client messages from text and hub messages to text. Pure."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterable

import msgspec

from confhub.errors import N_, BadInput
from rooms.protocol.envelope import ClientMessage, RequestId

_decode_any = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_tag = msgspec.json.Decoder(str).decode
_decode_request = msgspec.json.Decoder(RequestId).decode
_encoder = msgspec.json.Encoder()
# msgspec says where: "Expected `bool`, got `int` - at `$.raised`", "... required field `x`"
_WHERE = re.compile(r"at `\$\.?([^`]*)`|field `([^`]*)`")


class BadMessage(BadInput):
    """A frame that is no message of ours; `about` is its type where that could be read, and so
    is `request`."""

    code = "bad_message"
    message = N_("Tin nhắn không đúng ở mục “%(field)s”: %(detail)s")

    def __init__(
        self, field: str, detail: str, about: str | None, request: str | None = None
    ) -> None:
        super().__init__(values={"field": field, "detail": detail})
        self.about = about
        self.request = request


def tag_of(message: msgspec.Struct | type[msgspec.Struct]) -> str:
    """The message's type as it stands in JSON."""
    return str(message.__struct_config__.tag)


class Decoder:
    """Reads client messages of these types."""

    def __init__(self, kinds: Iterable[type[ClientMessage]]) -> None:
        self._decode: Callable[[str | bytes], ClientMessage] = msgspec.json.Decoder(
            functools.reduce(operator.or_, kinds)
        ).decode

    def decode(self, text: str | bytes) -> ClientMessage:
        """One client message; BadMessage names the field that is wrong."""
        try:
            return self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            detail = str(error)
        except RecursionError:
            detail = "nested too deeply"
        match = _WHERE.search(detail)
        field = (match[1] or match[2]) if match else ""
        about, request = _read(text, "type", _decode_tag), _read(text, "request", _decode_request)
        raise BadMessage(field or "JSON", detail, about and about[:32], request)


def encode_message(message: msgspec.Struct) -> str:
    """JSON text of one hub message."""
    return _encoder.encode(message).decode()


def _read(text: str | bytes, field: str, decode: Callable[[msgspec.Raw], str]) -> str | None:
    try:
        return decode(_decode_any(text)[field])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        return None

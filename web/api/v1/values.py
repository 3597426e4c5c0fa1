"""Values that the API takes and gives in many places."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import Meta

# With an offset from UTC, as of RFC 3339; so the document says that it is a moment.
Moment = Annotated[dt.datetime, Meta(tz=True)]
# As ids stand in lists of the API, and no longer than the store's columns by far.
Id = Annotated[str, Meta(pattern="^[0-9A-Za-z_.-]{1,64}$")]

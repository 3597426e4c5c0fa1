"""The mail as HTML: one column, styles in the tags, nothing that is fetched. Pure.

Mail programs know tables and inline styles, and little else; addresses are text, so that nobody is
led elsewhere by a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from confhub.mail.text import Body

_FONT = "font-family:'Segoe UI',Roboto,Arial,sans-serif;"
_PAGE = (
    f"margin:0;padding:16px;background:#f3f5f8;{_FONT}font-size:16px;line-height:1.5;color:#1b2430"
)
_CARD = (
    "width:100%;max-width:640px;margin:0 auto;background:#ffffff;border:1px solid #d5dbe3;"
    "border-collapse:separate;border-radius:8px"
)
_CELL = f"padding:24px;{_FONT}font-size:16px;line-height:1.5;color:#1b2430"
_HEADING = "margin:0 0 12px;font-size:22px;line-height:1.3;color:#123a73"
_HEAD = "margin:20px 0 6px;font-size:16px;color:#123a73"
_TABLE = "width:100%;border-collapse:collapse;margin:12px 0"
_LABEL = "padding:6px 12px 6px 0;vertical-align:top;color:#56616f;width:34%"
_VALUE = "padding:6px 0;vertical-align:top"
_NEWS = "margin:12px 0;padding:10px 14px;background:#fff6e0;border-left:4px solid #d99a00"
_LINK = "margin:6px 0;padding:10px 14px;background:#eaf1fb;word-break:break-all"
_SMALL = "margin:6px 0;font-size:14px;color:#56616f"


def html(body: Body, language: str) -> str:
    """A whole document; everything in it is escaped."""
    inner = "\n".join(_parts(body))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(body.subject)}</title></head>\n"
        f'<body style="{_PAGE}">\n'
        f'<table role="presentation" style="{_CARD}"><tr><td style="{_CELL}">\n'
        f"{inner}\n</td></tr></table>\n</body></html>\n"
    )


def _parts(body: Body) -> Iterator[str]:
    yield f'<h1 style="{_HEADING}">{escape(body.heading)}</h1>'
    yield f'<p style="margin:0 0 8px">{escape(body.introduction)}</p>'
    if body.changed or body.news:
        lines = [
            f"<strong>{escape(what)}: {escape(now)}</strong>"
            f' <s style="color:#56616f">{escape(was)}</s>'
            for what, was, now in body.changed
        ]
        lines += [escape(one) for one in body.news]
        yield f'<div style="{_NEWS}">{"<br>".join(lines)}</div>'
    rows = "".join(
        f'<tr><td style="{_LABEL}">{escape(label)}</td>'
        f'<td style="{_VALUE}">{escape(value)}</td></tr>'
        for label, value in body.facts
    )
    yield f'<table style="{_TABLE}">{rows}</table>'
    if body.link:
        link = escape(body.link)
        yield f'<h2 style="{_HEAD}">{escape(body.labels["link"])}</h2>'
        yield f'<p style="{_LINK}"><a href="{link}" style="color:#0b57b7">{link}</a></p>'
        yield from (f'<p style="{_SMALL}">{escape(hint)}</p>' for hint in body.link_hints)
    if body.answer:
        where = escape(body.answer)
        yield f'<h2 style="{_HEAD}">{escape(body.labels["answer"])}</h2>'
        yield f'<p style="{_LINK}"><a href="{where}" style="color:#0b57b7">{where}</a></p>'
    if body.agenda:
        yield f'<h2 style="{_HEAD}">{escape(body.labels["agenda"])}</h2>'
        yield "<br>\n".join(escape(line) for line in body.agenda)
    if body.note:
        yield f'<h2 style="{_HEAD}">{escape(body.labels["note"])}</h2>'
        yield f'<p style="margin:0">{escape(body.note).replace(chr(10), "<br>")}</p>'
    if body.calls:
        yield f'<h2 style="{_HEAD}">{escape(body.labels["calls"])}</h2>'
        yield "<br>\n".join(f"{escape(label)}: {escape(call)}" for label, call in body.calls)
    yield f'<p style="{_SMALL};margin-top:20px">{escape(body.labels["sender"])}</p>'

"""What tests of pages of papers find there."""

from __future__ import annotations

from confhub.papers.paper import Opening, Paper, Shown, Version
from tests.web.browser import NOON
from web.services import Services

# As PAGES of test_accessibility_browser.py.
PAPER_PAGES = {
    "/join/{token}/papers": ("", ("/join/{join.early}/papers", "/join/{join.briefing}/papers")),
    "/meetings/{meeting_id}/papers": ("secretary.nam-po", ("/meetings/early/papers",)),
    "/meetings/{meeting_id}/papers/{paper_id}": (
        "secretary.nam-po",
        ("/meetings/early/papers/paper-1",),
    ),
}


async def add_papers(services: Services, meeting_id: str, site_id: str) -> None:
    """One in two versions, opened by a site and an account, and one for its secretary alone; their
    bytes are nowhere."""
    names = ("Báo cáo kinh tế - xã hội tháng 11 của Ủy ban nhân dân huyện.docx", "Dự thảo.pdf")
    for number, (name, shown) in enumerate(zip(names, ("all", "host"), strict=True), 1):
        paper_id = f"paper-{number}"
        versions = tuple(
            Version(
                f"version-{number}-{nth}",
                paper_id,
                meeting_id,
                nth,
                name,
                f"{number}{nth}" * 32,
                1_234_567 * nth,
                name.rpartition(".")[2],
                NOON,
                "secre-nam-po",
                is_scanned=True,
            )
            for nth in range(1, 4 - number)
        )
        paper = Paper(paper_id, meeting_id, Shown("all" if shown == "all" else "host"), versions)
        await services.store.papers.add(paper, NOON)
    for account_id, site in (("", site_id), ("secre-nam-po", "")):
        for version_id in ("version-1-1", "version-1-2"):
            opening = Opening(version_id, account_id, site, "10.0.0.7", NOON, NOON, 1)
            await services.store.papers.note_opening(opening)
            await services.store.papers.note_opening(opening)

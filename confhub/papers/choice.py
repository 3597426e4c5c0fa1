"""What the settings say of papers: where they lie, how large and of which kinds they may be."""

from __future__ import annotations

from pathlib import Path

from confhub.config import Settings
from confhub.papers.paper import MB, Limits
from confhub.papers.vault import FolderVault, Vault


def papers_folder(settings: Settings) -> Path:
    return Path(settings.papers_dir) if settings.papers_dir else Path(settings.data_dir) / "papers"


def vault_of(settings: Settings) -> Vault:
    return FolderVault(papers_folder(settings), settings.papers_free_mb * MB)


def limits_of(settings: Settings) -> Limits:
    sizes = (settings.paper_mb * MB, settings.papers_mb * MB, settings.papers_daily_mb * MB)
    return Limits(*sizes, settings.paper_kinds)

"""What the operating system says, in Vietnamese."""

from __future__ import annotations

import errno
import os
import ssl

from confhub.words.failures import why


def test_what_can_be_mended_is_told_in_vietnamese() -> None:
    assert why(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))) == (
        "không có tệp hay thư mục này"
    )
    assert why(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) == "đĩa đã đầy"


def test_what_is_rare_keeps_the_words_of_the_system() -> None:
    assert why(OSError(errno.ELOOP, "Too many levels of symbolic links")) == (
        "Too many levels of symbolic links"
    )
    assert why(ssl.SSLError("no start line")) == "('no start line',)"
    assert why(OSError("torn")) == "torn"

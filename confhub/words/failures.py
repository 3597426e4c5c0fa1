"""What the operating system says of a file or a port, in the language of the command line. Pure."""

from __future__ import annotations

import errno
from collections.abc import Mapping

# Those that who starts a hub or imports a file meets, and can mend.
_WORDS: Mapping[int, str] = {
    errno.ENOENT: "không có tệp hay thư mục này",
    errno.EACCES: "không được phép mở",
    errno.EPERM: "không được phép làm",
    errno.EISDIR: "đây là thư mục",
    errno.ENOTDIR: "đường dẫn đi qua một tệp, không phải thư mục",
    errno.EROFS: "đĩa chỉ cho đọc",
    errno.ENOSPC: "đĩa đã đầy",
    errno.ENAMETOOLONG: "tên quá dài",
}


def why(error: OSError) -> str:
    """Why it failed; in the system's own words where there are none of ours."""
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)

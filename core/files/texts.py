"""Whether a content is text: UTF-8 or GB 18030, without what no text holds. 文本识别。"""

from __future__ import annotations

import codecs
from typing import BinaryIO

PIECE = 1 << 20
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"


def is_text(content: BinaryIO) -> bool:
    """Whether all of it is text; it is read in pieces."""
    return any(_decodes(content, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(content: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    content.seek(0)
    try:
        while piece := content.read(PIECE):
            if piece.translate(None, _CONTROLS) != piece:
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True

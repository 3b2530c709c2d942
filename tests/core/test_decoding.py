from __future__ import annotations

import pytest

from linli.core.decoding import decoded
from linli.core.errors import ValidationError

LINES = ["code,level,name,parent_code", "430602001001,COMMUNITY,茶巷子社区,430602001000", "1,TEAM,联通,", "2,TEAM,x,"]
TEXT = "\n".join(LINES)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("gbk", "GB18030"), ("gb2312", "GB18030")],
)
def test_the_encoding_is_told_from_the_content(encoding: str, found: str) -> None:
    source = decoded(TEXT.encode(encoding))
    assert (source.text, source.encoding, source.broken) == (TEXT, found, frozenset())


def test_characters_that_only_gb18030_has_are_read() -> None:
    assert decoded("1,TEAM,䶮𠮷里,".encode("gb18030")).text == "1,TEAM,䶮𠮷里,"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    for encoding in ("utf-8", "gb18030"):
        assert decoded(f"\ufeff{TEXT}".encode(encoding)).text == TEXT


def test_plain_ascii_is_utf8() -> None:
    assert decoded(b"code,level").encoding == "UTF-8"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_refused_by_name(encoding: str) -> None:
    with pytest.raises(ValidationError) as caught:
        decoded(TEXT.encode(encoding))
    assert [problem.code for problem in caught.value.problems] == ["ENCODING"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_utf8_file_with_bad_bytes_in_a_line_does_not_become_gb18030(mark: bytes) -> None:
    lines = [line.encode() for line in (*LINES, "3,TEAM,和平,")]
    lines[2] = b"1,TEAM,\xc1\xaa\xcd\xa8\xff,"
    source = decoded(mark + b"\n".join(lines))
    assert (source.encoding, source.broken) == ("UTF-8", frozenset({3}))


def test_a_gb18030_file_with_bad_bytes_in_a_line_stays_gb18030() -> None:
    lines = [line.encode("gb18030") for line in (*LINES, "3,TEAM,和平,", "4,TEAM,文采,")]
    lines[2] = b"1,TEAM,\xff,"
    source = decoded(b"\n".join(lines))
    assert (source.encoding, source.broken) == ("GB18030", frozenset({3}))

"""Pictures are made anew: what is seen stays, what is known about it goes."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from linli.core.errors import RejectedError
from linli.core.files import images
from linli.core.files.images import made_anew
from linli.core.files.purposes import FileKind

PLACE, CAMERA = b"29.3571", b"SecretPhone 9"
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def tagged(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = CAMERA.decode()
    exif[GPS] = {1: "N", 2: (29.0, 21.0, 25.0), 29: PLACE.decode()}
    return exif


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (64, 32), **more: Any) -> bytes:
    """Red at the left, blue at the right."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    kept = io.BytesIO()
    made.convert(mode).save(kept, kind, **more)
    return kept.getvalue()


def anew(content: bytes, kind: FileKind = FileKind.JPEG) -> Image.Image:
    return Image.open(io.BytesIO(made_anew(io.BytesIO(content), kind)))


def code(content: bytes, kind: FileKind = FileKind.JPEG) -> str:
    with pytest.raises(RejectedError) as refused:
        made_anew(io.BytesIO(content), kind)
    return refused.value.code


def is_red(picture: Image.Image, x: int, y: int) -> bool:
    pixel = picture.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[2] < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_places_cameras_comments_and_what_stood_behind_the_picture_are_gone(kind: str) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", CAMERA.decode())
    more: dict[str, Any] = {"exif": tagged(), "xmp": b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"}
    if kind == "PNG":
        more = {"exif": tagged(), "pnginfo": text}
    came = picture(kind, **more) + b"trailing " + PLACE
    assert CAMERA in came
    made = made_anew(io.BytesIO(came), FileKind(f"image/{kind.lower()}"))
    for secret in (PLACE, CAMERA, b"Exif", b"xmpmeta", b"trailing"):
        assert secret not in made
    shown = Image.open(io.BytesIO(made))
    assert shown.format == kind
    assert dict(shown.getexif()) == {}
    assert is_red(shown, 5, 5)


# (orientation, size, where the red half is): TIFF 6.0, tag 274
TURNS = [
    (1, (64, 32), (5, 5)),
    (2, (64, 32), (60, 5)),
    (3, (64, 32), (60, 5)),
    (4, (64, 32), (5, 5)),
    (5, (32, 64), (5, 5)),
    (6, (32, 64), (5, 5)),
    (7, (32, 64), (5, 60)),
    (8, (32, 64), (5, 60)),
]


@pytest.mark.parametrize(("orientation", "size", "red"), TURNS)
def test_a_picture_is_turned_as_its_camera_was_held(
    orientation: int, size: tuple[int, int], red: tuple[int, int]
) -> None:
    shown = anew(picture(exif=tagged(orientation)))
    assert shown.size == size
    assert is_red(shown, *red)


@pytest.mark.parametrize(
    ("mode", "kind"), [("L", "JPEG"), ("CMYK", "JPEG"), ("P", "PNG"), ("1", "PNG"), ("RGBA", "PNG")]
)
def test_pictures_of_every_mode_are_shown(mode: str, kind: str) -> None:
    assert anew(picture(kind, mode), FileKind(f"image/{kind.lower()}")).size == (64, 32)


def test_what_is_transparent_stays_so() -> None:
    made = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    for kind in ("PNG", "WEBP"):
        kept = io.BytesIO()
        made.save(kept, kind)
        assert anew(kept.getvalue(), FileKind(f"image/{kind.lower()}")).getchannel("A").getextrema() == (0, 0)
    kept = io.BytesIO()
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(kept, "PNG", transparency=1)
    assert anew(kept.getvalue(), FileKind.PNG).convert("RGBA").getchannel("A").getextrema() == (0, 0)


def test_colours_are_taken_over_without_their_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    shown = anew(picture(icc_profile=profile))
    assert "icc_profile" not in shown.info
    assert is_red(shown, 5, 5)
    assert is_red(anew(picture(icc_profile=b"no profile")), 5, 5)


def test_of_a_picture_that_moves_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    kept = io.BytesIO()
    frames[0].save(kept, "WEBP", save_all=True, append_images=frames[1:])
    shown = anew(kept.getvalue(), FileKind.WEBP)
    assert getattr(shown, "n_frames", 1) == 1
    assert is_red(shown, 4, 4)


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head promises more than anybody can show."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (12_000, 9_000), (10_000, 6_000), (30_000, 10), (10, 30_000)])
def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_as_seen", None)
    assert code(bomb(*size), FileKind.PNG) == "FILE_PIXELS"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_picture_that_breaks_off_is_refused(kind: str, cut: float) -> None:
    whole = picture(kind, size=(640, 480))
    assert code(whole[: int(len(whole) * cut)], FileKind(f"image/{kind.lower()}")) == "FILE_DAMAGED"


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG, FileKind.WEBP])
def test_what_only_begins_like_a_picture_is_refused(kind: FileKind) -> None:
    begin = {FileKind.JPEG: b"\xff\xd8\xff", FileKind.PNG: b"\x89PNG\r\n\x1a\n", FileKind.WEBP: b"RIFF\x10\0\0\0WEBP"}
    assert code(begin[kind] + bytes(200), kind) == "FILE_DAMAGED"


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=8)), max_size=6),
)
def test_whatever_a_picture_was_spoilt_to_it_is_shown_or_refused(kind: str, spoils: list[tuple[int, bytes]]) -> None:
    came = bytearray(picture(kind, exif=tagged()))
    for place, data in spoils:
        at = place % len(came)
        came[at : at + len(data)] = data
    with suppress(RejectedError):  # any other failure fails the test
        assert CAMERA not in made_anew(io.BytesIO(bytes(came)), FileKind(f"image/{kind.lower()}"))

"""Pictures made anew: upright, without places, cameras and dates (EXIF, XMP), and without whatever stood behind them.

Only what can be seen is taken over. 图片重新编码，去除位置等元数据。
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import RejectedError, text
from .purposes import FileKind

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000
"""What the cameras of phones make; 150 MB while it is worked on."""
LONGEST_EDGE = 20_000
READ = {FileKind.JPEG: ("JPEG",), FileKind.PNG: ("PNG",), FileKind.WEBP: ("WEBP",)}
MODES = {
    FileKind.JPEG: ("L", "RGB"),
    FileKind.PNG: ("L", "LA", "RGB", "RGBA"),
    FileKind.WEBP: ("RGB", "RGBA"),
}
WRITTEN: dict[FileKind, dict[str, Any]] = {
    FileKind.JPEG: {"format": "JPEG", "quality": 88},
    FileKind.PNG: {"format": "PNG"},
    FileKind.WEBP: {"format": "WEBP", "quality": 88},
}


def made_anew(content: BinaryIO, kind: FileKind) -> bytes:
    """The first picture in a content, in the same kind. It takes its time: call it in a thread.

    Raises RejectedError: FILE_PIXELS for more than MOST_PIXELS, FILE_DAMAGED for what cannot be shown.
    """
    from PIL import Image  # noqa: PLC0415  loaded where the first picture comes

    content.seek(0)
    try:
        with Image.open(content, formats=READ[kind]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS or max(width, height) > LONGEST_EDGE:
                raise _too_many()
            picture.load()
            shown = _as_seen(picture, kind)
        return _encoded(shown, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    except RejectedError:
        raise
    except Exception as error:  # decoders fail in many ways on what somebody made up
        raise RejectedError(
            text("The picture is damaged and cannot be shown"), code="FILE_DAMAGED", path=("file",)
        ) from error


def _as_seen(picture: Image, kind: FileKind) -> Image:
    """Turned as its camera was held, in the colours of the web."""
    from PIL import ImageOps  # noqa: PLC0415

    upright = ImageOps.exif_transpose(picture)
    return _without_profile(upright, kind)


def _without_profile(picture: Image, kind: FileKind) -> Image:
    """Converted to sRGB, which needs no profile: phones use wider colours, which would look pale without theirs."""
    from PIL import ImageCms  # noqa: PLC0415

    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ours = ImageCms.createProfile("sRGB")
            mode = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(picture, theirs, ours, outputMode=mode)
            picture = picture if converted is None else converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that is broken: the colours are shown as they are
    if "transparency" in picture.info and kind is not FileKind.JPEG:
        return picture.convert("RGBA")
    if picture.mode in MODES[kind]:
        return picture
    return picture.convert("RGBA" if "A" in picture.getbands() else "RGB")


def _encoded(picture: Image, kind: FileKind) -> bytes:
    picture.info.clear()  # what writers would take along: places, comments, profiles
    made = io.BytesIO()
    picture.save(made, **WRITTEN[kind])
    return made.getvalue()


def _too_many() -> RejectedError:
    return RejectedError(
        text("A picture has at most {most} million pixels", most=MOST_PIXELS // 1_000_000),
        code="FILE_PIXELS",
        path=("file",),
    )

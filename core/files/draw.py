"""A program of its own: looks at the pixels of a picture or at the first page of a PDF, and draws what is shown of it.

    python -I draw.py picture JPEG 64000000       reads a file, writes one line of JSON and then a JPEG
    python -I draw.py pdf - 64000000
    python -I draw.py pages - 64000000            reads JPEGs, each after its length in 8 bytes; writes a PDF

It runs beside the portal, with limits on its memory and its time, because what reads pictures and PDFs is large, is not
written in Python, and gets files of strangers. It imports nothing of the portal. What it draws carries no metadata.
"""

import io
import json
import resource
import sys
from typing import Any, BinaryIO

MEMORY, SECONDS = 1536 * 1024 * 1024, 20
SHOWN, PAGE = 2_000, (1_100, 1_500)
QUALITY = 82


class Refused(Exception):
    """ "damaged", "large" or "password"."""


def main(action: str, detail: str, most_pixels: int, source: BinaryIO, target: BinaryIO) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found: dict[str, Any] = {}
    drawn = b""
    try:
        if action == "pages":
            drawn = pages(source)
        else:
            drawn = (picture if action == "picture" else first_page)(source.read(), detail, most_pixels, found)
    except Refused as refused:
        found = {"refused": str(refused)}
    except MemoryError:
        found = {"refused": "large"}
    target.write(json.dumps(found).encode() + b"\n" + drawn)


def picture(data: bytes, form: str, most_pixels: int, found: dict[str, Any]) -> bytes:
    from PIL import Image, ImageOps  # noqa: PLC0415  a program that needs one of the two does not load the other

    Image.MAX_IMAGE_PIXELS = None  # counted below, for every picture in the file
    if form == "HEIF":
        import pillow_heif  # noqa: PLC0415

        pillow_heif.register_heif_opener(thumbnails=False)
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            if image.width * image.height > most_pixels:
                raise Refused("large")
            found.update(width=image.width, height=image.height)
            image.draft("RGB", (SHOWN, SHOWN))
            image.thumbnail((SHOWN, SHOWN))
            upright = ImageOps.exif_transpose(image)
            return _jpeg(upright)
    except (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, AttributeError, EOFError) as error:
        raise Refused("damaged") from error


def _jpeg(image: Any) -> bytes:
    """On white, in a picture of its own: whatever else came with the old one stays behind."""
    from PIL import Image  # noqa: PLC0415

    plain = image.convert("RGBA") if image.mode in ("P", "LA", "PA", "RGBA", "La", "RGBa") else image.convert("RGB")
    fresh = Image.new("RGB", plain.size, "white")
    fresh.paste(plain, mask=plain.getchannel("A") if plain.mode == "RGBA" else None)
    target = io.BytesIO()
    fresh.save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()


def first_page(data: bytes, _form: str, most_pixels: int, found: dict[str, Any]) -> bytes:
    import pypdfium2  # noqa: PLC0415

    try:
        document = pypdfium2.PdfDocument(data)
        found["pages"] = len(document)
        page = document[0]
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise Refused("damaged")
        scale = min(PAGE[0] / width, PAGE[1] / height)
        return _jpeg(page.render(scale=scale, may_draw_forms=True).to_pil())
    except pypdfium2.PdfiumError as error:
        raise Refused("password" if "assword" in str(error) else "damaged") from error
    except (IndexError, ValueError) as error:
        raise Refused("damaged") from error


def pages(source: BinaryIO) -> bytes:
    from PIL import Image  # noqa: PLC0415

    images = []
    while length := int.from_bytes(source.read(8), "big"):
        images.append(Image.open(io.BytesIO(source.read(length)), formats=["JPEG"]))
    target = io.BytesIO()
    images[0].save(
        target, "PDF", save_all=True, append_images=images[1:], resolution=150, creationDate=None, modDate=None
    )
    return target.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.stdin.buffer, sys.stdout.buffer)

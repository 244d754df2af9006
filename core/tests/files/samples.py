"""Files of every kind that is accepted, small, made anew in each run."""

import io
import zipfile
from functools import cache

from PIL import Image

MAIN_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MAIN_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RED, BLUE = (200, 30, 30), (30, 30, 200)
MAIL = (
    b"From: landlord@example.org\r\nTo: member@example.org\r\nDate: Fri, 27 Nov 2026 09:00:00 -0500\r\n"
    b"Subject: Notice\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
    b"<html><body>Pay by Friday.</body></html>\r\n"
)


@cache
def picture(form="JPEG", size=(64, 48), **options):
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


@cache
def heic():
    import pillow_heif

    target = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), RED)).save(target, quality=50)
    return target.getvalue()


@cache
def photo(orientation=6, size=(80, 40), comment=b"Canary comment"):
    """As a phone takes it: lying on its side, with its place, its maker and a comment in it."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, "CanaryPhone", "Canary Author"
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 26.0, 46.0), 3: "W", 4: (79.0, 58.0, 56.0)})
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif, comment=comment, xmp=b"<x>Canary xmp</x>")
    return target.getvalue()


@cache
def pdf(text="Rent due", pages=1, extra=b""):
    """By hand, so that what is in it is known."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(pages))
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    for number in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({text} {number + 1}) Tj ET"
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * number} 0 R "
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )
        bodies.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = bytearray(b"%PDF-1.4\n" + extra), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def office(main=MAIN_WORD, part="word/document.xml", body=b"<document/>", parts=None, types="", compress=True):
    """An archive as Word and Excel write it, reduced to what is looked at."""
    kinds = f'<Override PartName="/{part}" ContentType="{main}"/>{types}'
    found = {"[Content_Types].xml": f"<Types>{kinds}</Types>".encode(), part: body, **(parts or {})}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return target.getvalue()


def excel(**options):
    return office(MAIN_EXCEL, "xl/workbook.xml", b"<workbook/>", **options)


ACCEPTED = {
    "application/pdf": pdf,
    "image/jpeg": picture,
    "image/png": lambda: picture("PNG"),
    "image/heic": heic,
    "image/webp": lambda: picture("WEBP"),
    "image/tiff": lambda: picture("TIFF"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": excel,
    "text/plain": "Notice: pay $412.50 by Friday — José\n".encode,
    "message/rfc822": lambda: MAIL,
}

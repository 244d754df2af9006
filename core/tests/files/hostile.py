"""Files that somebody sends to do harm: (name, content, what happens), made in code.

What happens is REFUSED, or the type as which it is kept: then it leaves as a download of that very type, in a sandbox.
"""

import gzip
import io
import struct
import zipfile
import zlib

from core.tests.files.samples import MAIL, MAIN_EXCEL, MAIN_WORD, excel, heic, office, pdf, picture

REFUSED = ""
PDF, JPEG, PNG, TXT, EML = "application/pdf", "image/jpeg", "image/png", "text/plain", "message/rfc822"
SCRIPT = b"<script>fetch('/members/')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
FOREIGN = b'<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><iframe src="/"/></foreignObject></svg>'
HTML = b"<!DOCTYPE html><html><body onload=alert(1)>Invoice</body></html>"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ENTITY = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document>&x;</document>'
LAUGHS = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><document>&b;</document>'
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
MACRO_PART = '<Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
GIF = b"GIF89a/*\x01\x00\x01\x00\x80*/=1;alert(1);/*\x00\x00\x00\xff\xff\xff!\xf9\x04*/"


def archive(**parts):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return target.getvalue()


def with_password(data):
    """The mark of encryption set on every part, in its own head and in the directory."""
    marked = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(mark)
        while at >= 0:
            marked[at + place] |= 1
            at = marked.find(mark, at + 4)
    return bytes(marked)


def relation(kind, target="http://evil.example/x"):
    link = f'<Relationship Id="r1" Type="http://x/relationships/{kind}" Target="{target}" TargetMode="External"/>'
    return {"word/_rels/document.xml.rels": f"<Relationships>{link}</Relationships>".encode()}


def png_of(width, height):
    """The head of a picture of that size, and pixels for none of it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def deep_pdf():
    return b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\ntrailer <</Root 1 0 R>>\n%%EOF"


def cut(data):
    return data[: len(data) // 2]


HOSTILE = [
    # two kinds at once
    ("cat.gif", GIF, REFUSED),
    ("pdf-then-page.pdf", pdf() + HTML, PDF),
    ("page-then-pdf.pdf", HTML + pdf(), REFUSED),
    ("script-then-pdf.pdf", SCRIPT + pdf(), REFUSED),
    ("pdf-then-zip.pdf", pdf() + archive(a="b"), PDF),
    ("zip-then-pdf.zip", archive(a="b") + pdf(), REFUSED),
    ("photo-php.png", picture("PNG") + b"<?php system($_GET[0]); ?>", PNG),
    ("php-photo.php", b"<?php system($_GET[0]); ?>" + picture("PNG"), REFUSED),
    ("photo-page.jpg", picture() + HTML, JPEG),
    ("photo-zip.jpg", picture() + archive(a="b"), JPEG),
    ("comment.jpg", picture("JPEG", comment=SCRIPT), JPEG),
    ("pdf-in-text.txt", b"Read this\n" + pdf(), TXT),
    ("docx-then-page.docx", office() + HTML, REFUSED),
    # pages and pictures that run
    ("drawing.svg", SVG, REFUSED),
    ("foreign.svg", FOREIGN, REFUSED),
    ("drawing.png", SVG, REFUSED),
    ("zipped.svgz", gzip.compress(SVG, mtime=0), REFUSED),
    ("bill.html", HTML, REFUSED),
    ("bill.pdf", HTML, REFUSED),
    ("bill.jpg", HTML, REFUSED),
    ("late.txt", b"A plain beginning\n" * 50 + SCRIPT, REFUSED),
    ("utf16.txt", "\ufeff<html><script>alert(1)</script>".encode("utf-16-le"), REFUSED),
    ("utf7.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", TXT),
    ("page.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', REFUSED),
    ("feed.xml", b'<?xml version="1.0"?><rss/>', REFUSED),
    ("style.xsl", b'<xsl:stylesheet version="1.0"/>', REFUSED),
    ("entity.xml", ENTITY, REFUSED),
    ("saved.mht", b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n" + HTML, REFUSED),
    ("mail.eml", MAIL, EML),
    ("mail.html", MAIL, EML),
    # programs
    ("setup.exe", b"MZ\x90\x00" + bytes(60) + b"PE\x00\x00", REFUSED),
    ("photo.jpg.exe", b"MZ\x90\x00" + bytes(200), REFUSED),
    ("photo.exe", picture(), JPEG),
    ("tool", b"\x7fELF\x02\x01\x01" + bytes(50), REFUSED),
    ("run.sh", b"#!/bin/sh\nrm -rf /\n", REFUSED),
    ("run.ps", b"%!PS-Adobe-3.0\n(evil) run\n", REFUSED),
    ("run.rtf", b"{\\rtf1{\\object\\objocx}}", REFUSED),
    ("Applet.class", b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(20), REFUSED),
    ("shortcut.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(40), REFUSED),
    ("eicar.txt", EICAR, TXT),
    ("eicar.pdf", EICAR, TXT),
    # names that lie
    ("invoice.pdf.", pdf(), PDF),
    ("invoice\u202efdp.exe", pdf(), PDF),
    ("invoice.pdf.html", pdf(), PDF),
    (".htaccess", b"AddType application/x-httpd-php .jpg\n", TXT),
    ("web.config", b"<configuration/>", REFUSED),
    # office files
    ("macro.docm", office(MACRO), REFUSED),
    ("macro.docx", office(parts={"word/vbaProject.bin": b"x"}), REFUSED),
    (
        "macro-type.docx",
        office(types=MACRO_PART),
        REFUSED,
    ),
    ("macro.xlsx", excel(parts={"xl/macrosheets/sheet1.xml": b"<x/>"}), REFUSED),
    ("activex.docx", office(parts={"word/activeX/activeX1.xml": b"<x/>"}), REFUSED),
    ("object.docx", office(parts={"word/embeddings/oleObject1.bin": b"x"}), REFUSED),
    ("program.docx", office(parts={"word/media/setup.exe": b"MZ"}), REFUSED),
    ("xxe.docx", office(body=ENTITY), REFUSED),
    ("xxe-utf16.docx", office(body="\ufeff".encode("utf-16-le") + ENTITY.decode().encode("utf-16-le")), REFUSED),
    ("laughs.xlsx", excel(parts={"xl/sharedStrings.xml": LAUGHS}), REFUSED),
    ("xxe-types.docx", archive(**{"[Content_Types].xml": ENTITY, "word/document.xml": b"<x/>"}), REFUSED),
    ("template.docx", office(parts=relation("attachedTemplate")), REFUSED),
    ("linked.docx", office(parts=relation("oleObject")), REFUSED),
    ("tracked.docx", office(parts=relation("image")), REFUSED),
    ("swapped.docx", office(MAIN_EXCEL, "word/document.xml"), REFUSED),
    ("swapped.xlsx", office(MAIN_WORD, "xl/workbook.xml"), REFUSED),
    ("password.docx", with_password(office()), REFUSED),
    ("password.zip", with_password(archive(a="b")), REFUSED),
    ("password.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), REFUSED),
    ("deep.docx", office(body=b"<a>" * 10_000), REFUSED),
    ("broken.docx", cut(office()), REFUSED),
    (
        "slide.pptx",
        office(SLIDES, "ppt/presentation.xml"),
        REFUSED,
    ),
    ("app.apk", archive(**{"AndroidManifest.xml": "x", "classes.dex": "x"}), REFUSED),
    # archives
    ("files.zip", archive(a="b"), REFUSED),
    ("nested.zip", archive(**{"a.zip": archive(**{"b.zip": archive(c="d")})}), REFUSED),
    ("files.gz", gzip.compress(b"x", mtime=0), REFUSED),
    ("files.7z", b"7z\xbc\xaf\x27\x1c" + bytes(30), REFUSED),
    ("files.rar", b"Rar!\x1a\x07\x01\x00" + bytes(30), REFUSED),
    # broken, empty, of another kind
    ("empty.pdf", b"", REFUSED),
    ("cut.jpg", cut(picture("JPEG", (400, 300))), REFUSED),
    ("cut.png", cut(picture("PNG", (400, 300))), REFUSED),
    ("cut.heic", cut(heic()), REFUSED),
    ("head-only.pdf", b"%PDF-1.7\n%%EOF", REFUSED),
    ("deep.pdf", deep_pdf(), REFUSED),
    ("film.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(40), REFUSED),
    ("photo.avif", b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", REFUSED),
    ("nul.txt", b"text\x00more", REFUSED),
    ("escape.txt", b"text\x08\x08\x08more", REFUSED),
]

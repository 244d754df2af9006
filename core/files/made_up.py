"""Small papers and photos of a demonstration, drawn here: nothing of them was ever real."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

PAPER, INK, WALL, FLOOR, WATER = (247, 245, 238), (35, 35, 40), (205, 196, 180), (120, 90, 66), (112, 142, 168)
LETTER = (612, 792)  # points


def letter(lines: Sequence[str]) -> bytes:
    """A sheet of US Letter with these lines, the first of them as its head."""
    text = " ".join(
        f"BT /F1 {22 if number == 0 else 13} Tf 72 {700 - 30 * number} Td ({_escaped(line)}) Tj ET"
        for number, line in enumerate(lines)
    )
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    bodies = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {LETTER[0]} {LETTER[1]}] /Contents 4 0 R "
        f"/Resources << /Font << /F1 {font} >> >> >>",
        f"<< /Length {len(text.encode('cp1252'))} >>\nstream\n{text}\nendstream",
    )
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\n"
    return content + f"{end}startxref\n{len(content)}\n%%EOF\n".encode()


def _escaped(line: str) -> str:
    plain = line.encode("cp1252", "replace").decode("cp1252")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def photo(lines: Sequence[str]) -> bytes:
    """A paper on a table, or what happened to the room behind it, as a phone would take it."""
    picture = Image.new("RGB", (480, 640), WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 360, 480, 640), fill=FLOOR)
    draw.ellipse((30, 430, 450, 620), fill=WATER)
    draw.polygon(((70, 60), (420, 40), (430, 410), (60, 420)), fill=PAPER, outline=INK)
    for number, line in enumerate(lines):
        draw.text((95, 90 + 52 * number), line, fill=INK, font=ImageFont.load_default(26 if number == 0 else 20))
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()

"""Papers as PDF: US Letter, tagged for screen readers, set from a template and the words that go into it.

Words go in as data and are printed as they are typed, whatever they look like. Nothing comes from outside: the fonts
are those of the typesetter, and a paper names neither who made it nor the template.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import typst
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.site import site_settings

PDF = "application/pdf"
# The standard for documents that everybody can read; it refuses letters for which no font has a picture.
ACCESSIBLE: Literal["ua-1"] = "ua-1"


@dataclass(frozen=True, slots=True)
class Paper:
    """`template` below templates/; `name` is that of the file, without anything personal; `data` texts in plain
    lists and dictionaries.
    """

    template: str
    name: str
    title: str
    data: dict[str, Any]


def pdf_of(paper: Paper) -> bytes:
    frame = {"title": paper.title, "page": _("Page {page} of {pages}"), "language": language(), "local": letterhead()}
    compiler = typst.Compiler(
        input=str(_root() / paper.template),
        root=str(_root()),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**frame, **paper.data})},
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=[ACCESSIBLE])
    except typst.TypstError:
        # A name in letters of another script: it is printed with a box for each, and the paper is tagged all the same.
        made = compiler.compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError(f"{paper.template} gave no PDF")
    return made


def letterhead() -> dict[str, Any]:
    site = site_settings()
    return {"name": str(site), "address": site.address.splitlines()}


def language() -> str:
    return (get_language() or "en").partition("-")[0]


def _root() -> Any:
    return settings.BASE_DIR / "templates"


@cache
def _fonts() -> typst.Fonts:
    """Read once a process."""
    return typst.Fonts(include_system_fonts=False)

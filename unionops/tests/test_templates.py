"""Templates are read by people too: short lines, and none that nothing draws."""

import re

from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
LONGEST_LINE = 160
# allauth, Django's admin, the status of an answer and the kind of a mail make these names.
NAMED_ELSEWHERE = ("account/", "admin/", "errors/", "mail/")


def every_template() -> dict[str, str]:
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.*")}


def test_no_line_is_longer_than_a_screen():
    assert [
        f"{name}:{number}"
        for name, text in every_template().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ] == []


def test_each_template_is_drawn_by_a_view_or_another_template():
    texts = every_template()
    code = [path.read_text() for path in settings.BASE_DIR.glob("*/**/*.py") if not {"tests", ".venv"} & {*path.parts}]
    everything = "".join([*code, *texts.values()])
    # A paper names another by its place below the root of all.
    named = {name for name in texts if f'"{name}"' in everything or f'"/{name}"' in everything}
    unnamed = [name for name in texts if not name.startswith(NAMED_ELSEWHERE) and name not in named]
    assert unnamed == []


def test_no_link_saves_the_page_that_asks_for_a_proof_of_identity():
    """An answer that is a file says so itself; `download` would save whatever comes in its place as one."""
    assert [name for name, text in every_template().items() if re.search(r"<a [^>]*\bdownload\b", text)] == []


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (settings.BASE_DIR / "static" / "icons.svg").read_text()))
    code = [path.read_text() for path in settings.BASE_DIR.glob("*/**/*.py") if not {"tests", ".venv"} & {*path.parts}]
    named = re.findall(r"""\bicon=["']([a-z0-9-]+)["']""", "".join([*code, *every_template().values()]))
    assert {*named} - drawn == set()

"""No sentence is put into a language while a module loads: everybody would read it in the one of the first process."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

EAGER = {"gettext", "ngettext", "pgettext", "npgettext"}


def names_of(tree: ast.Module) -> set[str]:
    """What the module calls the functions that translate at once."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    found = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    return {name.asname or name.name for name in found if name.name in EAGER}


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a module that run when it is loaded: all but the bodies of functions."""
    yield node
    if isinstance(node, ast.Lambda):
        return
    inner = ast.iter_child_nodes(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        inner = iter([*node.decorator_list, node.args])
    for child in inner:
        yield from run_at_import(child)


def translated_at_import(text: str) -> list[int]:
    """Lines that translate too early."""
    if "gettext" not in text.replace("gettext_lazy", ""):
        return []
    tree = ast.parse(text)
    names = names_of(tree)
    calls = [node for node in run_at_import(tree) if isinstance(node, ast.Call)] if names else []
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]


def modules() -> list[Path]:
    apps = {name.partition(".")[0] for name in [*settings.PROJECT_APPS, "unionops"]}
    return [path for app in sorted(apps) for path in (settings.BASE_DIR / app).rglob("*.py")]


def test_no_module_translates_while_it_loads():
    found = {str(path): translated_at_import(path.read_text()) for path in modules()}
    assert len(found) > 400
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_module_that_does_is_found():
    text = """
from django.utils.translation import gettext as _, gettext_lazy
TITLE = _("Title")
class Form:
    label = gettext_lazy("Label")
    help_text = _("Help")
def words(text=_("Text")):
    return _("Words")
later = lambda: _("Later")
"""
    assert translated_at_import(text) == [3, 6, 7]

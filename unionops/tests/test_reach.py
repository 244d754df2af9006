"""What looks for the faults of a page finds each of them: on a small page with the fault, beside the same without."""

import pytest

from unionops.tests import reach
from unionops.tests.browser import Visitor

pytestmark = pytest.mark.story
GOOD = """
<header><a class="skip-link" href="#main">Skip to the page</a></header>
<nav class="tabs"><a href="/a/" aria-current="page">One</a><a href="/b/">Two</a></nav>
<main id="main">
  <table><tr><td><a href="/1/">Edit Ann Lee</a></td></tr><tr><td><a href="/2/">Edit Bo Lee</a></td></tr></table>
  <form><label>Name <input name="name"></label><label>City <input name="city"></label>
    <label><input type="radio" name="kind" value="a"> Left</label>
    <label><input type="radio" name="kind" value="b"> Right</label>
    <label>Day <input type="date" name="day"></label><button class="btn btn-primary">Save</button></form>
  <p class="long">Much to read.</p>ROWS
</main>
""".replace("ROWS", "".join(f'<p><a href="/rows/{number}/">Row {number}</a></p>' for number in range(26)))
STYLE = """
html { scroll-padding-top: 70px } body { margin: 0; padding-top: 60px } .long { height: 900px }
header { position: fixed; top: 0; left: 0; right: 0; height: 60px; background: #eee }
a, input, button { outline-offset: 1px } :focus-visible { outline: 2px solid blue }
@media (forced-colors: active) {
  .tabs a[aria-current] { border-bottom: 5px solid Highlight }
  .btn-primary { forced-color-adjust: none; color: HighlightText; background: Highlight }
}
"""


@pytest.fixture
def look(chromium):
    """Of the page with this style and markup: what each of the four ways to look at it finds."""
    context = chromium.new_context(viewport=reach.WIDE)
    window = Visitor(context, "http://nowhere.invalid")

    def faults(*, style="", markup=GOOD):
        window.page.emulate_media(forced_colors="none")
        window.page.set_viewport_size(reach.WIDE)
        window.page.set_content(f'<html lang="en"><title>A page</title><style>{STYLE}{style}</style>{markup}</html>')
        found = [*reach.names(window), *reach.contrast(window), *reach.walk(window)]
        window.page.emulate_media(forced_colors="none")
        return [*found, *reach.cut_off(window, reach.TWICE), *reach.cut_off(window, reach.PHONE)]

    yield faults
    context.close()


FAULTS = {
    "under the sticky header": ("html { scroll-padding-top: 0 }", GOOD, "Shift+Tab: has the focus and is covered by"),
    "no ring": (":focus-visible { outline: 0 !important }", GOOD, "Tab: has the focus and shows no ring"),
    "out of order": ("", GOOD.replace('href="/2/"', 'href="/2/" tabindex="3"'), "Tab: is out of order"),
    "a trap": (
        "",
        GOOD.replace('name="city"', 'name="city" onkeydown="event.preventDefault()"'),
        "Tab: holds the focus",
    ),
    "too wide": (".long { width: 1100px }", GOOD, "pixels wider than 640"),
    "cut off": ("main { overflow: hidden } form button { margin-left: 900px }", GOOD, "at 640 is cut off"),
    "covered": (
        "form { position: relative } form::after { position: absolute; inset: 0; content: '' }",
        GOOD,
        "at 390 is covered",
    ),
    "no name": ("", GOOD.replace("Save", ""), "has no name"),
    "one name twice": ("", GOOD.replace("City", "Name"), "two in one form are called"),
    "says only Edit": ("", GOOD.replace("Edit Ann Lee", "Edit"), "does not say of what"),
    "one name, two places": ("", GOOD.replace("Ann Lee", "Bo Lee"), "leads to two places"),
    "tabs alike": (
        "@media (forced-colors: active) { .tabs a { border-bottom: 5px solid Highlight !important } }",
        GOOD,
        "the chosen tab looks like the others",
    ),
    "buttons alike": (".btn-primary { all: revert !important }", GOOD, "the main button looks like the others"),
}


def test_a_good_page_has_no_fault(look):
    assert look() == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found(look, name):
    style, markup, words = FAULTS[name]
    assert [fault for fault in look(style=style, markup=markup) if words in fault]

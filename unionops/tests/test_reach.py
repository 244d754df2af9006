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


def enlarged(window: Visitor) -> list[str]:
    window.page.emulate_media(forced_colors="none")
    return reach.cut_off(window, reach.TWICE)


def on_a_phone(window: Visitor) -> list[str]:
    window.page.emulate_media(forced_colors="none")
    return reach.cut_off(window, reach.PHONE)


# In the order in which the crawl looks: it walks in the forced colours that the contrast was looked at in.
WAYS = (reach.names, reach.contrast, reach.walk, enlarged, on_a_phone)


@pytest.fixture
def look(chromium):
    """Of the page with this style and markup: what these ways to look at it find."""
    context = chromium.new_context(viewport=reach.WIDE)
    window = Visitor(context, "http://nowhere.invalid")

    def faults(*ways, style="", markup=GOOD):
        window.page.set_content(f'<html lang="en"><title>A page</title><style>{STYLE}{style}</style>{markup}</html>')
        return [fault for way in ways for fault in way(window)]

    yield faults
    context.close()


# What is wrong → the way that finds it, what is done to the page, and what is said of it.
FAULTS = {
    "under the sticky header": (
        reach.walk,
        "html { scroll-padding-top: 0 }",
        GOOD,
        "Shift+Tab: has the focus and is covered by",
    ),
    "no ring": (reach.walk, ":focus-visible { outline: 0 !important }", GOOD, "Tab: has the focus and shows no ring"),
    "out of order": (reach.walk, "", GOOD.replace('href="/2/"', 'href="/2/" tabindex="3"'), "Tab: is out of order"),
    "a trap": (
        reach.walk,
        "",
        GOOD.replace('name="city"', 'name="city" onkeydown="event.preventDefault()"'),
        "Tab: holds the focus",
    ),
    "too wide": (enlarged, ".long { width: 1100px }", GOOD, "pixels wider than 640"),
    "cut off": (
        enlarged,
        "main { overflow: hidden } form button { margin-left: 900px }",
        GOOD,
        "at 640 is cut off",
    ),
    "covered": (
        on_a_phone,
        "form { position: relative } form::after { position: absolute; inset: 0; content: '' }",
        GOOD,
        "at 390 is covered",
    ),
    "no name": (reach.names, "", GOOD.replace("Save", ""), "has no name"),
    "one name twice": (reach.names, "", GOOD.replace("City", "Name"), "two in one form are called"),
    "says only Edit": (reach.names, "", GOOD.replace("Edit Ann Lee", "Edit"), "does not say of what"),
    "one name, two places": (reach.names, "", GOOD.replace("Ann Lee", "Bo Lee"), "leads to two places"),
    "tabs alike": (
        reach.contrast,
        "@media (forced-colors: active) { .tabs a { border-bottom: 5px solid Highlight !important } }",
        GOOD,
        "the chosen tab looks like the others",
    ),
    "buttons alike": (
        reach.contrast,
        ".btn-primary { all: revert !important }",
        GOOD,
        "the main button looks like the others",
    ),
}


def test_a_good_page_has_no_fault(look):
    assert look(*WAYS) == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found(look, name):
    way, style, markup, words = FAULTS[name]
    assert [fault for fault in look(way, style=style, markup=markup) if words in fault]

"""Pages for people without a mouse, with large letters, in high contrast or with a screen reader: what is wrong there.

Each function takes a window and returns lines; what is looked at stands in reach.js.
"""

from functools import cache
from pathlib import Path
from typing import Any

from unionops.tests.browser import Visitor, bring_axe

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
# What a browser makes of a window of 1280 x 900 when its page is enlarged to 200 %.
TWICE = {"width": 640, "height": 450}


@cache
def source() -> str:
    return (Path(__file__).parent / "reach.js").read_text()


def run(window: Visitor, call: str, *, with_axe: bool = False) -> Any:
    """Return what a function of reach.js says of the page; the page's policy is not asked."""
    session = window.context.new_cdp_session(window.page)
    if with_axe:
        bring_axe(session)
    session.send("Runtime.evaluate", {"expression": source()})
    answer = session.send("Runtime.evaluate", {"expression": f"reach.{call}", "returnByValue": True})
    session.detach()
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return answer["result"].get("value")


def cut_off(window: Visitor, size: dict[str, int]) -> list[str]:
    """At this size: controls that are cut off or covered, and a page that scrolls sideways."""
    window.page.set_viewport_size(size)
    faults = [f"at {size['width']} {fault}" for fault in run(window, "cutOff()")]
    too_wide = window.sideways()
    return [*faults, f"{too_wide} pixels wider than {size['width']}"] if too_wide > 0 else faults


def names(window: Visitor) -> list[str]:
    """Controls without a name of their own."""
    return run(window, "names()", with_axe=True)


def contrast(window: Visitor) -> list[str]:
    """What cannot be told apart in forced colours; the page is left in them."""
    window.page.emulate_media(forced_colors="active")
    return [f"in forced colours {fault}" for fault in run(window, "contrast()")]


def walk(window: Visitor) -> list[str]:
    """Go through the page with Tab and back again: order, traps, and whether one sees where one is."""
    faults, page = [], window.page
    for key, way in (("Tab", 1), ("Shift+Tab", -1)):
        stops = run(window, f"begin({way})")
        # A date has four stops of its own, and what scrolls is one too.
        for _press in range(4 * stops):
            page.keyboard.press(key)
            fault = page.evaluate(f"reach.step({way})")
            if fault is None:
                break
            if fault:
                faults.append(f"{key}: {fault}")
            if len(faults) > 9:
                return faults
        else:
            faults.append(f"{key}: no end")
    return faults

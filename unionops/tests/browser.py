"""A real browser on the live portal. Whatever a test does, it fails on a CSP violation, a script error or a request
to another host.

`visit()` opens a window: `visit().known_as(people["staff"])`, `.open("/members/")`, `.page` (Playwright's page),
`.accessible()`, `.picture("members")` (kept when SCREENSHOTS names a folder).
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page, Request, sync_playwright

from accounts.factories import PASSWORD
from unionops.testing.cast import session_of

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
  window.reportViolation(`${location.pathname} ${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`));
"""


@cache
def axe_source() -> str:
    return AXE.read_text()


def bring_axe(session: CDPSession) -> None:
    """Read axe into the page, which keeps it until it goes."""
    if session.send("Runtime.evaluate", {"expression": "typeof axe"})["result"]["value"] == "undefined":
        session.send("Runtime.evaluate", {"expression": axe_source()})


class Visitor:
    """One window of one person."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.faults: list[str] = []
        context.expose_binding("reportViolation", lambda _source, text: self.faults.append(f"CSP: {text}"))
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._watch_request)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._watch_console)

    def _watch_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"other host: {urlsplit(request.url).netloc}")

    def _watch_console(self, message: ConsoleMessage) -> None:
        # A refused form or a missing page is an answer, not a fault.
        expected = re.search(r"status of 4\d\d|Response Status Error Code 4\d\d", message.text)
        if message.type == "error" and not expected:
            self.faults.append(f"console: {message.text}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def give_password(self, user: Any, password: str = PASSWORD) -> Page:
        page = self.open("/accounts/login/")
        page.fill("input[name=login]", user.email)
        page.fill("input[name=password]", password)
        page.click("main form:first-of-type button[type=submit]")
        return page

    def sign_in(self, user: Any, password: str = PASSWORD) -> "Visitor":
        self.give_password(user, password).wait_for_url(lambda url: "/accounts/login/" not in url)
        return self

    def known_as(self, user: Any) -> "Visitor":
        """Be signed in already, where signing in is not what the test is about."""
        return self.take_cookies(session_of(user))

    def take_cookies(self, cookies: dict[str, str]) -> "Visitor":
        self.context.add_cookies([{"name": name, "value": text, "url": self.address} for name, text in cookies.items()])
        return self

    def axe(self) -> list[str]:
        """Return what axe has against this page: rule, place, markup."""
        session = self.context.new_cdp_session(self.page)
        bring_axe(session)
        # Its preload would parse stylesheets by an inline <style>, which the CSP rightly refuses.
        run = f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations'], preload: false}})"
        answer = session.send("Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True})
        session.detach()
        return [
            f"{violation['id']}: {node['target']} {node['html'][:160]}"
            for violation in answer["result"]["value"]["violations"]
            for node in violation["nodes"]
        ]

    def accessible(self) -> None:
        faults = self.axe()
        assert faults == [], faults

    def theme(self, name: str) -> "Visitor":
        """Set light or dark, as the person's system has it; paper is always light."""
        self.page.emulate_media(color_scheme=name)
        applied = "name => { const { themeChoice, bsTheme } = document.documentElement.dataset;"
        self.page.wait_for_function(f"{applied} return themeChoice !== 'auto' || bsTheme === name }}", arg=name)
        return self

    def sideways(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    def picture(self, name: str) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # The shell draws pages and no window round them. Without either, the browser that Playwright fetched for itself.
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        # Playwright's loop runs in this thread; Django would otherwise refuse its ORM here.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        with pytest.MonkeyPatch.context() as patch:
            # As with the pool of production: PostgreSQL's process of a new connection begins with an empty memory.
            patch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
            yield browser
            # Made while Playwright's loop runs in this thread, it is not seen by who closes connections afterwards.
            connections.close_all()
        browser.close()


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """`visit(width=1280, height=900, javascript=True)`: a new window that nobody has signed in to."""
    visitors: list[Visitor] = []

    def open_window(*, width: int = 1280, height: int = 900, javascript: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme="light",
            locale="en-US",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        visitors.append(Visitor(context, live_server.url))
        return visitors[-1]

    yield open_window
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert not faults, "\n" + "\n".join(faults)


def press(page: Page, name: str) -> None:
    """Press a move: the page's button, or an entry of the menu beside it."""
    moves = page.locator(".record-moves")
    link = moves.get_by_role("link", name=name, exact=True)
    if not link.first.is_visible():
        moves.locator("summary", has_text=re.compile("More|What can be done")).first.click()
    link.first.click()

"""The watchers of the browser tests do see what they watch for."""

import pytest

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def watched(chromium, live_server):
    from unionops.tests.browser import Visitor

    context = chromium.new_context(viewport={"width": 390, "height": 800})
    visitor = Visitor(context, live_server.url)
    visitor.open("/accounts/login/")
    yield visitor
    context.close()


def settle(visitor):
    """Return the faults without the page they are on."""
    visitor.page.wait_for_timeout(300)
    words = [fault.replace("/accounts/login/ ", "").split(" ") for fault in visitor.faults]
    return sorted({"".join(found[:2]) for found in words if found[0] != "console:"})


def test_a_good_page_has_no_fault(watched):
    assert watched.axe() == []
    assert watched.sideways() == 0
    assert settle(watched) == []


def test_an_inline_script_or_style_is_reported(watched):
    watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')")
    assert settle(watched) == ["CSP:style-src-attr"]


def test_another_host_is_reported(watched):
    watched.page.evaluate("new Image().src = 'https://evil.example/pixel.png'")
    assert "CSP:img-src" in settle(watched)


def test_a_script_error_is_reported(watched):
    watched.page.evaluate("setTimeout(() => { throw new Error('broken') })")
    assert settle(watched) == ["script:broken"]


def test_axe_sees_a_nameless_button_and_a_pale_text(watched):
    watched.page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        " '<button></button><p id=pale>pale</p><div id=wide>wide</div>');"
        "document.querySelector('#pale').style.color = '#eee';"
        "document.querySelector('#wide').style.width = '2000px'"
    )
    assert {fault.split(":")[0] for fault in watched.axe()} == {"button-name", "color-contrast"}
    assert watched.sideways() > 1000


def test_the_real_form_signs_in(visit, people):
    window = visit().sign_in(people["staff"])
    assert window.page.url == f"{window.address}/"
    assert window.page.locator("h1").count() == 1
    window.accessible()


def test_without_javascript_too(visit, people):
    window = visit(javascript=False).sign_in(people["staff"])
    assert window.page.url == f"{window.address}/"


def test_swagger_runs_under_the_portals_own_policy(visit, people):
    visitor = visit().sign_in(people["admin"])
    page = visitor.open("/api/v1/docs/")
    page.click("#operations-tag-auth")
    page.click("text=/api/v1/auth/me/")
    page.click("text=Try it out")
    page.click("text=Execute")
    page.wait_for_selector(".live-responses-table .response-col_status")
    assert page.inner_text(".live-responses-table .response .response-col_status").startswith("200")
    assert visitor.sideways() == 0

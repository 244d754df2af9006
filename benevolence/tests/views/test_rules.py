from datetime import date

import pytest

from benevolence.models import BenevolencePolicy
from benevolence.tests.steps import RULES
from core.tests.pages import errors

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("staffed")
def test_rules_are_read_by_many_and_changed_by_few(client_of, people):
    url = "/benevolence/rules/"
    found = {name: client_of(name).get(url) for name in ("admin", "officer", "benevolence-vp", "trustee")}
    assert {name: "New version" in page.text for name, page in found.items()} == {
        "admin": True,
        "officer": False,
        "benevolence-vp": False,
        "trustee": False,
    }
    assert client_of("officer").post(f"{url}new/", RULES).status_code == 403
    assert client_of("member").get(url).status_code == 403


@pytest.mark.usefixtures("staffed")
def test_a_version_is_made_changed_and_called_off(client_of, people):
    browser, url = client_of("admin"), "/benevolence/rules/"
    response = browser.post(f"{url}new/", RULES | {"vp_up_to": "200.00"})
    assert response.status_code == 422
    assert errors(response) == {"admin_up_to": ["Each level's limit must be higher than the one before."]}
    assert browser.post(f"{url}new/", RULES).status_code == 302
    policy = BenevolencePolicy.objects.get(starts_on=date(2099, 1, 1))
    assert policy.reasons == {"medical": {"most": "700", "outside": True, "documents": ["bill"]}}
    assert policy.conditions == ["Another fund was asked first."]
    page = browser.get(f"{policy.get_absolute_url()}?amount=250&reason=medical").text
    assert "An application of $250 (medical) today would need: Vice president, " in page
    assert "It could get at most $700." in page
    edited = {"version": "1", "cap_months": "6"}
    assert browser.post(f"{policy.get_absolute_url()}edit/", RULES | edited).status_code == 302
    assert browser.post(f"{policy.get_absolute_url()}edit/", RULES | edited).status_code == 409
    assert browser.post(f"{policy.get_absolute_url()}call-off/", {"reason": "Not now"}).status_code == 302
    assert [text in browser.get(url).text for text in ("Called off", "In force")] == [True, True]
    assert browser.get(f"{policy.get_absolute_url()}edit/").status_code == 409

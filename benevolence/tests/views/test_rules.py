from datetime import date

import pytest

from benevolence.models import BenevolencePolicy
from benevolence.tests.steps import RULES
from core.tests.pages import errors, said, values_in

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
def test_kinds_of_documents_are_those_that_applicants_read(client_of):
    browser, url = client_of("admin"), "/benevolence/rules/"
    browser.post(f"{url}new/", RULES | {"documents_medical": "Bill or invoice, bill, Lease"})
    policy = BenevolencePolicy.objects.get(starts_on=date(2099, 1, 1))
    assert policy.reasons["medical"]["documents"] == ["bill", "lease"]
    page = browser.get(f"{policy.get_absolute_url()}?amount=250&reason=medical").text
    assert "Documents: Bill or invoice, lease." in page
    assert "with Bill or invoice, lease" in page


@pytest.mark.usefixtures("staffed")
def test_the_history_of_a_version_writes_days_and_amounts_as_people_do(client_of):
    browser, url = client_of("admin"), "/benevolence/rules/"
    browser.post(f"{url}new/", RULES)
    policy = BenevolencePolicy.objects.get(starts_on=date(2099, 1, 1))
    changed = {"version": "1", "starts_on": "2099-02-01", "vp_up_to": "90.00", "documents_medical": "notice"}
    assert browser.post(f"{policy.get_absolute_url()}edit/", RULES | changed).status_code == 302
    page = browser.get(policy.get_absolute_url()).text
    assert "<ins>Sun 1 Feb 2099</ins>" in page
    assert "<ins>$90.00</ins>" in page
    assert "Changed the rules of benevolence: what differs for a reason" in page


@pytest.mark.usefixtures("staffed")
def test_what_two_change_in_one_version_stands_also_for_a_reason(client_of):
    browser = client_of("admin")
    browser.post("/benevolence/rules/new/", RULES)
    policy = BenevolencePolicy.objects.get(starts_on=date(2099, 1, 1))
    url = f"{policy.get_absolute_url()}edit/"
    typed = RULES | {name: values_in(browser.get(url))[name] for name in ("version", "seen_values")}
    first = {"conditions": "A budget was made.", "most_medical": "600", "documents_other": "notice, lease"}
    assert browser.post(url, typed | first).status_code == 302
    answer = browser.post(url, typed | {"cap_months": "6", "documents_medical": "Bill or invoice, lease"})
    theirs = "What intake confirms, Most for one application, Documents"
    told = f"Somebody else changed this meanwhile: {theirs}. Both changes stand."
    assert (answer.status_code, said(answer)[-1]) == (302, told)
    policy.refresh_from_db()
    assert (policy.cap_months, policy.conditions) == (6, ["A budget was made."])
    assert policy.reasons == {
        "medical": {"most": "600", "outside": True, "documents": ["bill", "lease"]},
        "other": {"documents": ["notice", "lease"]},
    }
    answer = browser.post(url, typed | {"most_medical": "500"})
    assert answer.status_code == 409
    assert answer.context["conflict"] == [("Most for one application", "600", "500")]
    assert values_in(answer)["documents_other"] == "notice, lease"


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

"""What is typed in a form is kept until it is sent, for whoever typed it and nobody else."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from benevolence.models import BenevolenceApplication
from core.models import KeptForm
from core.web import keeping
from core.web.keeping import MOST
from grievances.factories import AgreementFactory

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}

URL = "application_create"
HALF = {"reason": "hardship", "description": "The meter is\r\n<b>off</b>", "amount_requested": "$1,8", "keep": "1"}
WHOLE = {"reason": "hardship", "description": "The meter is off", "amount_requested": "1800"}


@pytest.fixture
def phone(client_of):
    return client_of("member")


def shown(client, url: str = "") -> dict[str, str]:
    form = client.get(url or reverse(URL)).context["form"]
    return {name: form[name].value() for name in ("reason", "description", "amount_requested")}


def test_half_a_form_comes_back_as_it_was_typed_and_finds_no_fault(phone):
    answer = phone.post(reverse(URL), HALF, headers=FRAGMENT)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain")
    assert answer.content.decode().startswith("Kept: ")
    assert shown(phone) == {name: HALF[name] for name in ("reason", "description", "amount_requested")}
    assert phone.get(reverse(URL)).context["form"].errors == {}
    assert not BenevolenceApplication.objects.exists()


def test_what_is_typed_later_takes_its_place(phone):
    phone.post(reverse(URL), HALF, headers=FRAGMENT)
    phone.post(reverse(URL), {**HALF, "description": "The meter is off since Monday"}, headers=FRAGMENT)
    assert shown(phone)["description"] == "The meter is off since Monday"
    assert KeptForm.objects.count() == 1


def test_without_javascript_a_button_keeps_it(phone):
    answer = phone.post(reverse(URL), HALF, follow=True)
    assert answer.redirect_chain == [(reverse("application_list"), 302)]
    assert [str(message).partition(":")[0] for message in answer.context["messages"]] == ["Kept"]


def test_what_is_sent_or_begun_afresh_is_kept_no_longer(phone):
    phone.post(reverse(URL), HALF)
    assert phone.post(reverse(URL), {"forget": "1"}).headers["Location"] == reverse(URL)
    assert KeptForm.objects.count() == 0
    phone.post(reverse(URL), HALF)
    phone.post(reverse(URL), {**HALF, "keep": ""} | WHOLE | {"keep": "1"})
    assert KeptForm.objects.count() == 1
    assert phone.post(reverse(URL), WHOLE).status_code == 302
    assert (KeptForm.objects.count(), BenevolenceApplication.objects.count()) == (0, 1)


def test_what_is_refused_stays_kept(phone):
    phone.post(reverse(URL), HALF)
    assert phone.post(reverse(URL), {**WHOLE, "amount_requested": "much"}).status_code == 422
    assert shown(phone)["amount_requested"] == "$1,8"


def test_nobody_else_sees_it_and_the_database_holds_no_word_of_it(phone, client_of):
    phone.post(reverse(URL), HALF)
    assert shown(client_of("staff")) == {"reason": None, "description": None, "amount_requested": None}
    kept = KeptForm.objects.values_list("page", "typed").get()
    assert reverse(URL) not in kept[0]
    assert "meter" not in KeptForm.objects.extra(select={"raw": "typed"}).values_list("raw", flat=True).get()


def test_a_form_about_somebody_is_kept_apart(client_of, people):
    office, member = client_of("staff"), people["member"].member
    office.post(f"{reverse(URL)}?member={member.pk}", HALF)
    assert shown(office)["reason"] is None
    assert shown(office, f"{reverse(URL)}?member={member.pk}")["reason"] == "hardship"


def test_a_draft_that_is_edited_keeps_what_is_typed(phone):
    phone.post(reverse(URL), WHOLE)
    url = reverse("application_edit", args=[BenevolenceApplication.objects.get().pk])
    phone.post(url, HALF | {"version": "1"})
    assert shown(phone, url)["amount_requested"] == "$1,8"
    assert BenevolenceApplication.objects.get().amount_requested == 1800


def first_buttons(page: str) -> list[str]:
    """Return the first button of each form that is typed in: the Enter key presses it."""
    forms = re.findall(r"<form[^>]* data-guard.*?</form>", page, re.DOTALL)
    return [re.search(r"<button type=\"submit\"[^>]*>", form)[0] for form in forms]


def test_the_enter_key_sends_the_form_and_never_deletes_what_was_kept(phone, client_of):
    phone.post(reverse(URL), HALF)
    page = phone.get(reverse(URL)).text
    assert 'name="forget"' in page
    assert first_buttons(page) == ['<button type="submit" class="btn btn-primary">']
    rule = client_of("representative").get(reverse("step_rule_create", args=[AgreementFactory().pk])).text
    assert 'name="example"' in rule
    assert first_buttons(rule) == ['<button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true">']


def test_too_much_is_not_kept_and_says_so(phone):
    answer = phone.post(reverse(URL), {**HALF, "description": "x" * MOST}, headers=FRAGMENT)
    assert answer.content.decode() == "Too long to be kept. Send the form, or shorten it."
    assert not KeptForm.objects.exists()


def test_it_is_forgotten_after_thirty_days(phone, people):
    old, young = (timezone.now() - timedelta(days=days) for days in (31, 29))
    for page, moment in (("a", old), ("b", young)):
        KeptForm.objects.create(account=people["member"], page=page, typed="{}", kept_at=moment)
    assert keeping.forget_old() == 1
    assert KeptForm.objects.get().page == "b"

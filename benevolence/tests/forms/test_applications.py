import pytest

from benevolence.factories import ApplicationFactory
from benevolence.forms.applications import (
    AmendForm,
    ApplicationForm,
    OfficeApplicationForm,
    application_form,
)
from benevolence.forms.payments import PayForm
from benevolence.forms.reviews import ApproveForm
from core.site import local_today

pytestmark = pytest.mark.django_db


def test_the_form_of_the_person(people):
    assert application_form(people["member"]) is ApplicationForm
    assert application_form(people["staff"]) is OfficeApplicationForm
    payee = ["payee_kind", "payee_name", "address", "purpose", "account_number"]
    request = ["reason", "description", "amount_requested", "needed_by", "is_related_to_office", "version", *payee]
    assert list(ApplicationForm(actor=people["member"]).fields) == request
    assert set(OfficeApplicationForm(actor=people["staff"]).fields) == {*request, "notes", "member"}
    draft = ApplicationFactory()
    assert "member" not in OfficeApplicationForm(actor=people["staff"], instance=draft).fields


def test_an_amendment_starts_from_what_the_person_sees(people):
    application = ApplicationFactory(
        status="submitted", member=people["member"].member, entered_by=people["staff"], reason="medical"
    )
    own = AmendForm(record=application, actor=people["member"])
    blind = AmendForm({"amount_requested": "20"}, record=application, actor=people["staff"])
    assert (own["reason"].initial, own["description"].initial) == ("medical", application.description)
    assert blind["reason"].initial is None
    assert blind["description"].initial is None
    assert blind.is_valid()
    assert blind.values() == {"version": 0, "values": {"amount_requested": blind.cleaned_data["amount_requested"]}}


def test_what_an_approval_and_a_payment_start_from(people):
    application = ApplicationFactory(status="submitted")
    form = ApproveForm(record=application, actor=people["benevolence-vp"])
    assert (form["amount"].initial, form["version"].initial) == (application.amount_requested, 1)
    assert PayForm(record=application, actor=people["treasurer"])["payment_date"].initial == local_today()

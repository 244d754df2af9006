"""Role × state × move through the page, the admin and the API: only what is listed here changes anything."""

from decimal import Decimal

import pytest
from django.db import transaction

from benevolence import services
from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from core.site import local_today

pytestmark = pytest.mark.django_db

PERSONAS = (
    "anon", "nobody", "expired", "suspended", "admin", "officer", "staff", "organizer", "instructor", "member",
    "representative", "steward", "grievance-chair", "organizing-director", "treasurer", "trustee", "benevolence-vp",
    "benevolence-admin", "benevolence-manager", "benevolence-president",
)  # fmt: skip
TOMORROW = "2099-01-01"
VALUES = {
    "submit": {},
    "answer": {"text": "The power bill"},
    "amend": {"reason": "disaster", "description": "Worse now", "amount_requested": "350.00"},
    "withdraw": {"reason": "Not needed"},
    "approve": {"amount": "100.00"},
    "ask": {"question": "Which bill?"},
    "start": {},
    "defer": {"until": TOMORROW, "comments": "Wait for the bill"},
    "deny": {"reason": "Not a hardship"},
    "pay": {"payment_method": "direct_deposit"},
}
OWN = {"member", "staff"}  # the applicant, and who entered it for them
VP, SECOND = {"benevolence-vp"}, {"benevolence-admin"}
ALLOWED = {
    "draft": {"submit": OWN, "withdraw": OWN},
    "submitted": {
        "amend": OWN, "withdraw": OWN, "start": VP, "approve": VP, "ask": VP, "defer": VP, "deny": VP,
    },
    "started": {"amend": OWN, "withdraw": OWN, "approve": VP, "ask": VP, "defer": VP, "deny": VP},
    "asked": {"amend": OWN, "withdraw": OWN, "answer": OWN, "deny": VP},
    "second level": {
        "amend": OWN, "withdraw": OWN, "approve": SECOND, "ask": SECOND, "defer": SECOND, "deny": SECOND,
    },
    "approved": {"withdraw": OWN, "pay": {"treasurer"}},
    "denied": {},
    "paid": {},
    "withdrawn": {},
}  # fmt: skip
# Who has no part in benevolence sees no row in any state; two states stand for all.
OUTSIDERS = set(PERSONAS) - OWN - VP - SECOND - {
    "officer", "treasurer", "trustee", "benevolence-manager", "benevolence-president"
}  # fmt: skip
REFUSED = {302, 403, 404, 409}


def make(state: str, people) -> BenevolenceApplication:
    amount = Decimal("900.00" if state == "second level" else "400.00")
    vp, staff, today = people["benevolence-vp"], people["staff"], local_today()
    application = ApplicationFactory(
        member=people["member"].member, entered_by=staff, amount_requested=amount, reason="hardship"
    )
    if state == "draft":
        return application
    application = services.submit(application, actor=staff)
    if state == "started":
        services.start_review(application, actor=vp)
    elif state == "asked":
        services.ask(application, actor=vp, question="Which bill?")
    elif state in ("second level", "approved", "paid"):
        application = services.approve(application, actor=vp, amount=amount)
    elif state == "denied":
        services.deny(application, actor=vp, reason="No")
    elif state == "withdrawn":
        services.withdraw(application, actor=staff, reason="No")
    if state == "paid":
        services.pay(application, actor=people["treasurer"], payment_date=today, payment_method="direct_deposit")
    return application


def by_page(browser, key, move, values):
    return browser.post(f"/benevolence/applications/{key}/moves/{move}/", values)


def by_admin(browser, key, move, values):
    return browser.post(f"/admin/benevolence/benevolenceapplication/{key}/moves/{move}/", values)


def by_api(browser, key, move, values):
    url = f"/api/v1/benevolence-applications/{key}/moves/{move}/"
    return browser.post(url, values, content_type="application/json")


# Members have no way into the admin.
CHANNELS = {"page": (by_page, set()), "admin": (by_admin, {"member"}), "api": (by_api, set())}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("state", ALLOWED)
def test_only_what_is_listed_changes_anything(state, channel, people, client_of):
    take, shut_out = CHANNELS[channel]
    application = make(state, people)
    before = BenevolenceApplication.objects.values().get(pk=application.pk)
    taken, answers = set(), set()
    for name in PERSONAS:
        browser = client_of(name)
        if name in OUTSIDERS and state not in ("submitted", "approved"):
            continue
        for move, values in VALUES.items():
            given = {"payment_date": str(local_today()), **values} if move == "pay" else values
            with transaction.atomic():
                answer = take(browser, application.pk, move, given)
                if BenevolenceApplication.objects.values().get(pk=application.pk) != before:
                    taken.add((name, move))
                else:
                    answers.add(401 if name == "anon" and channel == "api" else answer.status_code)
                transaction.set_rollback(True)
    allowed = {(name, move) for move, names in ALLOWED[state].items() for name in names - shut_out}
    assert taken == allowed
    assert answers - {401} <= REFUSED

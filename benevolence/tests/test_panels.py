from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.factories import RoleAssignmentFactory
from benevolence import panels
from benevolence.enums import Level
from benevolence.factories import ApplicationFactory, RelationshipFactory, ReviewFactory
from benevolence.models import BenevolenceApplication, Payment
from benevolence.services import applications, carrying, intake, payments, policies, reviews
from benevolence.services.paper import OnPaper
from core.site import local_today
from core.web.waiting import DUE

pytestmark = pytest.mark.django_db
NAMES = ("member", "staff", "officer", "benevolence-vp", "benevolence-admin", "treasurer", "trustee", "nobody", "admin")


@pytest.fixture
def rows(people):
    """Make a draft, one asked about (by staff for the member), one for the second level, one to pay, one paid."""
    member, staff, vp = people["member"].member, people["staff"], people["benevolence-vp"]
    made = {"draft": ApplicationFactory(member=member, entered_by=staff)}
    for name, amount in (("asked", 100), ("second", 900), ("to pay", 100), ("paid", 100)):
        draft = ApplicationFactory(
            entered_by=staff, amount_requested=amount, **({"member": member} if name == "asked" else {})
        )
        made[name] = applications.submit(draft, actor=staff)
        if name == "asked":
            made[name] = reviews.ask(made[name], actor=vp, question="Which bill?")
        else:
            made[name] = reviews.approve(made[name], actor=vp, amount=draft.amount_requested)
    made["paid"] = payments.pay(
        made["paid"], actor=people["treasurer"], payment_date=local_today(), payment_method="direct_deposit"
    )
    return made


def names_of(rows, items):
    urls = {row.get_absolute_url(): name for name, row in rows.items()}
    urls |= {payment.get_absolute_url(): "to sign" for payment in Payment.objects.all()}
    return {urls[item.url] for item in items}


def test_what_waits(people, rows):
    assert {name: names_of(rows, panels.WAITS.first(people[name])) for name in NAMES} == {
        "member": {"draft", "asked"},
        "staff": {"draft", "asked"},
        "officer": {"to sign"},
        "benevolence-vp": set(),
        "benevolence-admin": {"second"},
        "treasurer": {"to pay"},
        "trustee": set(),
        "nobody": set(),
        "admin": set(),
    }
    [item] = panels.WAITS.first(people["benevolence-admin"])
    assert item.what == f"Decide {rows['second']}"
    assert item.state == "Under review"
    assert item.tone == "blue"
    assert item.when == local_today()
    assert {item.what for item in panels.WAITS.first(people["member"])} == {
        "Finish an application",
        f"Answer the question about {rows['asked']}",
    }


def test_what_one_may_not_decide_does_not_wait(person_with, people):
    both = person_with("benevolence-vp", "benevolence-admin", "treasurer")
    draft = ApplicationFactory(entered_by=people["staff"], amount_requested=900)
    application = applications.submit(draft, actor=people["staff"])
    reviews.approve(application, actor=both, amount=draft.amount_requested)
    assert panels.WAITS.first(both) == []
    reviews.approve(application, actor=people["benevolence-admin"], amount=draft.amount_requested)
    assert panels.WAITS.first(both) == []
    assert len(panels.WAITS.first(people["treasurer"])) == 1


def test_a_payment_waits_for_each_who_may_sign_it(people, person_with, rows):
    """The statement that finds them says what the service says of each."""
    payment = Payment.objects.get()
    application = payment.line.application
    signers = {name: person_with("officer", *more) for name, more in SIGNERS.items()}
    signers["staff"] = people["staff"]
    RelationshipFactory(user=signers["related"], member=application.member)
    RoleAssignmentFactory(user=signers["staff"], role="officer")
    ReviewFactory(application=application, reviewer=signers["reviewed"], review_level="admin")
    found = {name: panels.WAITS.rows(user, most=9, only="sign") for name, user in signers.items()}
    allowed = {name: not payments.may_sign(payment, user) for name, user in signers.items()}
    assert {name: bool(items) for name, items in found.items()} == allowed
    assert [name for name, may in allowed.items() if may] == ["free"]
    [item] = found["free"]
    told = (item.what, item.url, item.about, item.asks)
    assert told == (f"Sign payment {payment}", payment.get_absolute_url(), payment.line.payee_name, "$100.00")
    payments.sign(payment, actor=signers["free"])
    assert panels.WAITS.counts(people["officer"]) == {}


SIGNERS = {"free": (), "related": (), "reviewed": ("benevolence-admin",)}


def test_paper_decisions_wait_for_each_who_may_confirm_them(people, person_with):
    draft = ApplicationFactory(entered_by=people["staff"], amount_requested=900)
    decider, free, clerk = person_with("officer", "benevolence-vp"), person_with("officer"), people["staff"]
    RoleAssignmentFactory(user=clerk, role="officer")
    said = OnPaper(Level.VP, decider, local_today(), draft.amount_requested, "minutes")
    carrying.record_paper(draft, actor=clerk, applied_on=local_today(), decisions=[said])
    asked = {"free": free, "decider": decider, "clerk": clerk}
    found = {name: panels.WAITS.rows(user, most=9, only="confirm_paper") for name, user in asked.items()}
    assert {name: len(items) for name, items in found.items()} == {"free": 1, "decider": 0, "clerk": 0}
    assert [item.url for item in found["free"]] == [draft.get_absolute_url()]
    carrying.carry_over(draft, actor=free)
    assert panels.WAITS.counts(free) == {}


@pytest.mark.usefixtures("staffed")
def test_intake_waits_for_the_office_until_it_is_finished(people):
    policies.change_policy({"conditions": ["Another fund was asked first."]}, actor=people["admin"])
    staff, draft = people["staff"], ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    application = applications.submit(draft, actor=people["member"])
    found = {name: panels.WAITS.rows(people[name], most=9, only="prepare") for name in NAMES}
    assert {name for name, items in found.items() if items} == {"staff", "officer"}
    [item] = found["staff"]
    assert (item.what, item.url) == (f"Finish the intake of {application}", application.get_absolute_url())
    intake.finish(application, {"Another fund was asked first.": "Letter of 3 Nov"}, actor=staff)
    assert panels.WAITS.counts(staff) == {}


def test_an_appeal_does_not_wait_for_whoever_denied(people, applied):
    vp = people["benevolence-vp"]
    denied = reviews.deny(applied("400.00"), actor=vp, reason="Not for fines")
    assert panels.WAITS.first(vp) == []
    appeal = applications.appeal(denied, actor=people["member"])
    applications.submit(appeal, actor=people["member"])
    assert panels.WAITS.first(vp) == []


def test_what_is_put_off_waits_when_its_day_has_come(people, rows):
    admin = people["benevolence-admin"]
    reviews.defer(rows["second"], actor=admin, until=local_today() + timedelta(1), comments="Wait for the bill")
    assert panels.WAITS.first(admin) == []
    BenevolenceApplication.objects.filter(pk=rows["second"].pk).update(deferred_until=local_today())
    assert names_of(rows, panels.WAITS.first(admin)) == {"second"}


def test_all_are_counted_and_the_next_needed_comes_first(people):
    today, vp = local_today(), people["benevolence-vp"]
    for days in (None, 9, -1, 3):
        needed_by = None if days is None else today + timedelta(days)
        applications.submit(ApplicationFactory(entered_by=people["staff"], needed_by=needed_by), actor=people["staff"])
    dates = [today + timedelta(days) for days in (-1, 3, 9)]
    assert [(item.due, item.is_late) for item in panels.WAITS.first(vp)] == [
        *zip(dates, (True, False, False), strict=True),
        (None, False),
    ]
    assert panels.WAITS.counts(vp) == {"decide": 4}
    found = {due: [item.due for item in panels.WAITS.rows(vp, most=50, due=due)] for due in DUE}
    assert found == {"late": dates[:1], "week": dates[:2], "undated": [None]}
    assert panels.WAITS.rows(vp, most=50, only="pay") == []


def test_who_is_not_told_the_amount_reads_what_is_asked(people, rows):
    asked = {"An answer"}
    for name in ("member", "staff"):
        items = panels.WAITS.first(people[name])
        assert {item.asks for item in items if item.url == rows["asked"].get_absolute_url()} == asked
    [item] = panels.WAITS.first(people["benevolence-admin"])
    assert (item.about, item.asks) == (rows["second"].member.full_name, "$900.00")


def test_figures(people, rows):
    found = {name: [(f.label, f.value, f.url) for f in panels.figures(people[name])] for name in NAMES}
    queue, every = "/benevolence/queue/", "/benevolence/applications/"
    waiting, known = "Applications waiting for you", "Benevolence applications"
    open_ = "Applications in review that you look after"
    assert found == {
        "member": [],
        "staff": [(open_, "2", every)],
        "officer": [(open_, "0", every)],
        "benevolence-vp": [(waiting, "0", queue), (known, "4", every)],
        "benevolence-admin": [(waiting, "1", queue), (known, "1", every)],
        "treasurer": [(waiting, "1", queue), (known, "2", every)],
        "trustee": [(known, "2", every)],
        "nobody": [],
        "admin": [],
    }


def test_an_applicant_reads_where_their_open_applications_stand(people, rows):
    shown = {matter.url: (str(matter.badge.text), matter.next) for matter in panels.own_matters(people["member"])}
    assert shown == {
        rows["draft"].get_absolute_url(): ("Draft", "Nothing is sent yet. Read it once more, then submit it."),
        rows["asked"].get_absolute_url(): (
            "We have a question",
            "We have a question about this application. The review goes on as soon as it is answered.",
        ),
    }
    assert [panels.own_matters(people[name]) for name in NAMES if name != "member"] == [[]] * 8


def test_search(people, rows):
    number = rows["second"].application_number
    found = {name: names_of(rows, panels.search(people[name], number).hits) for name in NAMES}
    seen = {"staff", "benevolence-vp", "benevolence-admin"}
    assert found == {name: {"second"} if name in seen else set() for name in NAMES}
    [hit] = panels.search(people["benevolence-vp"], number).hits
    assert (hit.label, hit.note) == (number, f"{rows['second'].member.list_name} · Under review")
    group = panels.search(people["staff"], "BN-")
    assert (len(group.hits), group.more_url) == (4, "")


def test_what_happened_is_told_to_those_who_see_the_case(people, rows):
    found = {name: names_of(rows, panels.happened(people[name], 20)) for name in NAMES}
    assert found == {
        "member": set(),
        "staff": set(),
        "officer": set(),
        "nobody": set(),
        "admin": set(),
        "benevolence-vp": {"asked", "second", "to pay", "paid"},
        "benevolence-admin": {"second"},
        "treasurer": {"to pay", "paid"},
        "trustee": {"to pay", "paid"},
    }
    assert len(panels.happened(people["benevolence-vp"], 3)) == 3


def test_a_members_applications(people, rows):
    member = people["member"].member
    found = {}
    for name in NAMES:
        panel = panels.member_panel(member, people[name])
        found[name] = panel and ({str(row) for row, _badge in panel.rows}, panel.apply_url)
    asked = str(rows["asked"])
    assert found == {
        "member": ({"Draft", asked}, "/benevolence/applications/new/"),
        "staff": ({"Draft", asked}, f"/benevolence/applications/new/?member={member.pk}"),
        "officer": (set(), f"/benevolence/applications/new/?member={member.pk}"),
        "benevolence-vp": ({asked}, ""),
        "benevolence-admin": None,
        "treasurer": None,
        "trustee": None,
        "nobody": None,
        "admin": None,
    }


@pytest.mark.parametrize(("part", "cost"), [("waiting", 1), ("figures", 2), ("happened", 3), ("search", 2)])
def test_constant_queries(people, part, cost):
    person = people["benevolence-vp"]
    call = {
        "waiting": lambda: panels.WAITS.first(person),
        "figures": lambda: panels.figures(person),
        "happened": lambda: panels.happened(person, 10),
        "search": lambda: panels.search(person, "BN-"),
    }[part]
    call()
    found = []
    for _number in range(3):
        applications.submit(ApplicationFactory(entered_by=people["staff"]), actor=people["staff"])
        with CaptureQueriesContext(connection) as queries:
            call()
        found.append(len(queries))
    assert found == [cost] * 3

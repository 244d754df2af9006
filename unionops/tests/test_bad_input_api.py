"""Rubbish in each field that a program writes: taken or told at the field, never a fault, and no record that fails."""

import json
import random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from grievances.api import away, contract, deadlines, documents, drafts, steps, tasks, work
from grievances.api.holidays import HolidayListBodySerializer
from grievances.factories import (
    CaseDocumentFactory,
    EmployerAnswerFactory,
    IntakeFactory,
    StepRecordFactory,
    TaskFactory,
    one_of_each,
)
from members.api.members import EmploymentViewSet, MemberViewSet
from members.api.organizations import ContactViewSet, OrganizationViewSet
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from unionops.tests.rubbish import TEXTS, WHOLE, class_of, deal

pytestmark = pytest.mark.django_db
VIEWSETS = {
    "members": MemberViewSet,
    "organizations": OrganizationViewSet,
    "contacts": ContactViewSet,
    "employments": EmploymentViewSet,
}
FORMS = {name: SimpleNamespace(fields=viewset.form_class.base_fields) for name, viewset in VIEWSETS.items()}
FIELDS = {
    (name, field): class_of(FORMS[name], field)
    for name, viewset in VIEWSETS.items()
    for field in viewset.body.Meta.fields
}
# What only JSON can say.
OTHERS = [None, True, 0, -1, 1.5, 1e300, 2**70, [], ["a"], {}, {"a": 1}, "\ud800", "a\ud800b"]
BODIES = {
    b"": 200,
    b"{": 400,
    b"[]": 422,
    b"null": 422,
    b'"a"': 422,
    b"[" * 50_000: 400,
    b'{"city": NaN}': 400,
    b'{"city": 1e400}': 200,
    b'{"city": "\\ud800"}': 422,
    b'{"city": "\\u0000"}': 422,
    b'{"city": "a", "city": "b"}': 200,
}
JSON = "application/json"


@pytest.fixture
def rows() -> dict[str, Any]:
    return {
        "members": MemberFactory(),
        "organizations": OrganizationFactory(),
        "contacts": ContactFactory(),
        "employments": EmploymentFactory(),
    }


@pytest.mark.parametrize("name", VIEWSETS)
def test_rubbish_in_each_field(client_of, rows, name, seed):
    browser, row, odd = client_of("staff", raise_request_exception=False), rows[name], {}
    path, dealt, draw = f"/api/v1/{name}/{row.pk}/", deal(FIELDS, turn=seed), random.Random(f"{seed} {name}")
    fields = VIEWSETS[name].body.Meta.fields
    first_of_its_class = {FIELDS[name, field]: field for field in random.Random(seed).sample(fields, len(fields))}
    for field in fields:
        others = OTHERS if WHOLE or field in first_of_its_class.values() else []
        for value in [*(TEXTS[kind] for kind in dealt[name, field]), *others]:
            row.refresh_from_db()
            seen = {"If-Match": f'"{row.version}"'}
            # Both are read by one form: on a commit one of them.
            change, add = (True, True) if WHOLE else draw.choice(((True, False), (False, True)))
            answers = [browser.patch(path, {field: value}, content_type=JSON, headers=seen)] if change else []
            answers += [browser.post(f"/api/v1/{name}/", {field: value}, content_type=JSON)] if add else []
            statuses = [answer.status_code for answer in answers]
            if not ({*statuses} <= {200, 201, 422} and {answer["Content-Type"] for answer in answers} == {JSON}):
                odd[field, str(value)[:40]] = statuses
    assert odd == {}
    assert browser.get(path).status_code == 200
    page = "/members/" if name in ("members", "employments") else "/organizations/"
    found = {browser.get(address).status_code for address in (f"/api/v1/{name}/", page, f"{page}export/csv/")}
    assert found == {200}


@pytest.mark.parametrize(("body", "status"), BODIES.items(), ids=range(len(BODIES)))
def test_rubbish_as_a_body(client_of, rows, body, status):
    browser, path = client_of("staff", raise_request_exception=False), f"/api/v1/members/{rows['members'].pk}/"
    seen = {"If-Match": '"1"'}
    answer = browser.generic("PATCH", path, body, JSON, headers=seen)
    others = [browser.generic("PATCH", path, body, kind, headers=seen) for kind in ("text/plain", "application/xml")]
    assert answer.status_code == status
    assert {other.status_code for other in others} == ({200} if body == b"" else {415})
    assert {item["Content-Type"] for item in (answer, *others)} == {JSON}


@pytest.mark.heavy
@pytest.mark.parametrize("value", [*TEXTS.values(), *OTHERS], ids=range(len(TEXTS) + len(OTHERS)))
def test_rubbish_as_a_move(client_of, rows, value):
    browser = client_of("staff", raise_request_exception=False)
    path, seen = f"/api/v1/organizations/{rows['organizations'].pk}/moves/", {"If-Match": '"1"'}
    body = {"duplicate": value, "duplicate_version": value, "reason": value, "name": value}
    found = [browser.post(f"{path}merge/", body, content_type=JSON, headers=seen)]
    found.append(browser.post(f"{path}delete/", {"reason": value}, content_type=JSON, headers=seen))
    assert found[0].status_code == 422
    assert found[1].status_code in (200, 422)


# What is written of grievances: the verb, the address with the records in it, and the body.
GRIEVANCES = [
    ("POST", "drafts/", drafts.IntakeBodySerializer),
    ("PATCH", "drafts/{draft}/", drafts.IntakeBodySerializer),
    ("POST", "drafts/{draft}/file/", drafts.FileBodySerializer),
    ("POST", "drafts/{draft}/discard/", work.ReasonSerializer),
    ("PATCH", "grievances/{case}/facts/", work.FactsBodySerializer),
    ("PATCH", "grievances/{case}/notes/", work.NotesBodySerializer),
    ("POST", "grievances/{case}/assign/", work.AssignBodySerializer),
    ("POST", "grievances/{case}/restrict/", work.RestrictBodySerializer),
    ("POST", "grievances/{case}/lift/", work.ReasonSerializer),
    ("POST", "grievances/{case}/agreement/", work.AgreementChoiceSerializer),
    ("POST", "grievances/{case}/deliveries/", work.DeliveryBodySerializer),
    ("POST", "grievances/{case}/steps/{step}/replace/", steps.RightRecordSerializer),
    ("POST", "grievances/{case}/answers/{answer}/replace/", steps.RightAnswerSerializer),
    ("POST", "grievances/away/", away.AwayBodySerializer),
    ("POST", "grievances/tasks/", tasks.NewTaskBodySerializer),
    ("PATCH", "grievances/tasks/{task}/", tasks.TaskBodySerializer),
    ("POST", "grievances/tasks/{task}/done/", tasks.DoneBodySerializer),
    ("POST", "grievances/tasks/{task}/remind/", tasks.RemindBodySerializer),
    ("POST", "grievances/tasks/{task}/drop/", work.ReasonSerializer),
    ("PATCH", "grievances/documents/{document}/", documents.DescribeBodySerializer),
    ("POST", "deadlines/{deadline}/extensions/", deadlines.ExtensionBodySerializer),
    ("POST", "deadlines/{deadline}/extensions/{extension}/confirm/", deadlines.ConfirmBodySerializer),
    ("POST", "agreements/", contract.AgreementBodySerializer),
    ("PATCH", "agreements/{agreement}/", contract.AgreementBodySerializer),
    ("POST", "agreements/{agreement}/next/", contract.NextBodySerializer),
    ("POST", "agreements/{agreement}/stages/", contract.StageBodySerializer),
    ("PATCH", "agreements/{agreement}/stages/{agreementstage}/", contract.StageBodySerializer),
    ("POST", "agreements/{agreement}/rules/", contract.RuleBodySerializer),
    ("PATCH", "agreements/{agreement}/rules/{steprule}/", contract.RuleBodySerializer),
    ("POST", "agreements/{agreement}/rules/example/", contract.ExampleBodySerializer),
    ("POST", "agreements/{agreement}/closures/", contract.ClosureBodySerializer),
    ("PUT", "agreements/{agreement}/clauses/", contract.ClausesBodySerializer),
    ("POST", "holiday-lists/", HolidayListBodySerializer),
    ("PATCH", "holiday-lists/{holidaylist}/", HolidayListBodySerializer),
]


@pytest.fixture
def keys(people) -> dict[str, str]:
    """The records that the addresses name, by the word that stands there."""
    made = {label.split(".")[1]: row for label, row in one_of_each(people["officer"]).items()}
    record, answer = StepRecordFactory(), EmployerAnswerFactory()
    answer.grievance = record.grievance
    answer.save()
    named = {"draft": IntakeFactory(), "case": record.grievance, "step": record, "answer": answer}
    named["document"] = CaseDocumentFactory(grievance=record.grievance)
    return {
        name: str(row.pk) for name, row in {**made, **named, "task": TaskFactory(grievance=record.grievance)}.items()
    }


@pytest.mark.heavy
def test_rubbish_in_what_is_written_of_grievances(client_of, keys, seed):
    """One bad kind in all fields of a body at once: on a commit one kind for each body, in the battery all."""
    browser, draw, odd = client_of("officer", raise_request_exception=False), random.Random(f"{seed} grievances"), {}
    values = [*TEXTS.values(), *OTHERS]
    for method, path, body in GRIEVANCES:
        fields = [*body().fields]
        for value in values if WHOLE else draw.sample(values, 1):
            fixed = {"grievance": keys["case"], "kind": "todo"} if path == "grievances/tasks/" else {}
            typed = json.dumps({**dict.fromkeys(fields, value), **fixed})
            with transaction.atomic():
                address = f"/api/v1/{path.format(**keys)}"
                answer = browser.generic(method, address, typed, JSON, headers={"If-Match": '"1"'})
                transaction.set_rollback(True)
            # a text may be a good reason; that the case is not restricted refuses it then
            known = (200, 201, 422, *([409] if path.endswith("/lift/") else []))
            if answer.status_code not in known or answer["Content-Type"] != JSON:
                odd[method, path, str(value)[:40]] = answer.status_code
    assert odd == {}

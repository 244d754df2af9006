"""One request with an idempotency key, sent by four at once: one work, and the others get its answer or wait."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.tests.serving import fails
from core.api.records import RecordViewSet
from core.models import AuditEvent, KeptAnswer
from core.tests.api.looking_first import looks_first
from members.api.organizations import OrganizationViewSet
from members.models import Organization
from unionops.testing.races import run_in_processes

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ROUNDS = 20 if os.environ.get("BATTERY") else 2
ADDRESS, KEY = "ann@people.example", "4c1f2a6e"


@pytest.fixture
def ann():
    return RoleAssignmentFactory(user=UserFactory(email=ADDRESS), role="staff").user


class Naive(OrganizationViewSet):
    create = looks_first(RecordViewSet.create.__wrapped__, KEY)


def sent_to(viewset: type[OrganizationViewSet]) -> Callable[[int], tuple[int, Any]]:
    def send(_process: int) -> tuple[int, Any]:
        body, headers = {"name": "Crane Yard"}, {"Idempotency-Key": KEY}
        request = APIRequestFactory().post("/api/v1/organizations/", body, format="json", headers=headers)
        force_authenticate(request, User.objects.get(email=ADDRESS))
        answer = viewset.as_view({"post": "create"})(request)
        return answer.status_code, answer.data.get("id")

    return send


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_four_at_once_are_one_work(ann, turn):
    answers = run_in_processes(sent_to(OrganizationViewSet))
    made = Organization.objects.get()
    # who waits longer than the lock allows is told to come again
    assert {*answers} - {(409, None)} == {(201, made.pk)}
    assert AuditEvent.objects.count() == 1
    assert KeptAnswer.objects.get().status == 201


def test_control_looking_first_makes_several(ann):
    def several() -> bool:
        KeptAnswer.objects.all().delete()
        before = Organization.objects.count()
        run_in_processes(sent_to(Naive))
        return Organization.objects.count() > before + 1

    assert fails(several)

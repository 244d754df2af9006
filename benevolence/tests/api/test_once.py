"""Battery E3: what a key names is done once, in a row, at once, after an answer that never arrived and after a kill."""

import json
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import RequestFactory
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.api import devices
from accounts.models import User
from accounts.tests.serving import at_once, fails, serving
from benevolence.api.documents import DocumentViewSet
from benevolence.api.fund import FundViewSet
from benevolence.factories import ApplicationFactory, DocumentFactory, PaymentFactory
from benevolence.models import ApplicationDocument, BenevolenceApplication, FundTransfer, Payment
from benevolence.services import ledger, reviews
from benevolence.tests.programs import APPLICATIONS, FUND, PAYMENTS, keyed, post
from core.models import KeptAnswer
from core.site import local_today
from core.tests.api.looking_first import looks_first
from core.tests.files.noting import noted_in, stored_in
from unionops.testing.races import forget_connections, run_in_processes

pytestmark = pytest.mark.django_db
WHOLE = bool(os.environ.get("BATTERY"))
ROUNDS, AT_ONCE = (20, 50) if WHOLE else (2, 4)
KEY = "4c1f2a6e"


def dues():
    return {"kind": "dues", "amount": "100.00", "on": str(local_today())}


def paying(application, **fields):
    day = str(local_today())
    return {"application": str(application.pk), "payment_date": day, "payment_method": "direct_deposit", **fields}


@pytest.fixture
def granted():
    return ApplicationFactory(status="approved", amount_requested=Decimal(100))


def test_no_post_is_done_without_a_key(client_of, people, granted, applied):
    """Whoever may do it and says all of it but the key reads what is missing; nothing is done."""
    payment = PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), paid_by=people["treasurer"])
    entry = FundTransfer.objects.filter(kind="donation").first()
    denied = reviews.deny(applied(), actor=people["benevolence-vp"], reason="No")
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    document = DocumentFactory(application=draft)
    typed = {"reason": "other", "description": "Rent", "amount_requested": "5"}
    asked = [
        ("treasurer", FUND, dues()),
        ("treasurer", f"{FUND}{entry.pk}/moves/reverse/", {"reason": "x"}),
        ("treasurer", PAYMENTS, paying(granted)),
        ("treasurer", f"{PAYMENTS}{payment.pk}/moves/clear/", {"cleared_on": str(local_today())}),
        ("treasurer", f"{PAYMENTS}{payment.pk}/moves/void/", {"reason": "x"}),
        ("officer", f"{PAYMENTS}{payment.pk}/moves/sign/", {}),
        ("member", APPLICATIONS, typed),
        ("member", f"{APPLICATIONS}{draft.pk}/moves/submit/", {}),
        ("member", f"{APPLICATIONS}{denied.pk}/appeal/", {}),
        ("member", f"/api/v1/benevolence-documents/{document.pk}/moves/take_back/", {"reason": "x"}),
    ]
    before = (FundTransfer.objects.count(), Payment.objects.count(), BenevolenceApplication.objects.count())
    found = {}
    for name, path, body in asked:
        browser = client_of(name, raise_request_exception=False)
        answer = browser.post(path, body, content_type="application/json", headers={"If-Match": '"1"'})
        found[path] = (answer.status_code, answer.json()["code"])
    assert found == {path: (400, "key_missing") for _name, path, _body in asked}
    assert (FundTransfer.objects.count(), Payment.objects.count(), BenevolenceApplication.objects.count()) == before


def test_in_a_row_it_is_one_payment_with_one_answer(client_of, granted):
    treasurer = client_of("treasurer", raise_request_exception=False)
    first, again, more = (post(treasurer, PAYMENTS, paying(granted), key=KEY, version=1) for _time in range(3))
    told = {(answer.status_code, answer.content, answer["Location"], answer["ETag"]) for answer in (first, again, more)}
    assert (len(told), first.status_code) == (1, 201)
    assert Payment.objects.count() == FundTransfer.objects.filter(kind="payment").count() == 1
    other = post(treasurer, PAYMENTS, paying(granted, payment_method="check"), key=KEY, version=1)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_the_key_of_another_person_is_another_key(client_of, person_with, client):
    first = post(client_of("treasurer"), FUND, dues(), key=KEY)
    client.force_login(person_with("treasurer"))
    second = post(client, FUND, dues(), key=KEY)
    assert [answer.status_code for answer in (first, second)] == [201, 201]
    assert first.json()["id"] != second.json()["id"]
    assert post(client, FUND, dues(), key=KEY).json() == second.json()
    assert FundTransfer.objects.count() == 2


def test_a_refusal_leaves_the_key_free(client_of, granted):
    treasurer = client_of("treasurer", raise_request_exception=False)
    assert post(treasurer, PAYMENTS, paying(granted), key=KEY, version=7).status_code == 412
    assert post(treasurer, PAYMENTS, paying(granted), key=KEY, version=1).status_code == 201


# --- under many hands -------------------------------------------------------------------------------------


class Naive(FundViewSet):
    create = looks_first(FundViewSet.create.__wrapped__, KEY)


def sending(viewset: type[FundViewSet], key: str) -> Callable[..., tuple[int, Any]]:
    def send(_number: int = 0) -> tuple[int, Any]:
        request = APIRequestFactory().post(FUND, dues(), format="json", headers=keyed(key))
        force_authenticate(request, User.objects.get(assignments__role__name="treasurer"))
        answer = viewset.as_view({"post": "create"})(request)
        return answer.status_code, str(answer.data.get("id"))

    return send


def entries() -> int:
    return FundTransfer.objects.filter(kind="dues").count()


race = pytest.mark.race
committed = pytest.mark.django_db(transaction=True)
only_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")


@race
@committed
@only_postgresql
def test_at_once_it_is_one_entry_and_all_read_the_same(people):
    people["treasurer"]
    for number in range(ROUNDS):
        answers = run_in_processes(sending(FundViewSet, f"{KEY}{number}"), processes=AT_ONCE)
        done = {answer for answer in answers if answer[0] == 201}
        # who waits longer than a lock allows is told to come again
        assert {status for status, _key in answers} <= {201, 409}
        assert (len(done), entries()) == (1, number + 1)
    assert list(ledger.differences()) == []


@race
@committed
@only_postgresql
def test_control_who_looks_first_enters_it_several_times(people):
    people["treasurer"]

    def several() -> bool:
        KeptAnswer.objects.all().delete()
        before = entries()
        run_in_processes(sending(Naive, KEY))
        return entries() > before + 1

    assert fails(several)


@race
@committed
@only_postgresql
def test_a_file_sent_at_once_with_one_key_is_one_document_and_nothing_else_is_left(people, tmp_path, settings):
    """Its content is stored before the transaction that claims the key, so each of them stores one."""
    noted_in(tmp_path, settings)
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    sender = people["member"].pk
    for number in range(ROUNDS):

        def send(_process: int, number: int = number) -> tuple[int, Any]:
            file = SimpleUploadedFile(f"{number}.txt", b"Notice %d. " % number * 50_000)
            typed = {"application": str(draft.pk), "category": "notice", "file": file}
            made = APIRequestFactory().post("/", typed, headers=keyed(f"{KEY}{number}"))
            force_authenticate(made, User.objects.get(pk=sender))
            answer = DocumentViewSet.as_view({"post": "create"})(made)
            return answer.status_code, answer.data.get("id")

        answers = run_in_processes(send, processes=AT_ONCE)
        documents = list(ApplicationDocument.objects.all())
        assert len({*answers} - {(409, None)}) == 1
        assert len(documents) == number + 1
        assert stored_in(tmp_path) == {str(document.storage_key) for document in documents}


def killed(work: Callable[[], Any], *, after: float | None) -> None:
    """Let a process of its own work, and kill it: when it is done and before it tells, or after so many seconds."""
    connections.close_all()
    if (child := os.fork()) == 0:
        forget_connections()
        work()
        os.kill(os.getpid(), signal.SIGKILL)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@race
@committed
def test_after_a_lost_answer_the_key_tells_what_was_done(people):
    """The process dies between its commit and its answer."""
    people["treasurer"]
    for number in range(ROUNDS):
        send = sending(FundViewSet, f"{KEY}{number}")
        killed(send, after=None)
        [made] = FundTransfer.objects.filter(kind="dues").order_by("-created_at")[:1]
        assert send() == send() == (201, str(made.pk))
        assert entries() == number + 1


@race
@committed
@only_postgresql
def test_whenever_the_process_is_killed_it_is_done_once(people, seed):
    people["treasurer"]
    draw = random.Random(seed)
    for number in range(ROUNDS):
        send = sending(FundViewSet, f"{KEY}{number}")
        killed(send, after=draw.uniform(0, 0.12))
        # a server notices after a moment that nobody is there any more
        deadline = time.monotonic() + 30
        while (answer := send())[0] != 201 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert (answer[0], entries()) == (201, number + 1)
    assert list(ledger.differences()) == []


@race
@committed
@only_postgresql
@pytest.mark.skipif(not WHOLE, reason="a server of its own: in the battery")
def test_over_the_wire_whoever_hangs_up_finds_it_done_once(people, database_url, tmp_path):
    token = devices.sign_in(people["treasurer"], request=RequestFactory().get("/")).access
    body = json.dumps(dues()).encode()
    with serving(database_url, tmp_path) as server:
        for number in range(ROUNDS):
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            headers |= keyed(f"{KEY}{number}") | {"Host": "127.0.0.1", "Content-Length": str(len(body))}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            with socket.create_connection(("127.0.0.1", server.port)) as wire:
                wire.sendall(f"POST {FUND} HTTP/1.1\r\n{head}\r\n".encode() + body)
            again = at_once(lambda _number, sent=headers: server.send("POST", FUND, body.decode(), sent), AT_ONCE)
            answers = {(status, text) for status, _headers, text in again if status == 201}
            assert (len(answers), entries()) == (1, number + 1)

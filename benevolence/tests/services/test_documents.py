"""Documents: who may change them when, what that voids, and who sees them."""

import os
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from benevolence.factories import ApplicationFactory, DocumentFactory
from benevolence.forms.applications import AnswerForm
from benevolence.models import ApplicantAnswer, ApplicationDocument, BenevolenceApplication
from benevolence.services import applications, documents, policies, reviews
from benevolence.services.facts import documents_missing
from benevolence.tests.steps import State, events, faults, refused, state
from core.errors import DomainError, MoveConflict
from core.files.enums import FileState
from core.files.kinds import FileRefused
from core.models import Outbox

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.MEDIA_ROOT) / "attachments"


def upload(text="The power is shut off on Friday.", name="Notice.txt"):
    return SimpleUploadedFile(name, text.encode())


def add(application, actor, text="The power is shut off on Friday.", category="notice"):
    return documents.add(application, upload(text), category=category, actor=actor)


@pytest.fixture
def draft(people):
    member = people["member"]
    return ApplicationFactory(member=member.member, entered_by=member, reason="hardship")


def sentence_of(call, *args, **kwargs):
    with pytest.raises(DomainError) as error:
        call(*args, **kwargs)
    return error.value.sentence


def current(application):
    return [document.name for document in application.documents.current().in_order()]


# --- adding, replacing, taking back ---------------------------------------------------------------------


def test_the_applicant_adds_documents_to_a_draft(people, draft):
    document = add(draft, people["member"])
    assert (document.name, document.category, document.state) == ("Notice.txt", "notice", FileState.CLEAN)
    action, data = events(draft)[-1]
    assert action == "benevolence.document_added"
    assert data == {"document": str(document.pk), "category": "notice", "sha256": document.sha256}


def test_the_same_file_a_second_time_is_there_already(people, draft):
    first, before = add(draft, people["member"]), set(FOLDER.iterdir())
    assert add(draft, people["member"]) == first
    assert current(draft) == ["Notice.txt"]
    assert set(FOLDER.iterdir()) == before


def test_who_entered_it_for_the_member_adds_too_and_nobody_else(people):
    row = ApplicationFactory(entered_by=people["staff"])
    add(row, people["staff"])
    for stranger in ("benevolence-vp", "treasurer", "officer", "admin"):
        with pytest.raises(PermissionDenied):
            add(row, people[stranger], "Forged")
    assert current(row) == ["Notice.txt"]


def test_a_refused_file_changes_nothing(people, draft):
    with pytest.raises(FileRefused):
        add(draft, people["member"], "<html><script>alert(1)</script>")
    assert (current(draft), events(draft)) == ([], [])


def test_a_newer_file_takes_the_place_of_a_document_that_is_kept(people, draft):
    document = add(draft, people["member"])
    newer = documents.replace(document, upload("The newer notice."), actor=people["member"])
    document.refresh_from_db()
    assert (document.superseded_by, newer.category) == (newer, "notice")
    assert list(draft.documents.current()) == [newer]
    assert b"".join(document.content()) == b"The power is shut off on Friday."


def test_a_document_is_not_replaced_by_itself(people, draft):
    document = add(draft, people["member"])
    with pytest.raises(ValidationError) as error:
        documents.replace(document, upload(), actor=people["member"])
    assert error.value.messages == ["This file is with the application already."]


def test_a_document_is_taken_back_with_its_reason_and_once(people, draft):
    document = add(draft, people["member"])
    documents.take_back(document, actor=people["member"], reason="Of somebody else")
    assert current(draft) == []
    assert sentence_of(documents.take_back, document, actor=people["member"], reason="Again") == (
        "This file was replaced or taken back already. Load the page again."
    )


ENDED = "This application is decided or has ended, so its documents stay as they are."


@pytest.mark.parametrize("status", ["approved", "denied", "paid", "withdrawn"])
def test_the_documents_of_a_decided_application_stay_as_they_are(people, status):
    row = ApplicationFactory(member=people["member"].member, entered_by=people["member"], status=status)
    document = DocumentFactory(application=row)
    found = {
        sentence_of(add, row, people["member"]),
        sentence_of(documents.replace, document, upload(), actor=people["member"]),
        sentence_of(documents.take_back, document, actor=people["member"], reason="Wrong"),
    }
    assert found == {ENDED}


# --- what a change voids --------------------------------------------------------------------------------


def test_before_a_decision_a_document_is_added_and_the_review_goes_on(people, applied):
    row = applied("700.00")
    version = row.version
    add(row, people["member"])
    row.refresh_from_db()
    assert state(row) == State("submitted", due="vp")
    assert row.version == version + 1


CHANGES = {
    "add": lambda row, document, actor: add(row, actor, "More proof"),
    "replace": lambda row, document, actor: documents.replace(document, upload("Other proof"), actor=actor),
    "take back": lambda row, document, actor: documents.take_back(document, actor=actor, reason="Wrong one"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_decision_any_change_of_the_proof_voids_it(people, applied, change):
    row = applied("700.00")
    document = add(row, people["member"])
    row = BenevolenceApplication.objects.get(pk=row.pk)
    reviews.approve(row, actor=people["benevolence-vp"], amount=row.amount_requested)
    assert state(row) == State("under_review", due="admin", reached=2)
    CHANGES[change](row, document, people["member"])
    assert state(row) == State("submitted", due="vp", reached=2)
    assert list(row.reviews.filter(voided_at=None)) == []
    assert "benevolence.amend" in [action for action, _data in events(row)]


def test_nobody_decides_on_documents_that_they_did_not_see(people, applied):
    row = applied("400.00")
    seen = row.version
    add(row, people["member"])
    with pytest.raises(MoveConflict):
        reviews.approve(row, actor=people["benevolence-vp"], amount=row.amount_requested, version=seen)


# --- answers --------------------------------------------------------------------------------------------


@pytest.fixture
def asked(people, applied):
    row = applied("700.00")
    reviews.approve(row, actor=people["benevolence-vp"], amount=row.amount_requested)
    row.refresh_from_db()
    return reviews.ask(row, actor=people["benevolence-admin"], question="Which bill?")


def test_an_answer_with_a_photo_goes_on_at_the_same_level(people, asked):
    applications.answer(asked, actor=people["member"], files=[upload("The bill")])
    assert state(asked) == State("under_review", due="admin", reached=2)
    document = asked.documents.get()
    assert (document.category, document.question.comments) == ("answer", "Which bill?")
    assert ApplicantAnswer.objects.get().text == "See what is attached."


def test_while_a_question_is_open_a_document_is_sent_with_the_answer(people, asked):
    assert sentence_of(add, asked, people["member"]) == (
        "There is a question about this application. Send the document with your answer; after that you can add others."
    )


def test_an_answer_that_is_refused_keeps_none_of_its_files(people, asked):
    applications.answer(asked, actor=people["member"], text="This one", files=[upload("The bill")])
    before = set(FOLDER.iterdir())
    assert refused(applications.answer, asked, actor=people["member"], text="Again", files=[upload("Other")])
    assert set(FOLDER.iterdir()) == before


# --- what the rules ask for -----------------------------------------------------------------------------


def test_what_the_rules_ask_for_is_missing_until_it_is_sent(people, draft, staffed, monkeypatch):
    draft._policy = documents.policy_of(draft)
    draft._policy.reasons = {"hardship": {"documents": ["bill", "funeral bill"]}}
    assert documents_missing(draft) == ["bill", "funeral bill"]
    add(draft, people["member"], category="bill")
    assert documents_missing(draft) == ["funeral bill"]
    documents.take_back(draft.documents.get(), actor=people["member"], reason="Wrong")
    assert documents_missing(draft) == ["bill", "funeral bill"]


@pytest.fixture
def billed(people, staffed, money):
    """An application in review for which the rules ask for a bill, which is there."""
    rules = {"hardship": {"documents": ["bill"]}, "medical": {"documents": ["bill", "funeral bill"]}}
    policies.change_policy({"reasons": rules}, actor=people["admin"])
    draft = ApplicationFactory(
        member=people["member"].member, entered_by=people["member"], reason="hardship", amount_requested=Decimal(400)
    )
    add(draft, people["member"], category="bill")
    return applications.submit(BenevolenceApplication.objects.get(pk=draft.pk), actor=people["member"])


def test_another_reason_asks_for_its_own_documents(people, billed):
    member, sentence = people["member"], "Add what is missing first: Funeral bill."
    found = faults(applications.amend, billed, actor=member, values={"reason": "medical"})
    assert found == {"reason": [sentence]}
    add(billed, member, "Of the undertaker", category="funeral bill")
    changed = BenevolenceApplication.objects.get(pk=billed.pk)
    assert applications.amend(changed, actor=member, values={"reason": "medical"}).reason == "medical"


def test_the_last_level_does_not_approve_without_what_the_rules_ask_for(people, billed):
    vp, amount = people["benevolence-vp"], {"amount": Decimal("400.00")}
    documents.take_back(billed.documents.get(), actor=people["member"], reason="Wrong")
    application = BenevolenceApplication.objects.get(pk=billed.pk)
    sentence = (
        "Documents that the rules ask for are missing: Bill or invoice. Put it off until they are added, or deny it."
    )
    assert refused(reviews.approve, application, actor=vp, **amount) == sentence
    add(application, people["member"], "The right one", category="bill")
    application = BenevolenceApplication.objects.get(pk=billed.pk)
    assert reviews.approve(application, actor=vp, **amount).status == "approved"


@pytest.fixture
def answered(people, billed):
    """The only bill was taken back, and a better one came with the answer to the question of the first level."""
    member = people["member"]
    documents.take_back(billed.documents.get(), actor=member, reason="Blurry")
    asked = reviews.ask(billed, actor=people["benevolence-vp"], question="A bill that one can read, please.")
    return applications.answer(asked, actor=member, files=[upload("A bill one can read")])


def test_what_came_as_an_answer_is_added_again_as_what_it_is(people, answered):
    """It is the same proof, so what was decided stands; whoever decides has to look again."""
    member, vp, version = people["member"], people["benevolence-vp"], answered.version
    assert documents_missing(answered) == ["bill"]
    document = add(answered, member, "A bill one can read", category="bill")
    assert (document, document.category) == (answered.documents.current().get(), "bill")
    assert events(answered)[-1] == (
        "benevolence.document_named",
        {"document": str(document.pk), "category": "bill", "sha256": document.sha256},
    )
    again = add(answered, member, "A bill one can read", category="photo")
    assert (again, events(answered)[-1][1]["category"]) == (document, "bill")
    answered = BenevolenceApplication.objects.get(pk=answered.pk)
    assert (answered.version, documents_missing(answered)) == (version + 1, [])
    assert reviews.approve(answered, actor=vp, amount=Decimal("400.00")).status == "approved"


def test_to_say_what_an_answer_is_voids_no_decision(people, asked):
    answered = applications.answer(asked, actor=people["member"], files=[upload("The bill")])
    add(answered, people["member"], "The bill", category="bill")
    assert asked.documents.get().category == "bill"
    assert state(asked) == State("under_review", due="admin", reached=2)


def test_an_answer_says_which_document_of_the_rules_it_is(people, billed):
    member, vp = people["member"], people["benevolence-vp"]
    documents.take_back(billed.documents.get(), actor=member, reason="Blurry")
    asked = reviews.ask(billed, actor=vp, question="A bill that one can read, please.")
    form = AnswerForm({"category": "bill", "text": "Here", "version": asked.version}, record=asked, actor=member)
    assert [name for name, _label in form.fields["category"].choices] == ["answer", "bill"]
    assert form.is_valid()
    row = applications.answer(asked, actor=member, **form.values() | {"files": [upload("A better one")]})
    assert (documents_missing(row), row.documents.current().get().question.comments) == (
        [],
        "A bill that one can read, please.",
    )
    other = reviews.ask(row, actor=vp, question="Which month?")
    assert "category" not in AnswerForm(record=other, actor=member).fields


# --- who sees them --------------------------------------------------------------------------------------

READERS = (
    "member",
    "staff",
    "benevolence-vp",
    "benevolence-admin",
    "treasurer",
    "trustee",
    "officer",
    "admin",
    "steward",
)
SEEN = {
    "draft": {"member", "staff"},
    "submitted": {"member", "benevolence-vp"},
    "approved": {"member", "benevolence-vp", "treasurer", "trustee"},
    "paid": {"member", "benevolence-vp", "treasurer", "trustee"},
    "denied": {"member", "benevolence-vp", "trustee"},
}


@pytest.mark.parametrize("status", SEEN)
def test_who_sees_the_documents(people, status):
    """The office only until it is submitted; afterwards it learns what is missing, and no more."""
    row = ApplicationFactory(member=people["member"].member, entered_by=people["staff"], status=status)
    document = DocumentFactory(application=row)
    found = {name for name in READERS if document in ApplicationDocument.objects.visible_to(people[name])}
    assert found == SEEN[status]
    seen = {
        name
        for name in READERS
        if BenevolenceApplication.objects.visible_to(people[name]).filter(pk=row.pk).exists()
        and documents.shown_to(BenevolenceApplication.objects.get(pk=row.pk), people[name]) is not None
    }
    assert seen == SEEN[status]


def test_a_document_is_released_by_who_prepares_the_case(people):
    row = ApplicationFactory(member=people["member"].member, entered_by=people["staff"])
    document = DocumentFactory(application=row)
    documents.release(document, actor=people["staff"])
    assert ApplicationDocument.objects.get().is_released
    documents.release(document, actor=people["staff"], is_released=False)
    assert [action for action, _data in events(row)] == [
        "benevolence.document_released",
        "benevolence.document_kept_back",
    ]
    for stranger in ("member", "benevolence-vp", "officer"):
        with pytest.raises(PermissionDenied):
            documents.release(document, actor=people[stranger])


# --- the scanner ----------------------------------------------------------------------------------------


def test_who_sent_a_harmful_file_and_the_office_are_told_and_nobody_gets_it(people):
    people["staff"], people["officer"]
    row = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    document = DocumentFactory(application=row, state=FileState.HELD, added_by=people["member"])
    documents.found_harmful(document)
    documents.found_harmful(document)
    document.refresh_from_db()
    assert document.state == FileState.INFECTED
    told = {found.address: "benevolence/applications" in found.body for found in Outbox.objects.all()}
    assert told == {
        people["member"].email: True,
        people["staff"].email: False,
        people["officer"].email: False,
    }


def test_run_due_lets_held_files_go_when_nothing_is_found(people, settings):
    document = DocumentFactory(state=FileState.HELD)
    call_command("run_due")
    document.refresh_from_db()
    assert document.state == FileState.CLEAN
    assert mail.outbox == []


# --- below the service ----------------------------------------------------------------------------------


def test_one_application_has_the_same_file_once(people, draft):
    document = add(draft, people["member"])
    with pytest.raises(IntegrityError), transaction.atomic():
        DocumentFactory(application=draft, content=b"".join(document.content()))


def at_once(*work):
    """What each of them came to, in the order given."""
    found = {}

    def run(number, one):
        try:
            one()
            found[number] = "done"
        except DomainError as error:
            found[number] = error.sentence
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(work))]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL")
@pytest.mark.parametrize("turn", range(20 if os.environ.get("BATTERY") else 4))
def test_a_decision_and_a_new_proof_at_once_never_leave_the_decision_on_other_proof(people, turn):
    """Whichever comes first: an approval that stands has seen all documents, or is refused."""
    member, reviewer = people["member"], people["benevolence-vp"]
    row = ApplicationFactory(member=member.member, entered_by=member, amount_requested="700.00")
    row = applications.submit(row, actor=member)
    added, approved = at_once(
        lambda: add(row, member, "New proof"),
        lambda: reviews.approve(row, actor=reviewer, amount=row.amount_requested, version=row.version),
    )
    assert added == "done", (added, approved)
    assert not row.reviews.filter(voided_at=None).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL")
def test_control_adding_without_the_lock_leaves_a_decision_on_other_proof(people):
    """A row that is only saved, as whoever forgets what hangs on it would do."""
    member, reviewer = people["member"], people["benevolence-vp"]
    row = ApplicationFactory(member=member.member, entered_by=member, amount_requested="700.00")
    row = applications.submit(row, actor=member)
    at_once(
        lambda: DocumentFactory(application=row),
        lambda: reviews.approve(row, actor=reviewer, amount=row.amount_requested, version=row.version),
    )
    assert row.reviews.filter(voided_at=None).exists()

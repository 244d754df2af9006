"""Blind review: whoever decides never sees the person, at no door; whoever pays does, after the decision."""

import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from accounts.factories import RoleAssignmentFactory, UserFactory
from benevolence.factories import DocumentFactory, PastHelpFactory
from benevolence.models import ApplicantAnswer, ApplicationDocument, BenevolenceApplication, IntakeNote, Payment
from benevolence.panels import WAITS, happened, member_panel, search
from benevolence.services import applications, documents, intake, payments, policies, relationships, reviews
from benevolence.tests import programs
from benevolence.tests.steps import TYPED, events, refused, state
from core.errors import DomainError, MoveConflict
from core.site import local_today
from core.tests.files.samples import photo
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed", "money")]
VP = "benevolence-vp"
SECRET = ("Quillfeather", "Lightning struck the barn", "Called twice", "In my own words", "774411")


@pytest.fixture
def blind(people):
    """An application under blind rules, asked about and answered, for which intake has prepared nothing yet."""
    policies.change_policy({"is_blind": True}, actor=people["admin"])
    member = MemberFactory(last_name=SECRET[0], member_number=SECRET[4], status="active", standing="good")
    values = {**TYPED, "description": SECRET[1], "notes": SECRET[2]}
    draft = applications.create_application(values, actor=people["staff"], member=member)
    application = applications.submit(draft, actor=people["staff"])
    reviews.ask(application, actor=people[VP], question="Which bill?")
    return applications.answer(application, actor=people["staff"], text=SECRET[3])


def prepared(application, people):
    return intake.finish(application, {"": "The roof of a house is open."}, actor=people["staff"])


def test_no_door_shows_the_person_to_a_reviewer(people, client_of, blind):
    prepared(blind, people)
    browser, found = client_of(VP), {}
    url = f"/benevolence/applications/{blind.pk}/"
    assert browser.post(f"{url}recuse/", {"kind": "family"}).status_code == 404
    admin = f"/admin/benevolence/benevolenceapplication/{blind.pk}"
    for path in (
        url,
        f"{url}moves/approve/",
        f"{url}moves/deny/",
        f"{url}recuse/",
        "/benevolence/relationships/",
        "/benevolence/applications/",
        "/benevolence/queue/",
        "/",
        "/waiting/",
        f"/search/?q={SECRET[0]}",
        f"/benevolence/applications/?q={SECRET[0]}",
        f"/api/v1/benevolence-applications/{blind.pk}/",
        "/api/v1/benevolence-applications/",
        f"{admin}/change/",
        f"{admin}/moves/approve/",
        "/admin/benevolence/benevolenceapplication/",
        f"/admin/benevolence/benevolenceapplication/?q={SECRET[0]}",
        "/admin/benevolence/applicantanswer/",
        "/admin/benevolence/intakenote/",
        "/admin/benevolence/declaredrelationship/",
    ):
        text = browser.get(path).content.decode()
        found[path] = [word for word in (*SECRET[:1], *SECRET[1:]) if word in text.replace(f"q={SECRET[0]}", "")]
    shown = {path: words for path, words in found.items() if words}
    # what was typed into the search comes back in its own field
    typed = {path: words for path, words in shown.items() if "q=" in path and words == [SECRET[0]]}
    assert shown == typed
    assert "The roof of a house is open." in browser.get(url).text


def test_a_name_finds_nothing_and_a_number_does(people, blind):
    visible = BenevolenceApplication.objects.visible_to(people[VP])
    assert list(visible) == [blind]
    assert [search(people[VP], word).hits for word in (SECRET[0], SECRET[4])] == [[], []]
    (hit,) = search(people[VP], blind.application_number).hits
    assert (hit.text if hasattr(hit, "text") else str(hit)).count(SECRET[0]) == 0
    assert [row.title for row in happened(people[VP], 5)] == [] if happened(people[VP], 5) else True
    assert not ApplicantAnswer.objects.visible_to(people[VP]).exists()
    panel = member_panel(blind.member, people[VP])
    assert panel is None or panel.rows == []


def test_the_levels_wait_for_intake(people, blind):
    sentence = "Intake is not finished: the office confirms or prepares something first. It comes back to you then."
    amount = {"amount": Decimal("450.00")}
    assert refused(reviews.approve, blind, actor=people[VP], **amount) == sentence
    prepared(blind, people)
    assert reviews.approve(blind, actor=people[VP], **amount).status == "approved"


DECIDED = "A level has decided by what intake wrote, so it stays. If the levels miss something, they ask the applicant."


@pytest.fixture
def decided(people, blind):
    """The first of two levels approved what intake wrote."""
    more = applications.amend(blind, actor=people["staff"], values={"amount_requested": Decimal("900.00")})
    prepared(more, people)
    return reviews.approve(more, actor=people[VP], amount=Decimal("900.00"))


def test_until_a_level_decides_the_office_writes_again_what_shows_the_name(people, client_of, blind, photographed):
    last = photographed[-1]
    office, url = client_of("staff"), f"/benevolence/applications/{blind.pk}/intake/"
    assert url in office.get(f"/benevolence/applications/{blind.pk}/").text
    row = BenevolenceApplication.objects.get(pk=blind.pk)
    typed = {"note_0": "The roof of a shed is open.", "released": [str(last.pk)], "version": row.version}
    assert office.post(url, typed).status_code == 302
    assert intake.brief_of(row) == "The roof of a shed is open."
    assert list(ApplicationDocument.objects.visible_to(people[VP])) == [last]


def test_what_the_levels_rely_on_is_not_written_again(people, client_of, decided):
    row = BenevolenceApplication.objects.get(pk=decided.pk)
    with pytest.raises(DomainError) as again:
        intake.finish(row, {"": "Another case."}, actor=people["staff"])
    assert again.value.sentence == DECIDED
    office, url = client_of("staff", raise_request_exception=False), f"/benevolence/applications/{row.pk}/intake/"
    page = office.post(url, {"note_0": "Another case.", "version": row.version})
    assert (page.status_code, DECIDED in page.text) == (409, True)
    program = programs.post(office, f"{programs.APPLICATIONS}{row.pk}/intake/", {"note_0": "x"}, version=row.version)
    assert programs.told(program) == (409, DECIDED)
    assert f'{url}"' not in office.get(f"/benevolence/applications/{row.pk}/").text
    assert intake.brief_of(row) == "The roof of a house is open."


def test_proof_that_comes_after_intake_goes_through_the_office(people, blind):
    prepared(blind, people)
    late = documents.add(blind, SimpleUploadedFile("bill.jpg", photo()), category="bill", actor=people["staff"])

    def seen():
        return set(ApplicationDocument.objects.visible_to(people[VP]))

    assert (BenevolenceApplication.objects.get(pk=blind.pk).needs_intake, seen()) == (True, set())
    intake.finish(blind, {"": "Now with the bill."}, actor=people["staff"], released=[late.pk])
    assert (BenevolenceApplication.objects.get(pk=blind.pk).needs_intake, seen()) == (False, {late})
    newer = documents.replace(late, SimpleUploadedFile("newer.jpg", photo(size=(90, 40))), actor=people["staff"])
    assert (BenevolenceApplication.objects.get(pk=blind.pk).needs_intake, seen()) == (True, {late})
    intake.finish(blind, {"": "With the newer bill."}, actor=people["staff"], released=[newer.pk])
    assert seen() == {late, newer}


def test_whoever_prepared_it_decides_none_of_it_when_they_hold_a_level_later(people, blind):
    clerk = RoleAssignmentFactory(role="staff", user=UserFactory(is_no_member=True)).user
    intake.finish(blind, {"": "The roof of a house is open."}, actor=clerk)
    RoleAssignmentFactory(role=VP, user=clerk)
    elected, amount = type(clerk).objects.get(pk=clerk.pk), {"amount": Decimal("450.00")}
    sentence = "You prepared this application for reviewers who never see the person. Leave it to somebody else."
    assert refused(reviews.approve, blind, actor=elected, **amount) == sentence
    waiting = {name: WAITS.first(who) for name, who in {"elected": elected, "other": people[VP]}.items()}
    assert {name: len(items) for name, items in waiting.items()} == {"elected": 0, "other": 1}
    assert reviews.approve(blind, actor=people[VP], **amount).status == "approved"


def test_a_conflict_is_found_before_anything_is_shown(people, client_of, blind):
    relationships.declare_relationship(blind.member, "household", actor=people[VP])
    assert client_of(VP).get(f"/benevolence/applications/{blind.pk}/").status_code == 404
    assert not BenevolenceApplication.objects.visible_to(people[VP]).exists()


def test_the_name_opens_to_whoever_pays_after_the_decision(people, client_of, blind):
    url = f"/benevolence/applications/{blind.pk}/"
    prepared(blind, people)
    assert client_of("treasurer").get(url).status_code == 404
    reviews.approve(blind, actor=people[VP], amount=Decimal("450.00"))
    assert [SECRET[0] in client_of(name).get(url).text for name in ("treasurer", "trustee", VP)] == [True, True, False]
    payments.pay(blind, actor=people["treasurer"], payment_date=local_today(), payment_method="direct_deposit")
    assert (state(blind).status, SECRET[0] in client_of(VP).get(url).text) == ("paid", False)


def test_past_help_names_no_applicant_to_a_blind_reviewer(people, client_of, blind):
    PastHelpFactory(member=blind.member)
    assert SECRET[0] not in client_of(VP).get("/benevolence/past-help/").text
    assert SECRET[0] in client_of("treasurer").get("/benevolence/past-help/").text


def test_who_holds_a_level_prepares_nothing_that_the_levels_review_blindly(person_with, blind):
    both, office = person_with("officer", "benevolence-president"), person_with("officer")
    assert list(BenevolenceApplication.objects.visible_to(office)) == [blind]
    assert not BenevolenceApplication.objects.visible_to(both).exists()


def test_the_register_of_payments_names_nobody_to_who_reviewed_blindly(people, person_with, client_of, blind):
    prepared(blind, people)
    both = person_with("officer", VP)
    reviews.approve(blind, actor=both, amount=Decimal("450.00"))
    payments.pay(blind, actor=people["treasurer"], payment_date=local_today(), payment_method="direct_deposit")
    payment = Payment.objects.get()
    other = person_with("officer", VP)
    assert [Payment.objects.visible_to(user).exists() for user in (both, other)] == [False, True]
    relationships.declare_relationship(blind.member, "household", actor=other)
    assert not Payment.objects.visible_to(other).exists()
    assert client_of("officer").get(f"/benevolence/payments/{payment.pk}/").status_code == 200


def test_what_the_rules_ask_for_is_confirmed_with_a_note(people, client_of):
    words = "Another fund was asked first."
    policies.change_policy({"conditions": [words]}, actor=people["admin"])
    draft = applications.create_application(TYPED, actor=people["member"])
    application = applications.submit(draft, actor=people["member"])
    url = f"/benevolence/applications/{application.pk}/intake/"
    assert client_of("member").get(url).status_code == 403
    assert client_of("staff").post(url, {"note_0": "", "version": application.version}).status_code == 422
    assert (
        client_of("staff").post(url, {"note_0": "Letter of 3 Nov", "version": application.version}).status_code == 302
    )
    assert "Letter of 3 Nov" in client_of(VP).get(f"/benevolence/applications/{application.pk}/").text
    assert reviews.approve(application, actor=people[VP], amount=Decimal("450.00")).status == "approved"
    with pytest.raises(DomainError, match="not in review"):
        intake.finish(application, {words: "again"}, actor=people["staff"])


def test_the_office_is_told_to_finish_intake_and_looks_at_what_it_may_release(people, client_of, blind):
    document = DocumentFactory(application=blind, category="bill")
    office = client_of("staff")
    page = office.get(f"/benevolence/applications/{blind.pk}/").text
    told = ("No level can approve before." in page, "there is nothing to do now" in page)
    assert told == (True, False)
    form = office.get(f"/benevolence/applications/{blind.pk}/intake/").text
    assert f"{document.name} · Bill or invoice" in form
    assert f"/benevolence/documents/{document.pk}/content/" in form


def test_the_level_decides_now_where_nobody_holds_its_seat(people, client_of, blind):
    prepared(blind, people)
    page = client_of(VP).get(f"/benevolence/applications/{blind.pk}/")
    assert page.context["turn"].startswith("Vice president until ")


DOCUMENT_DOORS = (
    "/benevolence/applications/{application}/",
    "/benevolence/applications/{application}/moves/approve/",
    "/benevolence/documents/{document}/content/",
    "/benevolence/documents/{document}/preview/",
    "/benevolence/applications/{application}/photos/",
    "/api/v1/benevolence-documents/?application={application}",
    "/api/v1/benevolence-documents/{document}/",
    "/api/v1/benevolence-documents/{document}/content/",
    "/admin/benevolence/benevolenceapplication/{application}/change/",
    "/admin/benevolence/applicationdocument/",
)


@pytest.fixture
def photographed(people, blind):
    """Three photos called after the member, whose camera wrote its owner into them; intake releases the last two."""
    photos = [
        DocumentFactory(
            application=blind, upload_name=f"{SECRET[0]} {size}.jpg", content=photo(size=(size, 40), orientation=1)
        )
        for size in (80, 90, 100)
    ]
    released = [row.pk for row in photos[1:]]
    intake.finish(blind, {"": "The roof of a house is open."}, actor=people["staff"], released=released)
    return photos


def everything_sent(browser, application, document):
    """What each door answers: its headers and its body, by path."""
    answers = {}
    for pattern in DOCUMENT_DOORS:
        answer = browser.get(pattern.format(application=application.pk, document=document.pk))
        body = answer.getvalue() if answer.streaming else answer.content
        answers[pattern] = (answer.status_code, f"{answer.headers.items()} {body.decode('latin-1')}")
    return answers


def test_a_released_document_is_called_by_a_number_at_every_door(people, client_of, blind, photographed):
    _hidden, shown, last = photographed
    browser = client_of(VP)
    found = everything_sent(browser, blind, shown)
    assert {status for status, _sent in found.values()} == {200}
    told = [path for path, (_status, sent) in found.items() if SECRET[0] in sent or "Canary" in sent]
    assert told == []
    listed = browser.get("/api/v1/benevolence-documents/").json()["results"]
    assert [row["name"] for row in listed] == ["Document 2", "Document 1"]
    heads = [browser.get(f"/benevolence/documents/{row.pk}/content/")["Content-Disposition"] for row in (shown, last)]
    assert heads == ['attachment; filename="Document 1.jpg"', 'attachment; filename="Document 2.jpg"']
    reviews.approve(blind, actor=people[VP], amount=Decimal("450.00"))
    named = everything_sent(client_of("treasurer"), blind, shown)
    secret = [path for path, (_status, sent) in named.items() if SECRET[0] in sent]
    assert secret == [DOCUMENT_DOORS[0], DOCUMENT_DOORS[2], *DOCUMENT_DOORS[5:9]]  # control: it is there to be found


def test_a_document_that_is_not_released_stays_hidden(people, client_of, blind, photographed):
    hidden, shown, last = photographed
    assert list(ApplicationDocument.objects.visible_to(people[VP]).order_by("added_at")) == [shown, last]
    browser = client_of(VP)
    found = everything_sent(browser, blind, hidden)
    assert [path for path, (status, _sent) in found.items() if status == 404] == [
        path for path in DOCUMENT_DOORS if "{document}" in path
    ]
    assert [path for path, (_status, sent) in found.items() if str(hidden.pk) in sent] == []
    pages = PdfReader(io.BytesIO(browser.get(f"/benevolence/applications/{blind.pk}/photos/").content)).pages
    assert [page.images[0].image.size for page in pages] == [(90, 40), (100, 40)]


def test_a_document_is_kept_from_the_reviewers_at_any_time(people, client_of, blind, photographed):
    """Also what was replaced, and after the decision: it takes away and gives nothing."""
    _hidden, shown, last = photographed
    newer = documents.replace(shown, SimpleUploadedFile("newer.jpg", photo(size=(70, 40))), actor=people["staff"])
    intake.finish(blind, {"": "The roof."}, actor=people["staff"], released=[newer.pk, last.pk])

    def seen():
        return set(ApplicationDocument.objects.visible_to(people[VP]))

    assert seen() == {shown, newer, last}
    intake.keep_back(blind, [shown.pk], actor=people["staff"])
    assert seen() == {newer, last}
    assert reviews.approve(blind, actor=people[VP], amount=Decimal("450.00")).status == "approved"
    url, office = f"/benevolence/applications/{blind.pk}/intake/keep-back/", client_of("staff")
    assert url in office.get(f"/benevolence/applications/{blind.pk}/").text
    row = BenevolenceApplication.objects.get(pk=blind.pk)
    assert office.post(url, {"kept": [str(newer.pk)], "version": row.version}).status_code == 302
    assert (seen(), [name for name, _data in events(blind)][-1]) == ({last}, "benevolence.document_kept_back")
    with pytest.raises(MoveConflict):
        intake.keep_back(blind, [last.pk], actor=people["staff"], version=row.version)
    intake.keep_back(blind, [last.pk], actor=people["staff"])
    assert (seen(), url in office.get(f"/benevolence/applications/{blind.pk}/").text) == (set(), True)


def test_words_that_tell_the_person_go_from_the_text_after_a_decision_too(people, client_of, decided):
    """What was decided stands, for nothing else is said; what the level had read is kept where no reviewer looks."""
    note = IntakeNote.objects.get()
    note.text = "The roof of Ann Lee, 309, is open: ANN lee, not Annex or 3090."
    note.save()
    url, office = f"/benevolence/applications/{decided.pk}/intake/keep-back/", client_of("staff")
    typed = {"struck": "Ann Lee\r\n\r\n 309 \r\n", "version": BenevolenceApplication.objects.get().version}
    assert office.post(url, typed | {"struck": "Bo"}).context["form"].errors == {
        "struck": ["“Bo” does not stand in the text."]
    }
    assert office.post(url, typed).status_code == 302

    left = "The roof of …, …, is open: …, not Annex or 3090."
    page = client_of("benevolence-admin").get(f"/benevolence/applications/{decided.pk}/").text
    assert (intake.brief_of(decided), left in page, "Ann Lee" in page) == (left, True, False)
    assert state(decided).status == "under_review"
    assert [review.voided_at for review in decided.reviews.filter(decision="approved")] == [None]
    assert events(decided)[-1] == ("benevolence.text_struck", {})
    former = IntakeNote.objects.exclude(voided_at=None).get()
    assert (former.text[:19], former.updated_at == former.voided_at) == ("The roof of Ann Lee", True)


def test_before_intake_is_finished_there_is_nothing_to_keep_back(people, blind):
    with pytest.raises(DomainError) as nothing:
        intake.keep_back(blind, (), actor=people["staff"], struck=["Ann"])
    assert nothing.value.sentence == "Blind reviewers see no document and no text of this application."


@pytest.mark.parametrize("stranger", ["member", VP, "treasurer", "officer"])
def test_nobody_else_keeps_a_document_back(people, photographed, blind, stranger):
    with pytest.raises((PermissionDenied, DomainError)):
        intake.keep_back(blind, [photographed[1].pk], actor=people[stranger])
    assert ApplicationDocument.objects.filter(is_released=True).count() == 2


def test_without_blind_rules_the_same_doors_show_the_person(people, client_of):
    """Control: what is searched for above is there to be found."""
    member = MemberFactory(last_name=SECRET[0], member_number=SECRET[4], status="active", standing="good")
    values = {**TYPED, "description": SECRET[1]}
    draft = applications.create_application(values, actor=people["staff"], member=member)
    key = applications.submit(draft, actor=people["staff"]).pk
    paths = (
        f"/benevolence/applications/{key}/",
        f"/benevolence/applications/{key}/moves/approve/",
        "/benevolence/applications/",
        "/benevolence/queue/",
        f"/api/v1/benevolence-applications/{key}/",
        f"/admin/benevolence/benevolenceapplication/{key}/change/",
        "/admin/benevolence/benevolenceapplication/",
    )
    browser = client_of(VP)
    assert [path for path in paths if SECRET[0] not in browser.get(path).text] == []

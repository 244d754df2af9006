"""Blind review: whoever decides never sees the person, at no door; whoever pays does, after the decision."""

from decimal import Decimal

import pytest

from benevolence.factories import DocumentFactory
from benevolence.models import ApplicantAnswer, ApplicationDocument, BenevolenceApplication
from benevolence.panels import happened, member_panel, search
from benevolence.services import applications, intake, payments, policies, relationships, reviews
from benevolence.tests.steps import TYPED, refused, state
from core.errors import DomainError
from core.site import local_today
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
    admin = f"/admin/benevolence/benevolenceapplication/{blind.pk}"
    for path in (
        url,
        f"{url}moves/approve/",
        f"{url}moves/deny/",
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


def test_a_document_that_is_not_released_stays_hidden(people, client_of, blind):
    first, second = (DocumentFactory(application=blind, name=f"{SECRET[0]} {number}.pdf") for number in (1, 2))
    assert not ApplicationDocument.objects.visible_to(people[VP]).exists()
    intake.finish(blind, {"": "The roof of a house is open."}, actor=people["staff"], released=[second.pk])
    assert list(ApplicationDocument.objects.visible_to(people[VP])) == [second]
    assert SECRET[0] not in client_of(VP).get(f"/benevolence/applications/{blind.pk}/").text
    assert client_of(VP).get(f"/benevolence/documents/{first.pk}/content/").status_code == 404
    assert SECRET[0] not in client_of(VP).get("/admin/benevolence/applicationdocument/").text


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

"""The pages of drafts."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from zeal import zeal_ignore

from core.models import ReadEvent
from core.site import local_today
from core.tests.files.noting import noted_in, stored_in, transactions
from core.tests.files.samples import photo
from core.tests.pages import errors, said, values_in
from grievances.factories import AgreementFactory, IntakeFactory
from grievances.models import Grievance, GrievanceIntake
from grievances.tests.case_setup import story
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.forms.members import label_of
from members.models import Organization
from members.services import members as services
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db
TYPED = {
    "grievance_type": "group",
    "organization": "Crane Yard",
    "incident_date": "2026-08-01",
    "knowledge_date": "",
    "contract_article": "14",
    "violation_description": "Out\r\nof turn",
    "remedy_sought": "Pay",
    "notes": "Hold out.",
}


@pytest.fixture
def steward(client_of):
    return client_of("steward", raise_request_exception=False)


@pytest.fixture
def two():
    OrganizationFactory(name="Crane Yard")
    return [MemberFactory(member_number=number, last_name=name) for number, name in (("A1", "Aalto"), ("A2", "Zych"))]


@pytest.mark.parametrize("role", ["steward", "grievance-chair", "representative", "staff", "officer"])
def test_a_draft_is_started(client_of, people, two, role):
    response = client_of(role).post("/grievances/drafts/new/", TYPED | {"members": "A1\r\nA2"})
    draft = GrievanceIntake.objects.get()
    assert response.status_code == 302
    assert response["Location"] == draft.get_absolute_url()
    assert said(response) == ["Draft saved."]
    assert set(draft.members.all()) == set(two)
    assert draft.organization.name == "Crane Yard"
    assert draft.drafted_by == people[role]
    notes = "" if role == "staff" else "Hold out."
    assert (draft.violation_description, draft.notes) == ("Out\nof turn", notes)


def test_a_draft_begins_with_the_member_or_the_employer_it_was_opened_for(steward, people, two):
    ann, yard = two[0], Organization.objects.get()
    empty = {"grievance_type": "", "members": "", "organization": ""}

    def filled(query):
        found = values_in(steward.get(f"/grievances/drafts/new/?{query}"))
        return {name: found.get(name, "") for name in empty}

    named = {"grievance_type": "individual", "members": f"{ann.full_name} — A1", "organization": ""}
    assert filled(f"member={ann.pk}") == named
    assert filled(f"employer={yard.pk}") == empty | {"organization": label_of(yard)}
    EmploymentFactory(member=ann, organization=yard)
    assert filled(f"member={ann.pk}") == named | {"organization": label_of(yard)}
    EmploymentFactory(member=ann)
    assert filled(f"member={ann.pk}") == named
    for nobody in (
        "member=0",
        "member=%E2%91%A0",
        "member=x",
        f"member={'9' * 30}",
        f"employer={'9' * 18}",
        "member=-1",
    ):
        assert filled(nobody) == empty
    read = ReadEvent.objects.filter(kind="opened", actor=people["steward"])
    assert list(read.values_list("subject_id", flat=True)) == [str(ann.pk)] * 3


def test_what_a_steward_may_not_see_is_not_filled_in(steward, people, two):
    services.delete_member(two[0], actor=people["staff"], reason="Entered twice")
    assert two[0].last_name not in steward.get(f"/grievances/drafts/new/?member={two[0].pk}").text


def test_names_that_nobody_has_are_said_at_the_field(steward, two):
    response = steward.post("/grievances/drafts/new/", TYPED | {"members": "Nobody Atall", "organization": "Atlantis"})
    assert response.status_code == 422
    assert errors(response) == {
        "members": ["No member is called “Nobody Atall”. Type the name or the member number."],
        "organization": ["No organization of this name. Check how it is written, or ask the office to add it."],
    }
    assert "Nobody Atall" in response.text
    assert "of turn" in response.text
    assert not GrievanceIntake.objects.exists()


def test_a_mistyped_year_is_said_at_the_field_and_gives_no_deadline_that_is_far_away(steward):
    tomorrow = (local_today() + dt.timedelta(1)).isoformat()
    days = {"incident_date": tomorrow, "knowledge_date": tomorrow}
    response = steward.post("/grievances/drafts/new/", TYPED | days | {"organization": ""})
    sentence = ["This day is still to come. Check the year."]
    assert errors(response) == {"incident_date": sentence, "knowledge_date": sentence}
    assert values_in(response)["incident_date"] == tomorrow
    assert not GrievanceIntake.objects.exists()


@pytest.mark.parametrize("rubbish", ["\0", "x" * 100_000, "\u202e", "9" * 400, "9999-12-31"])
def test_rubbish_is_never_a_fault(steward, rubbish):
    draft = IntakeFactory()
    values = dict.fromkeys((*TYPED, "members", "version", "filed_date", "reason"), rubbish)
    found = [steward.post("/grievances/drafts/new/", values).status_code]
    officer_like = f"/grievances/drafts/{draft.pk}/"
    found += [steward.post(f"{officer_like}{page}/", values).status_code for page in ("edit", "file", "discard")]
    assert set(found) <= {302, 403, 404, 409, 422}


def test_a_draft_says_what_is_missing(steward, people):
    draft = IntakeFactory(drafted_by=people["steward"], people=[], remedy_sought="")
    page = steward.get(draft.get_absolute_url())
    assert ReadEvent.objects.get().subject_id == str(draft.pk)
    edit = f"{draft.get_absolute_url()}edit/"
    missing = {
        "remedy_sought": "Say what we ask for.",
        "members": "An individual grievance has exactly one grievant.",
    }
    assert dict(page.context["missing"]) == missing
    for name, sentence in missing.items():
        assert f'<a href="{edit}#id_{name}">{sentence}</a>' in page.text
        assert f'id="id_{name}"' in steward.get(edit).text
    assert "File grievance" not in page.text
    assert "Complete the draft" in page.text
    assert "disabled" not in page.text.split("record-moves")[1].split("</main>")[0]


def test_the_form_says_what_filing_needs(steward):
    label = r'class="field-label"[^>]*>([^<]+) <span class="field-optional">\(([^)]*)\)'
    marks = re.findall(label, steward.get("/grievances/drafts/new/").text)
    once, either = "needed to file", "one of the two is needed to file"
    assert marks == [
        ("Photos of the fact sheet", "optional"),
        ("Type", once),
        ("Employer", once),
        ("Date of the incident", either),
        ("Day we learned of it", either),
        ("Contract article", once),
        ("What happened", once),
        ("Remedy sought", once),
        *((label, "optional") for label in ("Who was involved", "Supervisor’s department", "When exactly", "Where")),
        *((label, "optional") for label in ("Why it is a grievance", "Witnesses", "Past practice", "Notes")),
    ]


def test_editing_keeps_what_is_there(steward, people, two):
    draft = IntakeFactory(drafted_by=people["steward"], people=two[:1], organization__name="Old Mill")
    form = steward.get(f"{draft.get_absolute_url()}edit/")
    assert f"{two[0].full_name} — A1" in form.text
    assert "Old Mill" in form.text
    typed = TYPED | {"members": "A1\nA2", "version": "1"}
    assert steward.post(f"{draft.get_absolute_url()}edit/", typed).status_code == 302
    draft.refresh_from_db()
    assert draft.grievance_type == "group"
    assert draft.members.count() == 2
    assert draft.version == 2


def test_two_editors_see_both_versions(steward, people, two):
    draft = IntakeFactory(drafted_by=people["steward"], people=two[:1], version=2, remedy_sought="Theirs")
    typed = TYPED | {"members": "A1\nA2", "version": "1", "grievance_type": "individual"}
    response = steward.post(f"{draft.get_absolute_url()}edit/", typed)
    first, second = (f"{member.full_name} — {member.member_number}" for member in two)
    conflict = {label: (theirs, mine) for label, theirs, mine in response.context["conflict"]}
    assert response.status_code == 409
    assert conflict["Remedy sought"] == ("Theirs", "Pay")
    assert conflict["Grievants"] == (first, f"{first}\n{second}")


def test_grievants_whom_only_one_of_two_editors_changed_stand(steward, people, two):
    draft = IntakeFactory(drafted_by=people["steward"], people=two[:1], grievance_type="group", organization=None)
    url = f"{draft.get_absolute_url()}edit/"
    typed = values_in(steward.get(url))
    assert steward.post(url, typed | {"members": "A1\nA2"}).status_code == 302
    answer = steward.post(url, typed | {"remedy_sought": "Pay"})
    draft.refresh_from_db()
    told = "Somebody else changed this meanwhile: Grievants. Both changes stand."
    assert (answer.status_code, said(answer)[-1]) == (302, told)
    assert (set(draft.members.all()), draft.remedy_sought) == (set(two), "Pay")


def test_the_office_meets_a_newer_version_too(client_of, two):
    draft = IntakeFactory(people=two[:1], version=2, remedy_sought="Theirs", notes="Hold out.")
    typed = TYPED | {"members": "A1", "version": "1", "grievance_type": "individual"}
    response = client_of("staff").post(f"{draft.get_absolute_url()}edit/", typed)
    assert response.status_code == 409
    assert "Hold out." not in response.text
    assert ("Remedy sought", "Theirs", "Pay") in response.context["conflict"]
    kept = client_of("staff").post(f"{draft.get_absolute_url()}edit/", typed | {"version": "2"})
    draft.refresh_from_db()
    assert kept.status_code == 302
    assert draft.remedy_sought == "Pay"
    assert draft.notes == "Hold out."


def test_another_stewards_draft_is_not_there(steward):
    draft = IntakeFactory()
    pages = [steward.get(f"{draft.get_absolute_url()}{page}").status_code for page in ("", "edit/", "discard/")]
    assert pages == [404, 404, 404]


def test_filing(client_of, people):
    draft = IntakeFactory()
    browser, url = client_of("representative"), f"{draft.get_absolute_url()}file/"
    assert browser.get(url).status_code == 200
    response = browser.post(url, {"filed_date": "2026-08-15", "version": "1"})
    case = Grievance.objects.get()
    assert (response["Location"], said(response)) == (
        case.get_absolute_url(),
        ["The grievance is filed. Record how it reached the employer: only that meets the date to file."],
    )
    assert (case.grievance_number, str(case.filed_date)) == ("GR-2026-0001", "2026-08-15")
    again = browser.post(url, {"filed_date": "2026-08-15"})
    sentence = "This draft was filed already, as GR-2026-0001. Open that case."
    assert (again.status_code, errors(again)) == (409, {"__all__": [sentence]})
    for page in ("file/", "discard/"):
        refused = browser.get(draft.get_absolute_url() + page)
        assert refused.status_code == 409
        assert sentence in refused.text
    shown = browser.get(draft.get_absolute_url())
    assert case.get_absolute_url() in shown.text
    assert "Discard the draft" not in shown.text


def test_whoever_files_and_may_work_cases_is_offered_as_the_representative(client_of, people):
    draft = IntakeFactory()
    url = f"{draft.get_absolute_url()}file/"
    offered = {role: values_in(client_of(role).get(url))["person"] for role in ("representative", "officer", "staff")}
    assert offered == {
        "representative": str(people["representative"].pk),
        "officer": str(people["officer"].pk),
        "staff": "",
    }
    typed = {"filed_date": "2026-08-15", "person": str(people["steward"].pk), "version": "1"}
    client_of("staff").post(url, typed)
    assert Grievance.objects.get().assigned_rep == people["steward"]
    assert story(Grievance.objects.get()) == ["grievance.filed", "grievance.assigned"]


def test_whoever_files_says_which_of_two_agreements_covers_it(client_of):
    """It is asked only where the portal cannot tell."""
    one = AgreementFactory(title="Main plant")
    elsewhere, day = AgreementFactory(title="Elsewhere"), "2026-08-03"
    draft = IntakeFactory(organization=one.employer, incident_date=day, knowledge_date=day)
    browser, url = client_of("representative"), f"{draft.get_absolute_url()}file/"
    assert "agreement" not in browser.get(url).context["form"].fields
    two = AgreementFactory(employer=one.employer, title="Warehouse")
    assert "Whoever files it says which one covers it" in browser.get(draft.get_absolute_url()).text
    offered = browser.get(url).context["form"]["agreement"].field.choices
    assert [label for _key, label in offered] == ["Nobody can say yet", str(one), str(two)]
    typed = {"filed_date": "2026-08-05", "version": "1"}
    refused = browser.post(url, typed | {"agreement": str(elsewhere.pk)})
    assert (refused.status_code, [*errors(refused)]) == (422, ["agreement"])
    browser.post(url, typed | {"agreement": str(two.pk)})
    assert Grievance.objects.get().agreement == two


def test_facts_go_with_the_draft_into_the_case_and_are_completed_there(client_of, people):
    draft = IntakeFactory(witnesses="Ann Aalto", place="Bay 4")
    client_of("staff").post(f"{draft.get_absolute_url()}file/", {"filed_date": "2026-08-15", "version": "1"})
    case = Grievance.objects.get()
    assert (case.witnesses, case.place) == ("Ann Aalto", "Bay 4")
    url = f"{case.get_absolute_url()}facts/"
    answer = client_of("staff").post(url, {"witnesses": "Ann Aalto\r\nBo", "place": "Bay 4", "version": "1"})
    assert (answer["Location"], said(answer)) == (case.get_absolute_url(), ["Facts saved."])
    case.refresh_from_db()
    assert (case.witnesses, case.violation_description) == ("Ann Aalto\nBo", draft.violation_description)
    assert client_of("representative").post(url, {"version": "2"}).status_code == 409


def test_filing_says_in_one_sentence_what_is_missing(client_of):
    draft = IntakeFactory(people=[], remedy_sought="", contract_article="")
    response = client_of("staff").post(f"{draft.get_absolute_url()}file/", {"filed_date": "2026-08-15", "version": "1"})
    assert response.status_code == 422
    assert errors(response) == {
        "__all__": [
            "The draft is not complete. Name the article of the contract. Say what we ask for. "
            "An individual grievance has exactly one grievant."
        ]
    }
    typed = {"filed_date": "2020-01-01", "version": "1"}
    early = client_of("staff").post(f"{IntakeFactory().get_absolute_url()}file/", typed)
    assert errors(early) == {"filed_date": ["It was filed before it happened. Check the dates."]}


def test_a_steward_does_not_file(steward, people):
    draft = IntakeFactory(drafted_by=people["steward"])
    page = steward.get(draft.get_absolute_url())
    assert "A representative, the grievance chair or the office files it." in page.text
    assert steward.post(f"{draft.get_absolute_url()}file/", {"filed_date": "2026-08-15"}).status_code == 403


def test_discarding(steward, people):
    draft = IntakeFactory(drafted_by=people["steward"])
    response = steward.post(f"{draft.get_absolute_url()}discard/", {"reason": "Twice"})
    assert (response["Location"], said(response)) == ("/grievances/drafts/", ["Draft discarded."])
    assert list(steward.get("/grievances/drafts/").context["rows"]) == []
    assert "Discarded" in steward.get(draft.get_absolute_url()).text


def test_the_list_of_drafts(client_of, people, two):
    mine = IntakeFactory(
        drafted_by=people["steward"], people=two, grievance_type="group", organization__name="Old Mill"
    )
    empty = IntakeFactory(grievance_type="", organization=None, people=[])
    page = client_of("staff").get("/grievances/drafts/")
    shown = {row.pk: values[:3] for row, values in zip(page.context["rows"], shown_values(page), strict=True)}
    assert shown == {mine.pk: ["Group", "2 grievants", "Old Mill"], empty.pk: ["No type yet", "", ""]}
    assert client_of("steward").get("/grievances/drafts/").context["rows"] == [mine]
    assert client_of("member").get("/grievances/drafts/").status_code == 403


def test_notes_of_a_draft_are_not_for_the_office(client_of):
    draft = IntakeFactory(notes="Hold out.")
    for page in ("", "edit/"):
        found = {role: client_of(role).get(draft.get_absolute_url() + page).text for role in ("staff", "officer")}
        assert {role: "Hold out." in text for role, text in found.items()} == {"staff": False, "officer": True}


def test_a_draft_begins_with_a_photo_of_the_sheet(client_of):
    files = [SimpleUploadedFile("Sheet.jpg", photo()), SimpleUploadedFile("Page.html", b"<html><script>")]
    response = client_of("steward").post("/grievances/drafts/new/", {"sheet": files}, follow=True)
    [document] = GrievanceIntake.objects.get().documents.all()
    assert f'href="/grievances/draft-documents/{document.pk}/content/"' in response.text
    assert "Page.html: " in response.text


def test_a_photo_that_came_with_a_mistake_is_asked_for_again(steward):
    """No page can put a file back into its form."""
    typed, file = TYPED | {"organization": "Atlantis"}, SimpleUploadedFile("Sheet.jpg", photo())
    lines = [
        re.findall(r'<li><a href="#id_(\w+)">', steward.post("/grievances/drafts/new/", sent).text)
        for sent in (typed, typed | {"sheet": file})
    ]
    assert lines == [["organization"], ["organization", "sheet"]]


def test_photos_of_a_sheet_are_stored_before_the_transaction_of_the_form(steward, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    token = values_in(steward.get("/grievances/drafts/new/"))["form_token"]

    def sent():
        files = [SimpleUploadedFile("Sheet.txt", b"What the steward wrote"), SimpleUploadedFile("a.html", b"<html>")]
        typed = TYPED | {"organization": "", "sheet": files, "form_token": token}
        with zeal_ignore():  # the work is begun twice
            return steward.post("/grievances/drafts/new/", typed)

    first, again = sent(), sent()
    assert [answer.status_code for answer in (first, again)] == [302, 302]
    assert first["Location"] == again["Location"]
    assert noted == [transactions()]
    [document] = GrievanceIntake.objects.get().documents.all()
    assert stored_in(tmp_path) == {str(document.storage_key)}

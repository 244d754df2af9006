"""Merging two members on the page that compares them."""

import pytest

from core.tests.pages import WHY, errors, said
from members.factories import MemberFactory
from members.models import Member
from members.services import members as services

pytestmark = pytest.mark.django_db
VERSIONS = {"kept_version": "1", "duplicate_version": "1"}


def test_finding_comparing_and_merging(staff, client_of, ann):
    twin = MemberFactory(member_number="A77", first_name="Anne", last_name="Aalto", city="Pekin", email="")
    services.remember_words(["Ann", "Anne", "Aalto"])
    find = f"/members/{ann.pk}/merge/"
    urls = [url for _row, url in staff.get(find).context["candidates"]]
    assert urls == [f"{find}{twin.pk}/"]
    assert [row for row, _url in staff.get(find, {"q": "a77"}).context["candidates"]] == [twin]
    assert "Nothing found" in staff.get(find, {"q": "zzzz"}).text
    assert staff.post(find).url == find
    page = staff.get(urls[0])
    assert page.context["form"].differing[:2] == ["member_number", "first_name"]
    assert client_of("steward").get(urls[0]).status_code == 403
    chosen = dict.fromkeys(page.context["form"].differing, "kept") | {"city": "duplicate"} | VERSIONS
    missing = staff.post(urls[0], chosen)
    assert (missing.status_code, errors(missing)) == (422, {"reason": [WHY]})
    assert missing.context["form"]["city"].value() == "duplicate"
    response = staff.post(urls[0], chosen | {"reason": "Same person"})
    ann.refresh_from_db()
    twin.refresh_from_db()
    assert (response.url, said(response)) == (f"/members/{ann.pk}/", ["The two records are one now."])
    assert ann.city == "Pekin"
    assert ann.member_number == "104233"
    assert twin.merged_into == ann
    assert twin.is_deleted is True
    assert "Merged into another record" in staff.get(f"/members/{twin.pk}/").text
    assert "Merged with a second record" in staff.get(f"/members/{ann.pk}/?tab=history").text
    refused = staff.post(f"/members/{twin.pk}/restore/", {"reason": "Undo"})
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This record was merged into another member. Open that member instead."]}


def test_merging_what_cannot_be_merged(staff, people, ann):
    gone = MemberFactory()
    services.delete_member(gone, actor=people["staff"], reason="Left")
    paths = [f"/members/{ann.pk}/merge/{other}/" for other in (ann.pk, gone.pk, 999_999, "9" * 30)]
    assert [staff.get(path).status_code for path in paths] == [404] * 4
    assert [staff.post(path, {"reason": "x"}).status_code for path in paths] == [404] * 4
    twin = MemberFactory()
    path = f"/members/{ann.pk}/merge/{twin.pk}/"
    response = staff.post(path, {"reason": "x", "first_name": "third", "status": "kept"} | VERSIONS)
    assert response.status_code == 422
    services.delete_member(ann, actor=people["staff"], reason="Left")
    form = staff.get(path).context["form"]
    chosen = dict.fromkeys(form.differing, "kept") | VERSIONS | {"kept_version": "2", "reason": "x"}
    refused = staff.post(path, chosen)
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This record is deleted. Restore it before you change it."]}


@pytest.mark.parametrize(("name", "asked"), [("staff", True), ("admin", False)])
def test_who_reads_no_notes_merges_without_them(client_of, ann, name, asked):
    twin = MemberFactory(last_name="Aalto", notes="Call after six")
    browser, path = client_of(name), f"/members/{ann.pk}/merge/{twin.pk}/"
    page = browser.get(path)
    assert ("notes" in page.context["form"].fields, "Call after six" in page.text) == (asked, asked)
    chosen = dict.fromkeys(page.context["form"].differing, "kept") | VERSIONS | {"reason": "Same person"}
    stale = browser.post(path, chosen | {"kept_version": "7"})
    assert ("Call after six" in stale.text, stale.status_code) == (asked, 409)
    browser.post(path, chosen)
    ann.refresh_from_db()
    assert ann.notes == ("" if asked else "Call after six")


@pytest.mark.parametrize("edited", ["kept", "duplicate"])
def test_merging_what_somebody_saved_meanwhile(staff, people, ann, edited):
    twin = MemberFactory(last_name="Aalto", city="Pekin", phone="+13095550111", email=ann.email)
    path = f"/members/{ann.pk}/merge/{twin.pk}/"
    form = staff.get(path).context["form"]
    seen = {name: form[name].initial for name in ("kept_version", "duplicate_version")}
    chosen = dict.fromkeys(form.differing, "kept") | seen | {"city": "duplicate", "reason": "Same person"}
    values = {"city": "Chicago", "email": "new@people.example"}
    services.update_member(ann if edited == "kept" else twin, values, actor=people["officer"])
    before = list(Member.objects.order_by("pk").values())
    refused = staff.post(path, chosen)
    sentence = "Somebody else saved one of the two records meanwhile. Compare them again before you merge."
    assert (refused.status_code, errors(refused)) == (409, {"__all__": [sentence]})
    assert list(Member.objects.order_by("pk").values()) == before
    again = refused.context["form"]
    assert ["Chicago" in refused.text, "new@people.example" in refused.text] == [True, True]
    assert [again[name].value() for name in ("city", "email", "reason")] == ["duplicate", "kept", "Same person"]
    assert [again[name].value() for name in seen] == ([2, 1] if edited == "kept" else [1, 2])
    assert staff.post(path, {name: again[name].value() for name in again.fields}).status_code == 302
    ann.refresh_from_db()
    assert (ann.city, ann.email) == ("Pekin", values["email"]) if edited == "kept" else ("Chicago", ann.email)


@pytest.mark.parametrize("forged", [{}, {"kept_version": "", "duplicate_version": "x"}, {"kept_version": "9" * 30}])
def test_merging_without_the_versions_that_were_seen(staff, ann, forged):
    path = f"/members/{ann.pk}/merge/{MemberFactory().pk}/"
    chosen = dict.fromkeys(staff.get(path).context["form"].differing, "kept") | {"reason": "x"}
    assert (staff.post(path, chosen | forged).status_code, Member.objects.alive().count()) == (409, 2)

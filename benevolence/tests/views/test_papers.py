"""Who gets the papers of an application, by page and by API, and what is recorded of it."""

import io

import pypdf
import pytest

from core.models import ReadEvent

pytestmark = pytest.mark.django_db


def addresses(application, name="decision-letter"):
    return (
        f"/benevolence/applications/{application.pk}/papers/{name}/",
        f"/api/v1/benevolence-applications/{application.pk}/papers/{name}/",
    )


def test_those_who_see_the_decision_get_its_letter(client_of, people, approved):
    application = approved()
    names = ("member", "benevolence-vp", "treasurer", "trustee", "staff", "officer", "steward")
    found = {name: [client_of(name).get(url).status_code for url in addresses(application)] for name in names}
    assert found == {
        "member": [200, 200],
        "benevolence-vp": [200, 200],
        "treasurer": [200, 200],
        "trustee": [200, 200],
        "staff": [404, 404],
        "officer": [404, 404],
        "steward": [403, 403],
    }
    assert set(ReadEvent.objects.values_list("kind", "subject_id")) == {("downloaded", str(application.pk))}
    assert ReadEvent.objects.count() == 8


def test_it_is_a_file_to_keep(client_of, approved):
    for url in addresses(approved()):
        answer = client_of("member").get(url)
        content = answer.content
        assert answer["Content-Disposition"] == 'attachment; filename="decision-letter.pdf"'
        assert answer["Content-Type"] == "application/pdf"
        assert "Decision letter" in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_before_the_decision_nothing_is_handed_out_or_recorded(client_of, applied):
    application = applied()
    for url in addresses(application):
        answer = client_of("benevolence-vp").get(url)
        assert answer.status_code == 409
        assert "once the application is decided" in answer.text
    assert ReadEvent.objects.count() == 0


def test_a_paper_that_there_is_not(client_of, approved):
    assert [client_of("member").get(url).status_code for url in addresses(approved(), "ransom-note")] == [404, 404]


def test_the_page_offers_what_there_is(client_of, approved, paid):
    application = approved()
    page = client_of("member").get(application.get_absolute_url()).text
    assert [url in page for url in (addresses(application)[0], addresses(application, "receipt")[0])] == [True, False]

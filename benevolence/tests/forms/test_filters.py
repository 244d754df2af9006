import pytest

from benevolence.factories import ApplicationFactory
from benevolence.services import applications

pytestmark = pytest.mark.django_db
LIST = "/benevolence/applications/"


@pytest.fixture
def rows(people):
    """Make two that staff entered: a submitted one and a draft."""
    sent = ApplicationFactory(entered_by=people["staff"], reason="disaster", member__last_name="Aalto")
    draft = ApplicationFactory(entered_by=people["staff"], reason="medical", member__last_name="Berg")
    return {applications.submit(sent, actor=people["staff"]).pk: "sent", draft.pk: "draft"}


def found(browser, rows, query):
    page = browser.get(f"{LIST}?{query}")
    return [rows[row.pk] for row in page.context["rows"]]


@pytest.mark.parametrize(
    ("query", "reviewer", "office"),
    [
        ("", {"sent"}, {"sent", "draft"}),
        ("q=aalto", {"sent"}, {"sent"}),
        ("q=BN-", {"sent"}, {"sent"}),
        ("q=zzz", set(), set()),
        ("q=a%00b", set(), set()),
        ("status=submitted", {"sent"}, {"sent"}),
        ("status=famous", set(), set()),
        ("reason=disaster", {"sent"}, set()),
        ("reason=medical", set(), {"draft"}),
        ("level_due=vp", {"sent"}, {"sent", "draft"}),
        ("level_due=admin", set(), {"sent", "draft"}),
        ("sort=number", {"sent"}, {"sent", "draft"}),
    ],
)
def test_a_filter_finds_only_what_the_person_sees(client_of, rows, query, reviewer, office):
    assert set(found(client_of("benevolence-vp"), rows, query)) == reviewer
    assert set(found(client_of("staff"), rows, query)) == office

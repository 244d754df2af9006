"""Who sees help from before the portal."""

import pytest

from benevolence.factories import ApplicationFactory, PastHelpFactory, RelationshipFactory
from benevolence.models import HelpImport, PastHelp
from benevolence.tests.conftest import ROLE_OF
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
SEES = {
    "admin": set(),
    "officer": set(),
    "staff": set(),
    "trustee": set(),
    "member": {"own"},
    "benevolence-vp": {"own", "applicant"},
    "benevolence-president": set(),
    "treasurer": {"own", "applicant", "other"},
}


@pytest.fixture
def helped(people):
    own = people["member"].member
    applicant = MemberFactory()
    for member in (own, applicant):
        ApplicationFactory(member=member, status="submitted")
    found = {"own": own, "applicant": applicant, "other": MemberFactory()}
    return {name: PastHelpFactory(member=member) for name, member in found.items()}


@pytest.mark.parametrize("name", SEES)
def test_whoever_decides_pays_or_was_helped_sees_it_and_nobody_else(people, helped, name):
    seen = set(PastHelp.objects.visible_to(people[name]))
    assert {key for key, row in helped.items() if row in seen} == SEES[name]


def test_whoever_declared_a_relationship_sees_none_of_it(people, helped):
    vp = people["benevolence-vp"]
    RelationshipFactory(user=vp, member=helped["applicant"].member)
    assert helped["applicant"] not in PastHelp.objects.visible_to(vp)


def test_imports_are_whoever_pays(people):
    batch = HelpImport.objects.create(kind="past_help", file_name="register.csv", file_sha256="0" * 64)
    names = ["admin", "officer", "staff", "trustee", "member", "treasurer", *ROLE_OF.values()]
    assert [name for name in names if batch in HelpImport.objects.visible_to(people[name])] == ["treasurer"]

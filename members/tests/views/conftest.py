"""Who works on members' pages, and the member whom they meet there."""

import pytest

from members.factories import MemberFactory


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria", state="IL")

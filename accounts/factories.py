"""People for tests and seeds."""

from functools import cache
from typing import Any

import factory
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import Role, RoleAssignment, User

PASSWORD = "copper violin marsh lantern"  # noqa: S105


@cache
def hash_of(password: str) -> str:
    """A real hash, computed once per process."""
    return make_password(password)


class UserFactory(DjangoModelFactory):
    """A verified account, its link with a record confirmed, that may sign in with PASSWORD (or `plain_password`)."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        plain_password = PASSWORD

    email = factory.Sequence(lambda number: f"person{number}@people.example")
    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    is_verified = True
    link_epoch = 1
    member = None
    is_no_member = factory.LazyAttribute(lambda made: made.member is None)
    password = factory.LazyAttribute(lambda made: hash_of(made.plain_password))

    @factory.post_generation
    def verified_address(user: User, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create and user.is_verified:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


class RoleAssignmentFactory(DjangoModelFactory):
    """`role` is a Role or a role's name."""

    class Meta:
        model = RoleAssignment

    user = factory.SubFactory(UserFactory)
    role = "staff"
    reason = "For the test"
    starts_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class: type[RoleAssignment], *args: Any, **fields: Any) -> RoleAssignment:
        if isinstance(fields["role"], str):
            fields["role"] = Role.objects.get(name=fields["role"])
        if fields["role"].needs_confirmation or fields.get("needs_confirmation"):
            fields.setdefault("identity_epoch", fields["user"].identity_epoch)
        return super()._create(model_class, *args, **fields)

"""Accounts, roles and who holds them, for those who may see users."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as InvalidValues
from django.core.validators import validate_email
from django.db import models
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.entry.api_access import require_proof
from accounts.enums import AssignmentKind
from accounts.forms.filters import AssignmentFilterSet, RoleFilterSet, UserFilterSet
from accounts.models import Role, RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES, CHANGE_USERS, CONFIRM_ROLES, VIEW_ROLES, VIEW_USERS
from accounts.services import confirming, invitations, people, terms
from core.api.once import once
from core.api.parts import Parts
from core.api.rows import STAMPS, RowSerializer, columns
from core.api.viewsets import (
    ERRORS,
    REUSED,
    ErrorSerializer,
    GatedViewSet,
    InvalidQuerySerializer,
    body_of,
    documented,
    faults_of,
)
from core.permissions import require
from core.validators import LATEST, validate_single_line
from core.web.keyset import Sort


class UserSerializer(RowSerializer):
    """`roles`: names of the roles that are live now.

    `identity_epoch` is raised whenever somebody else than the person changes who the account is; `member` is their own
    record to them while `link_epoch` equals it.
    """

    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "first_name",
            "last_name",
            "is_active",
            "is_verified",
            "must_change_password",
            "invited_at",
            "last_login",
            "member",
            "is_no_member",
            "identity_epoch",
            "link_epoch",
            "roles",
            *STAMPS,
        ]
        read_only_fields = fields

    def get_roles(self, user: Any) -> list[str]:
        return user.live_roles


class RoleSerializer(RowSerializer):
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Role
        fields = [
            "name",
            "display_name",
            "description",
            "is_system_role",
            "is_custom",
            "needs_confirmation",
            "permissions",
        ]
        read_only_fields = fields

    def get_permissions(self, role: Any) -> list[str]:
        return sorted(role.permission_names)


class AssignmentSerializer(RowSerializer):
    role = serializers.CharField(source="role.name")
    is_live = serializers.SerializerMethodField()

    class Meta:
        model = RoleAssignment
        fields = [
            "id",
            "user",
            "role",
            "kind",
            "reason",
            "assigned_by",
            "assigned_at",
            "starts_at",
            "expires_at",
            "ended_at",
            "ended_by",
            "end_reason",
            "needs_confirmation",
            "confirmed_at",
            "confirmed_by",
            "is_live",
        ]
        read_only_fields = fields

    def get_is_live(self, term: RoleAssignment) -> bool:
        return term.is_live()


class MomentField(serializers.DateTimeField):
    """Empty means now at the start of a term and never at its end."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True, default=None)

    def to_internal_value(self, value: Any) -> Any:
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        if moment.date() > LATEST:
            self.fail("overflow")
        return moment


class ReasonField(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(max_length=300, validators=[validate_single_line])


class KeyField(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=models.BigIntegerField.MAX_BIGINT, **options)


class NewUserSerializer(serializers.ModelSerializer):
    """`roles` are names; they start now and have no end. `member` is the key of the person's own record."""

    roles = serializers.ListField(child=serializers.CharField(max_length=150), default=list, max_length=50)
    member = KeyField(required=False, allow_null=True, default=None)

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "roles", "member", "is_no_member"]
        extra_kwargs = {"email": {"validators": [validate_email]}}


class UserActSerializer(serializers.Serializer):
    reason = ReasonField()


class NewAssignmentSerializer(serializers.Serializer):
    user = KeyField()
    role = serializers.CharField(max_length=150)
    kind = serializers.ChoiceField(choices=AssignmentKind.choices, default=AssignmentKind.REGULAR)
    reason = ReasonField()
    starts_at = MomentField()
    expires_at = MomentField()


class EndAssignmentSerializer(serializers.Serializer):
    reason = ReasonField()
    at = MomentField()


class ConfirmPersonSerializer(serializers.Serializer):
    """`identity_epoch` as the account was when you looked at it.

    A password that somebody else may have set ends, and a link for a new one is mailed. `keeps_password`: they cannot
    read mail, and have just signed in before your eyes with a password of their own.
    """

    identity_epoch = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    keeps_password = serializers.BooleanField(default=False)


INVALID = OpenApiResponse(InvalidQuerySerializer, "A field is missing, or has a value that it cannot have.")
REFUSED = OpenApiResponse(ErrorSerializer, "A rule refuses; the sentence says why.")
MISSING = OpenApiResponse(ErrorSerializer, "There is no such row, or none that you may see.")
WRITES = {400: INVALID, 409: REFUSED, 422: REUSED, **ERRORS}
USER_ACT = extend_schema(request=UserActSerializer, responses={200: UserSerializer, 404: MISSING, **WRITES})


@extend_schema_view(
    create=extend_schema(request=NewUserSerializer, responses={201: UserSerializer, **WRITES}),
    deactivate=USER_ACT,
    activate=USER_ACT,
    unlock=USER_ACT,
    end_sessions=USER_ACT,
    confirm=extend_schema(request=ConfirmPersonSerializer, responses={200: UserSerializer, 404: MISSING, **WRITES}),
)
@documented(UserSerializer)
class UserViewSet(GatedViewSet):
    """To create is to invite: the person gets a mail with a link and chooses a password."""

    permission = VIEW_USERS
    model = User
    queryset = User.objects.none()
    serializer_class = UserSerializer
    filterset_class = UserFilterSet
    is_prepared = True
    sort = Sort("name", "last_name", "name")

    def told(self, rows: Any) -> Any:
        live = RoleAssignment.objects.live().filter(user__in=[user.pk for user in rows]).order_by("role__position")
        names = defaultdict(list)
        for user_id, name in live.values_list("user_id", "role__name"):
            names[user_id].append(name)
        for user in rows:
            user.live_roles = names[user.pk]
        return super().told(rows)

    @once
    def create(self, request: Request) -> Response:
        require(request.user, CHANGE_USERS)
        given = body_of(NewUserSerializer, request)
        require_proof(request)
        known = set(Role.objects.visible_to(request.user).values_list("name", flat=True))
        if set(given["roles"]) - known:
            raise ValidationError({"roles": ["There is no such role."]})
        user = written(invitations.invite, member_id=given.pop("member"), actor=request.user, **given)
        return self._shown(user.pk, status=201)

    @action(detail=True, methods=["post"])
    @once
    def deactivate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._act(people.deactivate, request)

    @action(detail=True, methods=["post"])
    @once
    def activate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._act(people.activate, request)

    @action(detail=True, methods=["post"])
    @once
    def unlock(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._act(people.unlock, request)

    @action(detail=True, methods=["post"], url_path="end-sessions")
    @once
    def end_sessions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._act(people.end_sessions, request)

    @action(detail=True, methods=["post"])
    @once
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say, as somebody independent, that the account is this person's: what rested counts again."""
        user = self.get_object()
        require(request.user, CONFIRM_ROLES)
        given = body_of(ConfirmPersonSerializer, request)
        require_proof(request)
        epoch = given.pop("identity_epoch")
        written(confirming.confirm, user, actor=request.user, epoch=epoch, **given)
        return self._shown(user.pk)

    def _act(self, service: Any, request: Request) -> Response:
        user = self.get_object()
        require(request.user, CHANGE_USERS)
        written(service, user, actor=request.user, **body_of(UserActSerializer, request))
        return self._shown(user.pk)

    def _shown(self, pk: int, *, status: int = 200) -> Response:
        return Response(self.told([self.visible().get(pk=pk)])[0], status=status)


@documented(RoleSerializer)
class RoleViewSet(GatedViewSet):
    """Which permissions a role has is decided by the release, of a custom one by the local's administrators."""

    permission = VIEW_ROLES
    model = Role
    queryset = Role.objects.none()
    serializer_class = RoleSerializer
    filterset_class = RoleFilterSet
    lookup_field = "name"
    lookup_value_regex = "[-a-z0-9_]{1,80}"

    parts = (
        Parts(
            "permission_names",
            Group.permissions.through.objects.all(),
            by="group",
            columns=("permission__content_type__app_label", "permission__codename"),
            make="{}.{}".format,
        ),
    )


@extend_schema_view(
    create=extend_schema(request=NewAssignmentSerializer, responses={201: AssignmentSerializer, **WRITES}),
    confirm=extend_schema(request=None, responses={200: AssignmentSerializer, 404: MISSING, **WRITES}),
    end=extend_schema(request=EndAssignmentSerializer, responses={200: AssignmentSerializer, 404: MISSING, **WRITES}),
)
@documented(AssignmentSerializer)
class AssignmentViewSet(GatedViewSet):
    """Terms are never deleted or edited: one is assigned, confirmed where a second officer has to, and ended."""

    permission = VIEW_USERS
    model = RoleAssignment
    queryset = RoleAssignment.objects.none()
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilterSet
    is_prepared = True

    def for_answer(self, rows: models.QuerySet) -> Any:
        return rows.select_related("role", "user")

    def sent(self) -> list[str]:
        return [*columns(AssignmentSerializer), "role__name", "identity_epoch", "user__identity_epoch"]

    @once
    def create(self, request: Request) -> Response:
        require(request.user, ASSIGN_ROLES)
        given = body_of(NewAssignmentSerializer, request)
        require_proof(request)
        user = User.objects.visible_to(request.user).filter(pk=given.pop("user")).first()
        role = Role.objects.visible_to(request.user).filter(name=given.pop("role")).first()
        lacking = {"user": user, "role": role}
        if unknown := {name: ["There is no such row."] for name, found in lacking.items() if found is None}:
            raise ValidationError(unknown)
        term = written(terms.assign_role, user, role, actor=request.user, **given)
        return Response(AssignmentSerializer(term).data, status=201)

    @action(detail=True, methods=["post"])
    @once
    def end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        term = self.get_object()
        require(request.user, ASSIGN_ROLES)
        given = body_of(EndAssignmentSerializer, request)
        require_proof(request)
        term = written(terms.end_role, term, actor=request.user, **given)
        return Response(AssignmentSerializer(term).data)

    @action(detail=True, methods=["post"])
    @once
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        term = self.get_object()
        require(request.user, CONFIRM_ROLES)
        require_proof(request)
        return Response(AssignmentSerializer(written(terms.confirm_role, term, actor=request.user)).data)


def written(service: Any, *arguments: Any, **given: Any) -> Any:
    """What the service returns; values that it refuses are errors of the request's fields."""
    try:
        return service(*arguments, **given)
    except InvalidValues as error:
        raise ValidationError(faults_of(error)) from error

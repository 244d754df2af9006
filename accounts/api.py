"""Accounts, roles and who holds them, for those who may see users."""

from typing import Any

from django.core.exceptions import ValidationError as InvalidValues
from django.db import models
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import terms
from accounts.api_access import require_proof
from accounts.enums import AssignmentKind
from accounts.filters import AssignmentFilterSet, RoleFilterSet, UserFilterSet
from accounts.models import Role, RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES, CONFIRM_ROLES, VIEW_ROLES, VIEW_USERS
from core.api import ERRORS, ErrorSerializer, GatedViewSet, InvalidQuerySerializer, documented
from core.keyset import Sort
from core.permissions import require
from core.validators import LATEST, validate_single_line


class UserSerializer(serializers.ModelSerializer):
    """`roles`: names of the roles that are live now."""

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
            "last_login",
            "member",
            "roles",
            "version",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_roles(self, user: User) -> list[str]:
        return [term.role.name for term in user.live_terms]


class RoleSerializer(serializers.ModelSerializer):
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

    def get_permissions(self, role: Role) -> list[str]:
        return sorted(f"{item.content_type.app_label}.{item.codename}" for item in role.permissions.all())


class AssignmentSerializer(serializers.ModelSerializer):
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


class NewAssignmentSerializer(serializers.Serializer):
    user = serializers.IntegerField(min_value=1, max_value=models.BigIntegerField.MAX_BIGINT)
    role = serializers.CharField(max_length=150)
    kind = serializers.ChoiceField(choices=AssignmentKind.choices, default=AssignmentKind.REGULAR)
    reason = ReasonField()
    starts_at = MomentField()
    expires_at = MomentField()


class EndAssignmentSerializer(serializers.Serializer):
    reason = ReasonField()
    at = MomentField()


@documented(UserSerializer)
class UserViewSet(GatedViewSet):
    permission = VIEW_USERS
    model = User
    queryset = User.objects.none()
    serializer_class = UserSerializer
    filterset_class = UserFilterSet
    sort = Sort("name", "last_name", "name")

    def for_answer(self, rows: models.QuerySet) -> Any:
        live = RoleAssignment.objects.live().select_related("role").order_by("role__position")
        return rows.prefetch_related(models.Prefetch("assignments", queryset=live, to_attr="live_terms"))


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

    def for_answer(self, rows: models.QuerySet) -> Any:
        return rows.prefetch_related("permissions__content_type")


INVALID = OpenApiResponse(InvalidQuerySerializer, "A field is missing, or has a value that it cannot have.")
REFUSED = OpenApiResponse(ErrorSerializer, "A rule refuses; the sentence says why.")
MISSING = OpenApiResponse(ErrorSerializer, "There is no such term, or none that you may see.")
WRITES = {400: INVALID, 409: REFUSED, **ERRORS}


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

    def for_answer(self, rows: models.QuerySet) -> Any:
        return rows.select_related("role")

    def create(self, request: Request) -> Response:
        require(request.user, ASSIGN_ROLES)
        given = checked(NewAssignmentSerializer, request)
        require_proof(request)
        user = User.objects.visible_to(request.user).filter(pk=given.pop("user")).first()
        role = Role.objects.visible_to(request.user).filter(name=given.pop("role")).first()
        lacking = {"user": user, "role": role}
        if unknown := {name: ["There is no such row."] for name, found in lacking.items() if found is None}:
            raise ValidationError(unknown)
        return Response(self.answered(terms.assign_role, user, role, **given), status=201)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        term = self.get_object()
        require(request.user, ASSIGN_ROLES)
        given = checked(EndAssignmentSerializer, request)
        require_proof(request)
        return Response(self.answered(terms.end_role, term, **given))

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        term = self.get_object()
        require(request.user, CONFIRM_ROLES)
        require_proof(request)
        return Response(self.answered(terms.confirm_role, term))

    def answered(self, service: Any, *arguments: Any, **given: Any) -> Any:
        try:
            return AssignmentSerializer(service(*arguments, actor=self.request.user, **given)).data
        except InvalidValues as error:
            raise ValidationError(getattr(error, "message_dict", {"__all__": error.messages})) from error


def checked(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    read = serializer(data=request.data)
    read.is_valid(raise_exception=True)
    return read.validated_data

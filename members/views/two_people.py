"""The page on which an officer says that two records alike are two people."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import CONFIRM_ROLES
from core.audit import trail
from core.enums import ReadKind
from core.web.forms import ReasonForm
from core.web.views import Crumbs, RecordFormPage
from members.models import Member
from members.services.identity import facts_of, why_alike
from members.services.two_people import decide_two_people


class TwoPeople(RecordFormPage):
    makes_record = True
    form_class = ReasonForm
    permission = CONFIRM_ROLES
    model = Member
    page_title = gettext_lazy("Two people")
    submit_label = gettext_lazy("They are two people")
    done = gettext_lazy("Decided: these are two people.")

    @cached_property
    def other(self) -> Member:
        return get_object_or_404(Member.objects.visible_to(self.request.user).alive(), pk=self.kwargs["other"])

    @property
    def lead(self) -> str:
        words = {"one": _named(self.get_object()), "other": _named(self.other)}
        words["what"] = why_alike(facts_of(self.get_object()), self.other) or _("birthday and last name")
        told = _(
            "%(one)s and %(other)s agree in: %(what)s. Say how you know that they are two people. From then on one may"
            " decide about the other, and limits count each alone. This stays on record and is not taken back."
        )
        return told % words

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        trail.read(self.other, ReadKind.OPENED, actor=self.request.user)
        return super().render_form(form, status=status, **extra)

    def breadcrumbs(self) -> Crumbs:
        member = self.get_object()
        return [
            (_("Members"), reverse("member_list")),
            (member.full_name, member.get_absolute_url()),
            (self.title(), None),
        ]

    def perform(self, form: Any) -> str:
        member = self.get_object()
        decide_two_people(member, self.other, actor=self.request.user, reason=form.cleaned_data["reason"])
        return member.get_absolute_url()


def _named(member: Member) -> str:
    return f"{member.full_name}, {member.member_number}" if member.member_number else member.full_name

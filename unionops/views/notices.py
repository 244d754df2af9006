"""What is new for the person who asks: their notices, and how they hear of what by mail."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, cast

import django_filters as filters
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core.enums import Badge
from core.mail import notices
from core.models import Notice
from core.permissions import SIGNED_IN
from core.web.columns import Column, of_field
from core.web.filters import ListFilterSet
from core.web.keyset import Sort
from core.web.lists import ListPage
from core.web.views import FormPage, PortalView, RowMixin
from unionops import telling
from unionops.forms import NoticeChoicesForm

NEW = Badge(gettext_lazy("New"), "blue", "bell")


class NoticeFilterSet(ListFilterSet):
    state = filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[("unread", gettext_lazy("New")), ("read", gettext_lazy("Read"))],
        empty_label=gettext_lazy("All notices"),
        method="of_state",
    )

    class Meta:
        model = Notice
        fields: Sequence[str] = ()

    @staticmethod
    def of_state(rows: models.QuerySet, _name: str, value: str) -> models.QuerySet:
        return rows.filter(read_at__isnull=value == "unread")


class NoticeList(ListPage):
    """The person's own, those that they have not opened first."""

    permission = SIGNED_IN
    model = Notice
    filterset_class = NoticeFilterSet
    list_name = "notice_list"
    record_route = "notice"
    page_title = gettext_lazy("Notices")
    icon = "bell"
    actions_template = "unionops/notices/_list_actions.html"
    empty_title = gettext_lazy("Nothing is new")
    empty_text = gettext_lazy("What happens in the portal and concerns you appears here.")
    empty_action = ("", "")
    has_fixed_choices = True
    sorts = (Sort("new", "sort_key", gettext_lazy("New ones first"), descending=True),)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return (
            Column("what", _("What"), telling.says, kind="link", reads=("kind", "event__action")),
            of_field("about", _("Number"), "reference"),
            of_field("when", _("When"), "at", kind="moment"),
            Column("state", _("State"), _state_text, kind="badge", badge=_state, reads=("read_at",)),
        )


def _state(notice: Notice) -> Badge | None:
    return NEW if notice.read_at is None else None


def _state_text(notice: Notice) -> str:
    return "" if notice.read_at else str(NEW.text)


class NoticeOpen(RowMixin, PortalView):
    """Goes on to the record; whoever comes this way has read what was told of that record."""

    permission = SIGNED_IN
    http_method_names = ["get"]
    model = Notice

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        notice = self.get_object()
        same = self.rows().filter(subject_type=notice.subject_type, subject_id=notice.subject_id)
        notices.mark_read(same)
        place = telling.place_of(notice, cast(User, request.user))
        if not place:
            messages.info(request, _("What this notice was about is no longer open to you."))
        return HttpResponseRedirect(place or reverse("notice_list"))


class NoticesRead(PortalView):
    """Mark all of one's own as read."""

    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        count = notices.mark_read(Notice.objects.visible_to(request.user))
        said = ngettext("%(n)s notice is marked as read.", "%(n)s notices are marked as read.", count)
        messages.success(request, said % {"n": count})
        return HttpResponseRedirect(reverse("notice_list"))


class NoticeChoices(FormPage):
    """A way for each kind that can reach the person by a role of theirs."""

    permission = SIGNED_IN
    page_title = gettext_lazy("Mails about what is new")
    under = ((gettext_lazy("Notices"), "notice_list"),)
    submit_label = gettext_lazy("Save choices")
    done = gettext_lazy("Choices saved.")

    @cached_property
    def kinds(self) -> list[telling.Kind]:
        return telling.kinds_for(cast(User, self.request.user))

    @property
    def lead(self) -> str:
        return _(
            "The notice in the portal always comes. A mail says no more than that there is something new, with a link."
            " The daily mail comes at seven in the morning. What concerns the safety of your account is always mailed."
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.kinds else self.render("unionops/notices/no_choices.html")

    def get_form(self, data: Any = None, files: Any = None) -> NoticeChoicesForm:
        return NoticeChoicesForm(data, kinds=self.kinds, chosen=notices.ways_of(self.request.user))

    def cancel_url(self) -> str:
        return reverse("notice_list")

    def perform(self, form: Any) -> str:
        notices.choose(self.request.user, form.cleaned_data)
        return self.cancel_url()

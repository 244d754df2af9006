"""The pages of invitations to the portal: one member, all of a filter, and members who ask by themselves."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from accounts.permissions import INVITE_MEMBERS
from accounts.services import limits
from accounts.views.doors import DoorPage
from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError
from core.mail import jobs
from core.web.lists import chosen_words
from core.web.views import FormPage, PortalView, RowMixin, wants_fragment
from members.enums import Invitability
from members.forms.filters import MemberFilterSet
from members.forms.members import ClaimForm, InviteAllForm
from members.models import Member
from members.services import invitations

LISTED = 200
SKIPPED = tuple(case for case in Invitability if case != Invitability.READY)


class InviteOne(RowMixin, PortalView):
    permission = INVITE_MEMBERS
    http_method_names = ["post"]
    model = Member

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = self.get_object()
        invitations.invite(member, actor=request.user)
        messages.success(request, _("The invitation is on its way."))
        return HttpResponseRedirect(member.get_absolute_url())


class InviteAll(FormPage):
    """Everybody in the list's filter who may be invited. The filter is in the address, as for the export."""

    permission = INVITE_MEMBERS
    form_class = InviteAllForm
    template_name = "members/invitations/invite.html"
    page_title = gettext_lazy("Invite to the portal")
    under = ((gettext_lazy("Members"), "member_list"),)
    crumb = gettext_lazy("Invite")
    lead = gettext_lazy("Each gets a mail with a link and chooses a password. They get the role Member.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = Member.objects.visible_to(request.user)
        self.filterset = MemberFilterSet(request.GET, queryset=rows, request=request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._unfit() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._unfit() or super().post(request, *args, **kwargs)

    def _unfit(self) -> HttpResponse | None:
        if self.filterset.is_valid():
            return None
        messages.error(self.request, _("Nobody was invited: correct the filter first."))
        return HttpResponseRedirect(self.cancel_url())

    @property
    def query(self) -> str:
        query = self.request.GET.copy()
        query.pop("show", None)
        return query.urlencode()

    def cancel_url(self) -> str:
        return f"{reverse('member_list')}?{self.query}"

    @property
    def submit_label(self) -> str:
        return ngettext("Invite %(count)s member", "Invite %(count)s members", self.ready) % {"count": self.ready}

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        found = invitations.counts(self.filterset.qs)
        self.ready = found[Invitability.READY]
        state = jobs.state_of(invitations.job_key(self.request.user))
        return self.render(
            form=form,
            status=status,
            ready=self.ready,
            skipped=[(case, case.label, found[case]) for case in SKIPPED if found[case]],
            job=state if state and state.is_running else None,
            stopped=state if state and state.problem else None,
            shown=self.shown(),
            chosen=self.filterset.chosen(),
            **extra,
        )

    def shown(self) -> dict[str, Any] | None:
        """Those who are skipped for the reason that is asked for."""
        case = next((case for case in Invitability if case.value == self.request.GET.get("show")), None)
        if case is None:
            return None
        rows = invitations.sorted_out(self.filterset.qs).filter(invitability=case).order_by("sort_name", "pk")
        members = list(rows[: LISTED + 1])
        words = {**chosen_words(self.filterset), "show": case.value}
        trail.read(Member, ReadKind.LISTED, actor=self.request.user, rows=min(len(members), LISTED), filters=words)
        return {"label": case.label, "members": members[:LISTED], "more": len(members) > LISTED, "most": LISTED}

    def perform(self, form: Any) -> str:
        ready = invitations.counts(self.filterset.qs)[Invitability.READY]
        if ready != form.cleaned_data["seen"]:
            raise DomainError(_("The number has changed since this page was opened. Look at it again, then send."))
        self.invited = invitations.invite_all(self.filterset.qs, actor=self.request.user)
        if jobs.state_of(invitations.job_key(self.request.user)):
            return self.request.get_full_path()
        return self.cancel_url()

    def done_message(self) -> str:
        if jobs.state_of(invitations.job_key(self.request.user)):
            return ""
        return ngettext(
            "%(count)s member is invited. The mail leaves within minutes.",
            "%(count)s members are invited. The mails leave within minutes.",
            self.invited,
        ) % {"count": self.invited}


class InviteProgress(PortalView):
    """The progress fragment; when the work is done it sends the browser to the page."""

    permission = INVITE_MEMBERS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = f"{reverse('member_invite_all')}?{request.GET.urlencode()}"
        if not wants_fragment(request):
            return HttpResponseRedirect(page)
        state = jobs.state_of(invitations.job_key(request.user))
        if state is None or not state.is_running:
            return HttpResponseClientRedirect(page)
        return self.render("members/invitations/_progress.html", job=state, query=request.GET.urlencode())


@method_decorator(login_not_required, name="dispatch")
class Claim(DoorPage):
    """The same answer for every number and address."""

    template_name = "members/invitations/claim.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(ClaimForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = ClaimForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        if seconds := limits.wait(limits.INVITATION, request):
            return self.crowded(form, seconds)
        invitations.claim(form.cleaned_data["number"], form.cleaned_data["email"])
        return HttpResponseRedirect(resolve_url("claim_sent"))


@method_decorator(login_not_required, name="dispatch")
class ClaimSent(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "members/invitations/claim_sent.html")

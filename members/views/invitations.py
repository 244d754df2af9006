"""The pages of invitations to the portal: one member, all of a filter, and members who ask by themselves."""

from typing import Any

from django.conf import settings
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
from accounts.views.links import MailedLink
from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError
from core.mail import jobs
from core.web.lists import chosen_words
from core.web.views import ActionPage, FormPage, PortalView, RowMixin, wants_fragment
from members import permissions as p
from members.enums import Invitability
from members.forms.filters import MemberFilterSet
from members.forms.invitations import ClaimForm, InviteAllForm, PaperCodeForm
from members.models import Member, PaperCode
from members.services import addresses, invitations, paper_codes
from members.views.members import MemberPage

LISTED = 200
SKIPPED = tuple(case for case in Invitability if case != Invitability.READY)
WAYS = {
    Invitability.NO_ADDRESS: gettext_lazy("Add it to the record, or invite them in person from their page."),
    Invitability.SHARED: gettext_lazy(
        "Whoever reads a family's mail could be any of them: invite them in person from their page."
    ),
    Invitability.RECENT: gettext_lazy(
        "They can be invited some days after it was written, when the member confirms it at the former address, or when"
        " somebody else of the office has seen the member and says so on their page."
    ),
}


class InviteOne(RowMixin, PortalView):
    permission = INVITE_MEMBERS
    http_method_names = ["post"]
    model = Member

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = self.get_object()
        invitations.invite(member, actor=request.user)
        messages.success(request, _("The invitation is on its way."))
        return HttpResponseRedirect(member.get_absolute_url())


class AddressSeen(MemberPage, ActionPage):
    """A second person of the office vouches for an address that is too new."""

    permission = p.CHANGE_MEMBERS
    page_title = gettext_lazy("I saw the member")
    crumb = gettext_lazy("I saw the member")
    submit_label = gettext_lazy("The address is theirs")
    lead = gettext_lazy(
        "Somebody else of the office wrote the e-mail address. If you spoke with the member in person and they say that"
        " it is theirs, it can be invited at once. Unless you are an officer, what they may read of their own opens"
        " only when an officer confirms them. Your name and reason stay with the record."
    )
    done = gettext_lazy("The address can be invited now.")

    def perform(self, form: Any) -> str:
        member = self.get_object()
        addresses.vouch(member, actor=self.request.user, reason=form.cleaned_data["reason"])
        return member.get_absolute_url()


class PrintCode(MemberPage, ActionPage):
    """The code leaves in the answer to the POST and is kept nowhere, so it cannot be shown again."""

    permission = INVITE_MEMBERS
    page_title = gettext_lazy("Invite in person")
    crumb = gettext_lazy("Invite in person")
    submit_label = gettext_lazy("Make the page to print")
    lead = gettext_lazy(
        "For a member who is here and has no e-mail address that is theirs alone. You get a page with a code, shown"
        " once. With it and the member number they set up the account at home, at an address of their choice. What"
        " they may read of their own opens when an officer, not you, confirms them. Say how you know who it is."
    )
    printed: tuple[PaperCode, str] | None = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().post(request, *args, **kwargs)
        if self.printed is None:
            return response
        code, text = self.printed
        where = request.build_absolute_uri(reverse("claim_code"))
        return self.render("members/invitations/paper_code.html", code=code, text=text, where=where)

    def perform(self, form: Any) -> str:
        member = self.get_object()
        self.printed = paper_codes.print_code(member, actor=self.request.user, reason=form.cleaned_data["reason"])
        return member.get_absolute_url()


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
            skipped=[(case, case.label, found[case], WAYS.get(case, "")) for case in SKIPPED if found[case]],
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

    def facts(self) -> dict[str, Any]:
        return {"days": settings.ADDRESS_DAYS}

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


@method_decorator(login_not_required, name="dispatch")
class ClaimWithCode(DoorPage):
    """For whoever holds a code on paper."""

    template_name = "members/invitations/claim_code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(PaperCodeForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = PaperCodeForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        if seconds := limits.wait(limits.INVITATION, request):
            return self.crowded(form, seconds)
        try:
            paper_codes.claim(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.sentence)
            return self.page(form, status=409)
        return HttpResponseRedirect(resolve_url("claim_sent"))


@method_decorator(login_not_required, name="dispatch")
class ConfirmAddress(MailedLink):
    """Whoever reads the former address says that the new one is theirs too."""

    title = gettext_lazy("Is the new address yours?")
    text = gettext_lazy(
        "The office wrote another e-mail address into your member record. With this click you say that you gave it to"
        " them. If you did not, close this page and tell an officer of the local."
    )
    submit = gettext_lazy("The new address is mine")

    def check(self, token: str) -> None:
        addresses.owner(token)

    def follow(self, request: HttpRequest, token: str) -> str:
        addresses.confirm(token)
        return _("Thank you. The new address counts from now on.")

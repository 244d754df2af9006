"""The page for whoever installed the portal: does it work, and what is to be done when it does not."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.enums import AccountAction
from accounts.models import User
from accounts.permissions import CONFIRM_ROLES
from accounts.services import limits
from core.enums import MailState
from core.mail import outbox
from core.models import AuditEvent, Outbox
from core.permissions import VIEW_SYSTEM
from core.web import system
from core.web.views import PortalView


class System(PortalView):
    permission = VIEW_SYSTEM
    template_name = "unionops/system/page.html"
    page_title = gettext_lazy("System")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(
            work=system.regular_work(),
            mails=system.mails(),
            disks=system.disks(),
            keys=system.keys(),
            versions=system.versions(),
            failures=limits.failures_now(),
            officers=User.objects.holding(CONFIRM_ROLES).count(),
            alarm=AuditEvent.objects.filter(action=AccountAction.ALARM_RAISED).order_by("-id").first(),
        )


class TestMail(PortalView):
    """A mail to whoever asks, delivered at once."""

    http_method_names = ["post"]
    permission = VIEW_SYSTEM

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        done = outbox.send_test(actor=cast(User, request.user))
        if done.delivered:
            messages.success(request, _("The mail server took the test mail. Look whether it arrives."))
        else:
            problem = {"problem": done.problem or _("the address is refused")}
            messages.error(request, _("The test mail did not leave: %(problem)s. It waits in the outbox.") % problem)
        return HttpResponseRedirect(reverse("system"))


class RetryMail(PortalView):
    """Put back the mail named in `mail`, or every one that was given up."""

    http_method_names = ["post"]
    permission = VIEW_SYSTEM

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mails = Outbox.objects.filter(state=MailState.FAILED).order_by("pk")
        if pk := request.POST.get("mail", ""):
            mails = mails.filter(pk=pk) if _is_key(pk) else mails.none()
        count = outbox.retry(mails[: outbox.BATCH], actor=request.user)
        said = ngettext("%(n)s mail is back in the outbox.", "%(n)s mails are back in the outbox.", count)
        messages.success(request, said % {"n": count})
        return HttpResponseRedirect(reverse("system"))


def _is_key(text: str) -> bool:
    try:
        Outbox._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True

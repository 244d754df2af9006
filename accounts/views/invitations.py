"""The link of an invitation, and the page on which the person chooses a password."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.utils.translation import gettext as _

from accounts.services import invitations, mailed_links, passwords
from accounts.views.links import ChoosePassword, LinkToPassword

LINK = "invitation_link"
DEAD = "accounts/invitations/dead.html"


class InvitationLink(LinkToPassword):
    token, kept_as, goes_to, dead_template = mailed_links.INVITATION, LINK, "invitation", DEAD


class AcceptInvitation(ChoosePassword):
    token, kept_as, dead_template = mailed_links.INVITATION, LINK, DEAD
    template_name = "accounts/invitations/accept.html"

    def facts(self) -> dict[str, Any]:
        least = passwords.minimum_length(self.user)
        return {"address": self.user.email, "inviter": self.user.invited_by, "least": least}

    def choose(self, text: str, password: str) -> None:
        invitations.accept(text, password, request=self.request)

    def done(self) -> str:
        """Whoever was signed in here is somebody else."""
        if self.request.user.is_authenticated:
            get_adapter().logout(self.request)
        return _("Your account is ready. Sign in with your e-mail address and the password that you chose.")

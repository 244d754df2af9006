"""What people type about accounts."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm


class SignInForm(LoginForm):
    pass


class ChangePasswordForm(AllauthChangePasswordForm):
    """The old password is checked by the backend, so that this door counts wrong ones too."""

    def clean_oldpassword(self) -> str:
        password = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class ReauthenticateForm(AllauthReauthenticateForm):
    pass

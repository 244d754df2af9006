"""Half a sign-in: the password was right and the second factor is still to come."""

from typing import Any

from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

STATE = "auth_hash"


class SecondStep(AuthenticateStage):
    """Ends, like every session, with the password or the epoch for which the first step was taken."""

    def handle(self) -> tuple:
        response, goes_on = super().handle()
        if response:
            self.state[STATE] = self.login.user.get_session_auth_hash()
        return response, goes_on


def pending_second_step(request: HttpRequest) -> Any:
    """The stage of somebody who typed the right password, unless it was changed since."""
    stage = get_pending_stage(request)
    if not isinstance(stage, SecondStep):
        return None
    user = stage.login.user
    if user is None or not constant_time_compare(stage.state.get(STATE, ""), user.get_session_auth_hash()):
        clear_login(request)
        return None
    return stage

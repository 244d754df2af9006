"""The pages of imports, made from their area: who looks, who acts, and who proves themselves first."""

import pytest

from accounts.entry.step_up import StepUpToRead
from benevolence.permissions import IMPORT_PAST_HELP
from benevolence.views.imports import VIEWS as HELP
from core.web.imports.area import STEPS
from grievances.permissions import IMPORT_GRIEVANCES
from grievances.views.imports import VIEWS as CASES
from members.permissions import RUN_IMPORTS, VIEW_IMPORTS
from members.views.imports import VIEWS as MEMBERS

LOOKING = {"list", "detail", "progress", "result"}
AREAS = [
    (MEMBERS, VIEW_IMPORTS, RUN_IMPORTS),
    (HELP, IMPORT_PAST_HELP, IMPORT_PAST_HELP),
    (CASES, IMPORT_GRIEVANCES, IMPORT_GRIEVANCES),
]


@pytest.mark.parametrize(("views", "look", "run"), AREAS, ids=["members", "benevolence", "grievances"])
def test_each_step_asks_for_its_permission(views, look, run):
    steps = {"list", "upload", "detail", *STEPS}
    assert {step: view.permission for step, view in views.items()} == {
        step: look if step in LOOKING else run for step in steps
    }


@pytest.mark.parametrize("views", [MEMBERS, HELP, CASES], ids=["members", "benevolence", "grievances"])
def test_a_result_is_downloaded_after_a_fresh_proof(views):
    assert {step for step, view in views.items() if issubclass(view, StepUpToRead)} == {"result"}

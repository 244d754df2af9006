"""The moves of a workflow as people take them: one table of forms and services for the page, the admin and the API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import MoveConflict, TransitionRefused
from core.permissions import Actor
from core.records.workflow import Transition, Workflow, denied
from core.validators import validate_paragraphs
from core.web.forms import VersionedForm
from core.web.views import Crumbs, RecordFormPage


class MoveForm(VersionedForm):
    """What a move asks for."""

    record: Any  # of the model whose moves these are

    def __init__(self, *args: Any, actor: Actor | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def values(self) -> dict[str, Any]:
        """The arguments of the service."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class WhyForm(MoveForm):
    """A move that only asks why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        error_messages={"required": gettext_lazy("Say why.")},
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[validate_paragraphs],
    )


@dataclass(frozen=True, slots=True)
class Move:
    """`service(record, *, actor, version, **form.values())`; `lead` says what will happen, `done` what did.

    Either is a sentence, or a function of the record, as it is before the move or after it, that makes one.

    A `quiet` move is there for the day on which it is needed, and never the one button of a page. A `grave` one is
    taken only by somebody who has proved lately who they are; accounts.entry.step_up has the doors that ask.
    """

    service: Callable[..., Any]
    form_class: type[MoveForm] = MoveForm
    lead: Any = ""
    done: Any = ""
    icon: str = ""
    danger: bool = False
    quiet: bool = False
    grave: bool = False

    def lead_of(self, record: models.Model) -> str:
        return _said(self.lead, record)

    def done_of(self, record: models.Model) -> str:
        return _said(self.done or _("Done."), record)


def _said(words: Any, record: models.Model) -> str:
    return str(words(record) if callable(words) else words)


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as a button: where it leads, and why it is refused now, if it is."""

    name: str
    label: str
    icon: str
    url: str
    refusal: str
    danger: bool
    quiet: bool


class Moves:
    """The moves that people take on one kind of record; a move of the flow without a row here is the clock's."""

    def __init__(self, flow: Workflow, table: Mapping[str, Move]) -> None:
        if strange := set(table) - set(flow.rows):
            raise ValueError(f"{flow.prefix} has no move {sorted(strange)}")
        self.flow, self.table = flow, table

    def offers(self, record: models.Model, actor: Actor | None, url: Callable[[str], str]) -> list[Offer]:
        """What `actor` may do here, in the order of the flow; `url` makes an address from a move's name."""
        return [
            Offer(row.name, str(row.label), move.icon, url(row.name), refusal, move.danger, move.quiet)
            for row, refusal in self.flow.available(record, actor)
            if (move := self.table.get(row.name))
        ]

    def find(self, name: str) -> tuple[Transition, Move]:
        """Raises Http404 for a name that is no move of people."""
        if name not in self.table:
            raise Http404
        return self.flow.rows[name], self.table[name]

    def check(self, record: models.Model, name: str, actor: Actor | None) -> None:
        """Raises Http404, PermissionDenied or TransitionRefused, as the service would."""
        row, _move = self.find(name)
        if not self.flow.may(row, record, actor):
            raise denied(row)
        if refused := self.flow.refusal(record, row, actor):
            raise TransitionRefused(refused)

    def take(self, record: models.Model, name: str, form: MoveForm, actor: Actor | None) -> Any:
        return self.table[name].service(record, actor=actor, **form.values())


class MovePage(RecordFormPage):
    """The page of one move, at `<record>/moves/<move>/`."""

    moves: Moves
    taken: Any  # the record after the move

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.row, self.move = self.moves.find(kwargs["move"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def submit_label(self) -> str:
        return str(self.row.label)

    @property
    def danger(self) -> bool:
        return self.move.danger

    @property
    def lead(self) -> str:
        return self.move.lead_of(self.get_object())

    def title(self) -> str:
        return str(self.row.label)

    def record_crumbs(self) -> Crumbs:
        """The way to the record, the record included."""
        raise NotImplementedError

    def breadcrumbs(self) -> Crumbs:
        return [*self.record_crumbs(), (self.title(), None)]

    def get_form(self, data: Any = None, files: Any = None) -> MoveForm:
        """Who may not take the move is refused before the form is read; what the moment refuses is told in it."""
        record, user = self.get_object(), self.request.user
        if not self.moves.flow.may(self.row, record, user):
            raise denied(self.row)
        return self.move.form_class(data, files, record=record, actor=user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.moves.check(self.get_object(), self.row.name, request.user)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        with goes_on(self, form):
            self.taken = self.moves.take(self.get_object(), self.row.name, form, self.request.user)
        return self.cancel_url()

    def done_message(self) -> str:
        return self.move.done_of(self.taken)


@contextmanager
def goes_on(page: Any, form: Any) -> Iterator[None]:
    """Where somebody changed the record meanwhile, what is shown beside the form is what is there now."""
    try:
        yield
    except MoveConflict:
        del page._object
        go_on_from(page.get_object(), form)
        raise


def go_on_from(record: Any, form: Any) -> None:
    """Let the form be about the record as it is shown now: sent again, it is no longer about a former version."""
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(record.version)
    form.data = data


def move_urls(route: str) -> Callable[[Any], Callable[[str], str]]:
    """`move_urls("grievance_move")(record)("settle")`: the address of a move of a record."""
    return lambda record: lambda name: reverse(route, args=[record.pk, name])

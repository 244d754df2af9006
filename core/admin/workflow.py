"""A record with a workflow in the Django admin: its values to read, its moves as buttons on the same services."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from core.admin.gated import GatedAdmin
from core.errors import DomainError, MoveConflict
from core.web.moves import Move, Moves, go_on_from
from core.web.views import add_errors


class WorkflowAdmin(GatedAdmin):
    """Nothing is typed over here: every change is a move, with the portal's own forms and refusals."""

    moves: Moves
    move_template = "admin/workflow_move.html"
    change_form_template = "admin/workflow_change_form.html"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        record = self.get_object(request, unquote(object_id))
        shown = {} if record is None else self.beside_fields(request, record)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})

    def beside_fields(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What `change_form_template` shows of the record beside its fields."""
        return {"offers": self.moves.offers(record, request.user, lambda name: self._move_url(record, name))}

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        own = path("<path:object_id>/moves/<slug:move>/", self.admin_site.admin_view(self.move_view), name=name)
        return [own, *super().get_urls()]

    def _move_url(self, record: Any, move: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move", args=[quote(record.pk), move])

    def move_view(self, request: HttpRequest, object_id: str, move: str) -> HttpResponse:
        row, chosen = self.moves.find(move)
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        self.moves.check(record, move, request.user)
        data = request.POST if request.method == "POST" else None
        form = chosen.form_class(data, None if data is None else request.FILES, record=record, actor=request.user)
        if (data is None or form.is_valid()) and (answer := self.before_move(request, chosen)):
            return answer
        sent = data is not None and form.is_valid() and not self.is_only_shown(request)
        status = self._take(request, record, move, form) if sent else 200
        if status == 302:
            return HttpResponseRedirect(self._after(request, record))
        self.record_opening(request, record)
        context = {
            **self.admin_site.each_context(request),
            "title": row.label,
            "opts": self.opts,
            "object": record,
            "form": form,
            "move": chosen,
            "lead": chosen.lead_of(record),
            "label": row.label,
            **self.beside_form(request, record),
        }
        status = 422 if status == 200 and form.errors else status
        return TemplateResponse(request, self.move_template, context, status=status)

    def beside_form(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """What `move_template` shows of the record to whoever takes a move."""
        return {}

    def before_move(self, request: HttpRequest, move: Move) -> HttpResponse | None:
        """An answer to give instead of the form, and of doing what a valid one asks for."""
        return None

    def is_only_shown(self, request: HttpRequest) -> bool:
        """Whether what was sent is shown once more instead of done."""
        return False

    def _take(self, request: HttpRequest, record: Any, move: str, form: Any) -> int:
        """The status to answer with; what was refused stands in the form."""
        try:
            taken = self.moves.take(record, move, form, request.user)
        except ValidationError as error:
            add_errors(form, error)
            return 422
        except DomainError as error:
            if isinstance(error, MoveConflict):
                record.refresh_from_db()
                go_on_from(record, form)
            form.add_error(None, error.sentence)
            return 409
        messages.success(request, self.moves.table[move].done_of(taken))
        return 302

    def _after(self, request: HttpRequest, record: Any) -> str:
        """The record, or the list when this person no longer sees the record."""
        place = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if self.get_object(request, str(record.pk)) is None:
            return reverse(f"{place}_changelist")
        return reverse(f"{place}_change", args=[quote(record.pk)])

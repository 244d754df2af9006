"""The pages of an import: upload, match columns, check, apply, result, undo. Steps of one record, an ImportBatch."""

import re
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.http import HttpResponseClientRedirect

from accounts.entry.step_up import StepUpToRead
from accounts.models import User
from core.audit import trail
from core.enums import ReadKind, choice_label
from core.errors import DomainError
from core.imports import applying, batches, checking, results, undoing
from core.imports.enums import ImportStatus
from core.imports.layout import samples
from core.imports.refusals import FileRefused
from core.mail import jobs
from core.permissions import may
from core.web import exports
from core.web.columns import Column, of_field, through
from core.web.forms import VersionedForm
from core.web.keyset import Sort
from core.web.lists import ListPage, safe_next
from core.web.views import ActionPage, FormPage, PortalView, wants_fragment
from members import permissions as p
from members.enums import ImportKind
from members.forms.filters import ImportFilterSet
from members.forms.imports import (
    DecideAllForm,
    DecisionsForm,
    LayoutForm,
    MatchForm,
    UndoForm,
    UploadForm,
)
from members.imports.lists import LISTS, list_of
from members.models import ImportBatch
from members.views.batches import BatchPage, others_wait, preview, status_badge, steps


class ImportList(ListPage):
    permission = p.VIEW_IMPORTS
    is_prepared = True
    model = ImportBatch
    filterset_class = ImportFilterSet
    list_name = "import_list"
    record_route = "import_detail"
    page_title = gettext_lazy("Imports")
    icon = "file-import"
    actions_template = "members/imports/_list_actions.html"
    empty_title = gettext_lazy("No imports yet")
    empty_text = gettext_lazy("Bring in the local's employers or members from a CSV or Excel file.")
    sorts = (Sort("uploaded", "created_at", gettext_lazy("Uploaded"), descending=True),)
    columns = (
        of_field("file", gettext_lazy("File"), "file_name", kind="link"),
        Column(
            "status",
            gettext_lazy("Status"),
            lambda b: choice_label(ImportStatus, b.status),
            kind="badge",
            badge=status_badge,
            reads=("status",),
            same=attrgetter("status"),
        ),
        Column(
            "kind",
            gettext_lazy("What it holds"),
            lambda b: choice_label(ImportKind, b.kind),
            reads=("kind",),
            same=attrgetter("kind"),
        ),
        Column(
            "by",
            gettext_lazy("Uploaded by"),
            lambda b: str(b.uploaded_by) if b.uploaded_by else _("Command"),
            reads=through("uploaded_by", User.NAME_FIELDS),
        ),
        of_field("uploaded", gettext_lazy("Uploaded"), "created_at", kind="moment", sort="uploaded"),
        of_field("applied", gettext_lazy("Applied"), "applied_at", kind="moment"),
    )

    @property
    def may_run(self) -> bool:
        return may(self.request.user, p.RUN_IMPORTS)

    @property
    def empty_action(self) -> tuple[str, str]:
        return (_("Import a list"), reverse("import_upload")) if self.may_run else ("", "")


class ImportUpload(FormPage):
    makes_record = True
    permission = p.RUN_IMPORTS
    page_title = gettext_lazy("Import a list")
    under = ((gettext_lazy("Imports"), "import_list"),)
    crumb = gettext_lazy("Upload")
    form_class = UploadForm
    submit_label = gettext_lazy("Upload")
    lead = gettext_lazy("Nothing is changed yet: you match the columns and see every row before anything is applied.")

    def cancel_url(self) -> str:
        return reverse("import_list")

    def perform(self, form: Any) -> str:
        file = form.cleaned_data["file"]
        try:
            batch = batches.upload(
                file.file, LISTS[form.cleaned_data["kind"]], file_name=file.name, actor=self.request.user
            )
        except FileRefused as error:
            raise ValidationError({"file": error.sentence}) from error
        return reverse("import_match", args=[batch.pk])


class ImportDetail(BatchPage, PortalView):
    """The preview before the apply, the progress during work, the result after it."""

    permission = p.VIEW_IMPORTS
    template_name = "members/imports/detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Before the batch is read: a job that ends meanwhile then leaves the batch as it ended, not as it was.
        state = jobs.state_of(kwargs["pk"])
        batch = self.get_object()
        if batch.status == ImportStatus.UPLOADED and may(request.user, p.RUN_IMPORTS):
            return HttpResponseRedirect(reverse("import_match", args=[batch.pk]))
        job = state if state and state.is_running else None
        shown = {}
        if job is None and batch.status in SHOWING_ROWS:
            # Not while the work runs: on SQLite the event would wait for the work's transaction.
            trail.read(batch, ReadKind.OPENED, actor=request.user)
            shown = preview(batch, request.GET)
        return self.render(
            record=batch,
            steps=steps(batch),
            badge=status_badge(batch),
            job=job,
            stopped=state if state and state.problem else None,
            is_stuck=job is None and batches.is_stuck(batch),
            layout=batches.layout_of(batch),
            remarks=results.remarks(batch),
            account=results.account_sentence(batch),
            others_wait=others_wait(batch),
            may_run=may(request.user, p.RUN_IMPORTS),
            exports=[
                (label, reverse("import_result", args=[batch.pk, kind])) for kind, label in exports.FORMATS.items()
            ],
            **shown,
        )


SHOWING_ROWS = (ImportStatus.CHECKED, ImportStatus.APPLIED, ImportStatus.UNDONE)


class ImportMatch(BatchPage, FormPage):
    permission = p.RUN_IMPORTS
    template_name = "members/imports/match.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if batch.status not in (ImportStatus.UPLOADED, ImportStatus.CHECKED):
            return HttpResponseRedirect(batch.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        batch = self.get_object()
        with batches.opened(batch) as source:
            return {"data": data, "batch": batch, "samples": samples(source, batches.layout_of(batch))}

    def get_form(self, data: Any = None, files: Any = None) -> MatchForm:
        return MatchForm(**self.form_arguments(data, files))

    def perform(self, form: Any) -> str:
        batch = self.get_object()
        what = list_of(batch)
        batches.match_columns(
            batch,
            what,
            form.chosen(),
            options=form.options(),
            date_order=form.cleaned_data.get("date_order", ""),
            actor=self.request.user,
        )
        checking.start_check(batch, what, actor=self.request.user)
        return batch.get_absolute_url()

    def render_form(self, form: Any, *, status: int = 200, **extra: Any) -> HttpResponse:
        batch = self.get_object()
        trail.read(batch, ReadKind.OPENED, actor=self.request.user)
        return self.render(
            form=form,
            status=status,
            record=batch,
            steps=steps(batch),
            layout=batches.layout_of(batch),
            layout_form=LayoutForm(batch=batch),
            **extra,
        )


class ImportLayout(BatchPage, PortalView):
    """Take another sheet or header row, then match again."""

    permission = p.RUN_IMPORTS
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        form = LayoutForm(request.POST, batch=batch)
        if not form.is_valid():
            messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
            return HttpResponseRedirect(reverse("import_match", args=[batch.pk]))
        try:
            batches.look_again(
                batch,
                list_of(batch),
                sheet=form.cleaned_data.get("sheet", ""),
                header_row=form.cleaned_data["header_row"] or 0,
                actor=request.user,
            )
        except FileRefused as error:
            messages.error(request, error.sentence)
        return HttpResponseRedirect(reverse("import_match", args=[batch.pk]))


class ImportMove(BatchPage, PortalView):
    """A button: POST with the version that was seen, then back to the import's page. A refusal is a page (409)."""

    permission = p.RUN_IMPORTS
    http_method_names = ["post"]

    def move(self, batch: ImportBatch) -> str:
        """Do it; returns what to tell, if anything."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        seen = VersionedForm(request.POST, record=batch)
        batches.require_version(batch, seen.cleaned_data["version"] if seen.is_valid() else 0)
        if told := self.move(batch):
            messages.success(request, told)
        return HttpResponseRedirect(safe_next(request, batch.get_absolute_url()))


class ImportCheck(ImportMove):
    def move(self, batch: ImportBatch) -> str:
        checking.start_check(batch, list_of(batch), actor=self.request.user)
        return ""


class ImportApply(ImportMove):
    def move(self, batch: ImportBatch) -> str:
        applying.start_apply(batch, list_of(batch), actor=self.request.user)
        return _("Import applied.") if batch.status == ImportStatus.APPLIED else ""


# Nine digits are more than any file has rows, and fit the column.
ROW_NAME = re.compile(r"row-(\d{1,9})", re.ASCII)


class ImportDecide(ImportMove):
    def move(self, batch: ImportBatch) -> str:
        numbers = [int(found[1]) for name in self.request.POST if (found := ROW_NAME.fullmatch(name))]
        rows = batch.rows.filter(number__in=numbers)
        form = DecisionsForm(self.request.POST, rows=list(rows))
        if not form.is_valid():
            raise DomainError(_("A decision was not understood. Load the page again and choose from the list."))
        batches.decide(batch, list_of(batch), form.decisions(), actor=self.request.user)
        return _("Decisions saved.")


class ImportDecideAll(ImportMove):
    def move(self, batch: ImportBatch) -> str:
        form = DecideAllForm(self.request.POST)
        if not form.is_valid():
            raise DomainError(_("Choose what to do with the possible duplicates."))
        decided = batches.decide_all(
            batch, list_of(batch), form.cleaned_data["decision"], only_open=True, actor=self.request.user
        )
        return ngettext("%(count)s row decided.", "%(count)s rows decided.", decided) % {"count": decided}


class ImportProgress(BatchPage, PortalView):
    """The progress fragment, asked for every second; when the work is done it sends the browser to the import."""

    permission = p.VIEW_IMPORTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if not wants_fragment(request):
            return HttpResponseRedirect(batch.get_absolute_url())
        state = jobs.state_of(batch.pk)
        if state is None or not state.is_running:
            return HttpResponseClientRedirect(batch.get_absolute_url())
        return self.render("members/imports/_progress.html", record=batch, job=state)


class ImportResult(StepUpToRead, BatchPage, PortalView):
    """Every row of the file with what became of it, as a file."""

    permission = p.VIEW_IMPORTS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        batch = self.get_object()
        if not (results.was_applied(batch) or batch.status == ImportStatus.CHECKED):
            raise DomainError(_("There is a result to download once the file is checked."))
        trail.read(batch, ReadKind.DOWNLOADED, actor=request.user)
        return exports.response(
            kwargs["kind"],
            file_name=f"import-{batch.pk}",
            header=results.header(batch),
            rows=results.table(batch),
        )


class ImportUndo(BatchPage, ActionPage):
    permission = p.RUN_IMPORTS
    form_class = UndoForm
    page_title = gettext_lazy("Undo the import")
    crumb = gettext_lazy("Undo")
    submit_label = gettext_lazy("Undo the import")
    danger = True
    lead = gettext_lazy(
        "Records that the import made are deleted, values that it changed are set back, jobs that it added are"
        " removed. A record that somebody changed or used since stays as it is, and its row says so."
    )

    def form_arguments(self, data: Any, files: Any) -> dict[str, Any]:
        return {**super().form_arguments(data, files), "record": self.get_object()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.get_object().status != ImportStatus.APPLIED:
            raise DomainError(_("Only an applied import can be undone."))
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> str:
        batch = self.get_object()
        batches.require_version(batch, form.cleaned_data["version"])
        undoing.start_undo(batch, list_of(batch), actor=self.request.user, reason=form.cleaned_data["reason"])
        return batch.get_absolute_url()


class ImportDiscard(ImportMove):
    def move(self, batch: ImportBatch) -> str:
        batches.discard(batch, list_of(batch), actor=self.request.user)
        return _("Import discarded. Its file and rows are gone; no record was changed.")

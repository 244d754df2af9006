"""Vouchers as PDF: of one payment, and of all that were made together."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from benevolence.models import Payment
from benevolence.services import vouchers
from core.audit import trail
from core.enums import ReadKind
from core.web.papers import paper_response
from core.web.views import PortalView


class PaymentVoucher(PortalView):
    permission = vouchers.SEES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = list(self.payments())
        if not found:
            raise Http404
        paper = vouchers.vouchers(found)
        self.record(found)
        return paper_response(paper)

    def payments(self) -> Any:
        return vouchers.payments_for(self.request.user).filter(pk=self.kwargs["pk"])

    def record(self, found: list[Payment]) -> None:
        trail.read(found[0], ReadKind.DOWNLOADED, actor=self.request.user)


class RunVouchers(PaymentVoucher):
    """Those of a payment run, in the order of their numbers."""

    def payments(self) -> Any:
        rows = vouchers.payments_for(self.request.user).filter(run=self.kwargs["pk"])
        return rows.order_by("voucher_number")

    def record(self, found: list[Payment]) -> None:
        trail.read(Payment, ReadKind.EXPORTED, actor=self.request.user, rows=len(found))

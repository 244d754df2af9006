"""The audit of a fiscal year: a page with the sample, the packet as PDF, the check register as PDF and as a file.

What leaves as a file leaves after a fresh proof, as every export does.
"""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.entry.step_up import StepUpToRead
from benevolence import permissions as p
from benevolence.forms.packets import PacketForm
from benevolence.models import Payment
from benevolence.services import packet_papers, packets, statements
from benevolence.services.packets import Packet
from core.audit import trail
from core.enums import ReadKind
from core.web import exports
from core.web.papers import paper_response
from core.web.views import PortalView


class PacketPage(PortalView):
    permission: str | tuple[str, ...] = p.VIEW_DECIDED
    template_name = "benevolence/packets/read.html"
    page_title = gettext_lazy("Audit of the fund")
    kind = ReadKind.LISTED

    @cached_property
    def form(self) -> PacketForm:
        return PacketForm(self.request.GET or None, years=statements.years_of_books())

    @cached_property
    def packet(self) -> Packet:
        """Read once, after the reading of it is on record."""
        found = packets.packet_of(self.form.chosen, self.request.user)
        filters = {"year": str(found.year)}
        trail.read(Payment, self.kind, actor=self.request.user, rows=len(found.entries), filters=filters)
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.page()

    def page(self) -> HttpResponseBase:
        packet, sample = self.packet, self.form.sample
        if not self.form.is_bound:
            self.form.initial["year"] = str(packet.year.year)
        query = self.request.GET.urlencode() if self.form.is_valid() else f"year={packet.year.year}"
        return self.render(
            form=self.form,
            packet=packet,
            money=statements.year_of_fund(packet.year),
            months=statements.months_of(packet.year),
            sample=sample,
            drawn=sample.drawn(packet.entries) if sample else [],
            remarks=packet_papers.remarks(packet),
            packet_url=f"{reverse('audit_packet')}?{query}",
            register_url=f"{reverse('check_register')}?year={packet.year.year}",
            exports=[
                (label, f"{reverse('check_register_export', args=[kind])}?year={packet.year.year}")
                for kind, label in exports.FORMATS.items()
            ],
        )


class PacketPaper(StepUpToRead, PacketPage):
    kind = ReadKind.EXPORTED

    def page(self) -> HttpResponseBase:
        packet = self.packet
        months, money = statements.months_of(packet.year), statements.year_of_fund(packet.year)
        return paper_response(packet_papers.audit_packet(packet, months=months, money=money, sample=self.form.sample))


class RegisterPaper(StepUpToRead, PacketPage):
    permission = (p.VIEW_DECIDED, p.PAY)
    kind = ReadKind.EXPORTED

    def page(self) -> HttpResponseBase:
        return paper_response(packet_papers.check_register(self.packet))


class RegisterExport(RegisterPaper):
    def page(self) -> HttpResponseBase:
        kind, name = self.kwargs["kind"], f"check-register-{self.form.chosen.year}"
        header = packets.register_heads()
        if kind not in exports.FORMATS:
            return exports.response(kind, file_name=name, header=header, rows=[])
        return exports.response(
            kind, file_name=name, header=header, rows=(packets.register_values(entry) for entry in self.packet.entries)
        )

"""The one steady world on which the matrix, the crawl and the verdicts of tokens are played."""

import html
import re
from datetime import timedelta
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import timezone

from core.audit import trail
from core.enums import ReadKind
from core.mail import jobs
from core.models import (
    AuditEvent,
    AuditHead,
    Heartbeat,
    KeptAnswer,
    KeptForm,
    ListColumns,
    Notice,
    NoticeChoice,
    NoticedEvent,
    NumberSequence,
    Outbox,
    ReadEvent,
    SavedFilter,
)
from core.records import one_row
from core.site import change_settings, site_settings
from core.tests.files.samples import photo
from organizing.tests.secret import Secret
from unionops.testing.cast import PERSONAS, People
from unionops.tests.matrix import ANOTHER_SALT, CANARIES, KNOWN_AT, LIST, PARTS, words_in

# Names that are part of no other word, of whoever this record is.
NAMES = {
    "members": {"first_name": "Quirina", "last_name": "Oxenhandler"},
    "members deleted": {"first_name": "Ottilie", "last_name": "Pfefferkorn"},
    "contacts": {"first_name": "Thaddeus", "last_name": "Vanderquist"},
    "users": {"first_name": "Hildegund", "last_name": "Zwingenberger"},
}
# Where a page leads, sends or fetches from.
ADDRESS = re.compile('="(?:http://testserver)?([/?][^"#]*)')


class World:
    """One of every record, one of every persona; every request is undone after its answer."""

    def __init__(self) -> None:
        self.people = People()
        # One for all: each Client reads the whole middleware anew.
        self.client = Client(raise_request_exception=False)
        self.records: dict[str, Any] = {}
        self._make_members()
        self._make_cases()
        self._make_machinery()
        self._make_notices()
        self.cookies = {name: self._cookies(person) for name, person in PERSONAS.items()}
        self.cookies[ANOTHER_SALT] = self._cookies(ANOTHER_SALT)
        words = {name: canary.text for name, canary in CANARIES.items()}
        self.words = words | self.secret.words() | {"key of the restricted case": str(self.records["restricted"].pk)}
        self.telling = self._telling()

    def _make_members(self) -> None:
        from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
        from members.models import ColumnMapping, ImportRow, MergeRequest, PaperCode

        organization = OrganizationFactory()
        other_organization = OrganizationFactory()
        member = MemberFactory(notes=CANARIES["notes on a member"].text, **NAMES["members"])
        gone = {"deleted_at": timezone.now(), "deleted_reason": "Entered twice"}
        batch = self._checked_import()
        self.records |= {
            "members": member,
            "members own": self.people["member"].member,
            "members deleted": MemberFactory(**gone, **NAMES["members deleted"]),
            "members other": MemberFactory(),
            "organizations": organization,
            "organizations deleted": OrganizationFactory(**gone),
            "organizations other": other_organization,
            "contacts": ContactFactory(
                organization=organization, notes=CANARIES["notes on a contact"].text, **NAMES["contacts"]
            ),
            "employments": EmploymentFactory(member=member, organization=organization),
            "merges": MergeRequest.objects.create(
                kept=member,
                duplicate=self.people["member"].member,
                kept_version=1,
                duplicate_version=1,
                reason="One person",
                asked_by=self.people["staff"],
                state="declined",
            ),
            "members.papercode": PaperCode.objects.create(
                member=member, digest="d", printed_by=self.people["staff"], ends_at=timezone.now()
            ),
            "imports": batch,
            "members.importrow": ImportRow.objects.get(batch=batch),
            "members.columnmapping": ColumnMapping.objects.get(),
        }
        self._make_past_help()
        self._make_case_list()

    def _make_case_list(self) -> None:
        from core.imports import batches, checking
        from grievances.imports.lists import CASES_LIST
        from grievances.models import CaseImportRow, CaseMatching

        said = self.records["members"].member_number, self.records["organizations"].name
        file = BytesIO("Case,Member number,Employer,Filed\nG-1,{},{},2026-01-05\n".format(*said).encode())
        batch = batches.upload(file, CASES_LIST, file_name="cases.csv", actor=self.people["officer"])
        batches.match_columns(batch, CASES_LIST, batch.mapping, actor=self.people["officer"])
        checking.start_check(batch, CASES_LIST, actor=self.people["officer"], in_background=False)
        self.records |= {
            "grievances/lists": batch,
            "grievances.caseimport": batch,
            "grievances.caseimportrow": CaseImportRow.objects.get(batch=batch),
            "grievances.casematching": CaseMatching.objects.get(),
        }

    def _make_past_help(self) -> None:
        from benevolence.factories import PastHelpFactory
        from benevolence.imports.lists import PAST_HELP_LIST
        from benevolence.models import HelpImportRow, HelpMatching
        from core.imports import batches, checking

        file = BytesIO(f"Member,Date,Amount\n{self.records['members'].member_number},2026-01-05,400\n".encode())
        batch = batches.upload(file, PAST_HELP_LIST, file_name="register.csv", actor=self.people["treasurer"])
        batches.match_columns(batch, PAST_HELP_LIST, batch.mapping, actor=self.people["treasurer"])
        checking.start_check(batch, PAST_HELP_LIST, actor=self.people["treasurer"], in_background=False)
        helped = PastHelpFactory(member=self.records["members"])
        self.records |= {
            "past-help/lists": batch,
            "benevolence.helpimport": batch,
            "benevolence.helpimportrow": HelpImportRow.objects.get(batch=batch),
            "benevolence.helpmatching": HelpMatching.objects.get(),
            "benevolence.pasthelp": helped,
            "^past-help": helped,
            "^past-help own": PastHelpFactory(member=self.records["members own"]),
        }

    def _checked_import(self) -> Model:
        from core.imports import batches, checking
        from members.imports.lists import LISTS, list_of

        staff = self.people["staff"]
        file = BytesIO(LIST)
        batch = batches.upload(file, LISTS["organizations"], file_name="list.csv", actor=staff)
        batches.match_columns(batch, list_of(batch), batch.mapping, actor=staff)
        checking.start_check(batch, list_of(batch), actor=staff, in_background=False)
        return batch

    def _make_cases(self) -> None:
        from benevolence.factories import (
            AnswerFactory,
            ApplicationFactory,
            DocumentFactory,
            PaymentFactory,
            PaymentRunFactory,
            RelationshipFactory,
            ReviewFactory,
            StatementFactory,
            donated,
        )
        from benevolence.models import FundAccount, FundSettings
        from benevolence.services import policies
        from benevolence.tests.conftest import fill_seats
        from grievances.arbitration_factories import arbitration_rows
        from grievances.factories import (
            CaseDocumentFactory,
            EmployerAnswerFactory,
            GrievanceFactory,
            IntakeDocumentFactory,
            IntakeFactory,
            ResolutionFactory,
            StepRecordFactory,
            TaskFactory,
            one_of_each,
        )
        from grievances.flag_factories import AbeyanceFactory, UntimelyFactory
        from grievances.models import GrievancePolicy, GrievantTold
        from organizing.factories import OpeningFactory

        member, own = self.records["members"], self.records["members own"]
        policy = one_row.change(GrievancePolicy, {}, permission="", actor=None)
        low = one_row.change(FundSettings, {}, permission="", actor=None)
        fill_seats(self.people)
        rules = policies.change_policy({}, actor=None)
        self.records |= {low._meta.label_lower: low}
        self.records |= {policy._meta.label_lower: policy, rules._meta.label_lower: rules, "benevolence/rules": rules}
        text = {name: canary.text for name, canary in CANARIES.items()}
        case = {"violation_description": text["what happened at work"], "notes": text["strategy of a case"]}
        case = {f"grievance__{field}": value for field, value in case.items()}
        step = StepRecordFactory(grievance__people=[member], notes=text["what was said at a step"], **case)
        resolution = ResolutionFactory(grievance__people=[member])
        application = ApplicationFactory(status="under_review", member=member, description=text["why help is asked"])
        review = ReviewFactory(application=application, decision="deferred", comments=text["what a reviewer thinks"])
        answer = AnswerFactory(review__application=application)
        paper = self._make_paper()
        word = text["a document"]
        own_application = ApplicationFactory(status="submitted", member=own)
        documents = [
            DocumentFactory(application=row, upload_name=f"{name}.jpg", content=photo(comment=name.encode()))
            for row, name in ((application, word), (own_application, "Notice"))
        ]
        name = f"{text['a document of a case']}.jpg"
        case_document = CaseDocumentFactory(grievance=step.grievance, upload_name=name, content=photo(comment=b"case"))
        dates = one_of_each(self.people["officer"])
        run, granted = PaymentRunFactory(), ApplicationFactory(status="approved")
        payment = PaymentFactory(line=granted.lines.get(), run=run)
        self.secret = Secret(member, self.records["organizations"])
        opening = OpeningFactory(campaign=self.secret.campaign, reason=text["why a campaign is opened"])
        self.records |= {
            **dates,
            "^agreements/files": dates["grievances.agreementfile"],
            "grievances.abeyance": AbeyanceFactory(),
            "grievances.untimelyclaim": UntimelyFactory(),
            **arbitration_rows(dates["grievances.deadline"].grievance),
            "^agreements": dates["grievances.agreement"],
            "^deadlines": dates["grievances.deadline"],
            "^holiday-lists": dates["grievances.holidaylist"],
            "grievances/agreements": dates["grievances.agreement"],
            "grievances/agreement-rules": dates["grievances.steprule"],
            "grievances/agreement-steps": dates["grievances.agreementstage"],
            "grievances/agreement-closures": dates["grievances.agreementclosure"],
            "grievances/agreement-files": dates["grievances.agreementfile"],
            "grievances/holidays": dates["grievances.holidaylist"],
            "grievances/deadlines": dates["grievances.deadline"],
            "grievances/away": dates["grievances.away"],
            "grievances/dockets": dates["grievances.docket"],
            "grievances/extensions": dates["grievances.extension"],
            "restricted": GrievanceFactory(
                people=[member], is_restricted=True, violation_description=text["a restricted case"]
            ),
            "grievances/drafts": (
                draft := IntakeFactory(
                    people=[member],
                    violation_description=text["text of a draft"],
                    notes=text["strategy of a draft"],
                )
            ),
            "grievances/draft-documents": (
                sheet := IntakeDocumentFactory(intake=draft, content=photo(comment=b"draft"))
            ),
            "grievances.intakedocument": sheet,
            "grievances/documents": case_document,
            "grievances.casedocument": case_document,
            "grievances/tasks": (task := TaskFactory(grievance=step.grievance, kind="information")),
            "grievances.casetask": task,
            "grievances/answers": EmployerAnswerFactory(
                grievance=step.grievance, words=text["what was said at a step"]
            ),
            "grievances/steps": step,
            "grievances": step.grievance,
            "grievances own": GrievanceFactory(people=[own]),
            "grievances.grievant": step.grievance.grievants.get(),
            "grievances.resolution": resolution,
            "grievances.grievanttold": GrievantTold.objects.get(),
            "applications": application,
            "applications own": own_application,
            "benevolence/documents": documents[0],
            "benevolence/documents own": documents[1],
            "^benevolence-documents": documents[0],
            "^benevolence-documents own": documents[1],
            "benevolence.applicationdocument": documents[0],
            "benevolence.benevolencereview": review,
            "benevolence.applicantanswer": answer,
            "benevolence.declaredrelationship": RelationshipFactory(),
            **self._make_seats(application, review),
            "benevolence.paperfile": paper,
            "benevolence.paperdecision": paper.decisions.get(),
            "benevolence/fund": donated(1),
            "benevolence.fundaccount": FundAccount.objects.get(pk="available"),
            "benevolence.paymentline": application.lines.get(),
            "benevolence/payments": payment,
            "benevolence/runs": run,
            "benevolence.bankstatement": StatementFactory(),
            "organizing/campaigns": self.secret.campaign,
            "organizing/oversight": self.secret.campaign,
            "organizing/assignments": self.secret.term,
            "organizing/salts": self.secret.salt,
            "organizing/activities": self.secret.activity,
            "organizing/openings": opening,
            "organizing.emergencyopening": opening,
        }
        same = {"grievances.grievance": "grievances", "grievances.grievanceintake": "grievances/drafts"}
        same |= {
            "grievances.grievancesteprecord": "grievances/steps",
            "grievances.answerreceived": "grievances/answers",
        }
        same |= {"^drafts": "grievances/drafts"}
        same |= {"benevolence.benevolenceapplication": "applications", "organizing.campaign": "organizing/campaigns"}
        same |= {"organizing.campaignassignment": "organizing/assignments", "^campaigns": "organizing/campaigns"}
        same |= {"benevolence.fundtransfer": "benevolence/fund", "benevolence.payment": "benevolence/payments"}
        same |= {"benevolence.paymentrun": "benevolence/runs", "^benevolence-fund": "benevolence/fund"}
        same |= {"^benevolence-payments": "benevolence/payments"}
        same |= {"organizing.campaignmember": "organizing/salts", "^salting-activities": "organizing/activities"}
        same |= {"organizing.saltingactivity": "organizing/activities"}
        self.records |= {label: self.records[name] for label, name in same.items()}

    def _make_seats(self, application: Any, review: Any) -> dict[str, Model]:
        """Make what stands around a level; the holder of the seat has no seat of their own any more."""
        from accounts.factories import UserFactory
        from benevolence.models import Absence, CaseSubstitute, IntakeNote, RelationshipStatement, Seat, Vote

        officer, vp, now = self.people["officer"], self.people["benevolence-vp"], timezone.now()
        seat = Seat.objects.create(
            level="president",
            user=self.people["benevolence-president"],
            position=1,
            reason="Elected",
            appointed_by=officer,
        )
        day = {"first_day": now.date(), "last_day": now.date()}
        substitute = {"level": "vp", "user": self.people["benevolence-manager"], "reason": "Away"}
        counted = {"present": 3, "votes_for": 2, "votes_against": 1, "minute_number": "7"}
        note = {"words": "Other funds asked", "text": CANARIES["why help is asked"].text, "written_at": now}
        found = {
            "benevolence.seat": seat,
            "benevolence.absence": Absence.objects.create(user=self.people["benevolence-manager"], **day),
            "benevolence.casesubstitute": CaseSubstitute.objects.create(
                application=application, proposed_by=officer, **substitute
            ),
            "benevolence.relationshipstatement": RelationshipStatement.objects.create(user=vp, stated_at=now),
            "benevolence.intakenote": IntakeNote.objects.create(
                application=application, written_by=UserFactory(), **note
            ),
            "benevolence.vote": Vote.objects.create(review=review, voters="board", motion="To help", **counted),
        }
        return (
            found
            | {"benevolence/seats": seat, "benevolence/stuck": application}
            | {"benevolence/substitutes": found["benevolence.casesubstitute"]}
        )

    def _make_paper(self) -> Any:
        from benevolence.factories import ApplicationFactory
        from benevolence.models import PaperDecision, PaperFile
        from core.site import local_today

        staff, day = self.people["staff"], local_today()
        draft = ApplicationFactory(entered_by=staff)
        paper = PaperFile.objects.create(application=draft, applied_on=day, recorded_by=staff)
        said = {"decided_on": day, "amount": "100.00", "reference": "minutes"}
        PaperDecision.objects.create(file=paper, level="vp", decider=self.people["benevolence-vp"], **said)
        return paper

    def _make_machinery(self) -> None:
        from allauth.mfa.models import Authenticator
        from allauth.socialaccount.models import SocialAccount

        from accounts.api import devices
        from accounts.enums import IdentityKind
        from accounts.factories import RoleAssignmentFactory
        from accounts.models import DoorCount, MailedCode, Role, Session, SessionRecord, SignInThrottle, SpentCode
        from accounts.services import identity, openid
        from members.models import FormerMatch, OtherPerson, SearchWord

        admin = self.people["admin"]
        change_settings({"name": "Local 46"}, actor=admin)
        somebody = self.secret.lead
        named = {"password": CANARIES["a password"].text, **NAMES["users"]}
        type(somebody).objects.filter(pk=somebody.pk).update(**named)
        term = RoleAssignmentFactory(user=somebody, role="steward", starts_at=timezone.now() - timedelta(days=1))
        RoleAssignmentFactory(user=somebody, role="trustee", needs_confirmation=True, assigned_by=admin)
        with transaction.atomic():
            trail.read(self.records["members"], ReadKind.OPENED, actor=admin)
        app = Authenticator.objects.create(user=somebody, type="totp", data={"secret": ""})
        later = timezone.now() + timedelta(days=1)
        device = devices.sign_in(somebody, request=RequestFactory().get("/")).device
        type(device).objects.filter(pk=device.pk).update(token_hash=CANARIES["a token"].text)
        session = {"key": CANARIES["a session"].text, "user": somebody, "epoch": somebody.session_epoch}
        mail = {"template": "test", "address": "ann@people.example", "body": CANARIES["a mail"].text}
        kept = {"list_name": "member_list", "name": CANARIES["a filter of somebody"].text, "query": "q=a"}
        word = SearchWord.objects.first() or SearchWord.objects.create(variant="v", word="w")
        leaving, slate = self._make_slate(somebody)
        self.records |= {
            "users": somebody,
            "leaving": leaving,
            "installations": slate,
            "accounts.installation": slate,
            "accounts.installationseat": slate.seats.get(),
            "accounts.identitychange": identity.record_change(somebody, IdentityKind.CREATED, actor=admin),
            "terms": term,
            "roles": Role.objects.get(name="steward"),
            "custom role": Role.objects.create(name="dispatcher", display_name="Dispatcher", is_custom=True),
            "lists/filters": SavedFilter.objects.create(owner=somebody, **kept),
            "core.auditevent": AuditEvent.objects.outside_vault().first(),
            "core.readevent": ReadEvent.objects.outside_vault().first(),
            "core.audithead": AuditHead.objects.outside_vault().first(),
            "core.numbersequence": NumberSequence.objects.create(name="GR-2026"),
            "core.sitesettings": site_settings(),
            "core.outbox": Outbox.objects.create(**mail),
            "core.heartbeat": Heartbeat.objects.create(name="mail"),
            "programs": self._make_program(),
            "core.keptanswer": KeptAnswer.objects.create(
                account=somebody, operation="POST /api/v1/members/", answer=CANARIES["an answer"].text
            ),
            "core.keptform": KeptForm.objects.create(account=somebody, page="p", typed=CANARIES["an answer"].text),
            "core.listcolumns": ListColumns.objects.create(owner=somebody, list_name="member_list"),
            "accounts.signinthrottle": SignInThrottle.objects.create(key="k"),
            "auth/sessions": device,
            "role-assignments": term,
            "members.searchword": word,
            "members.otherperson": OtherPerson.objects.create(
                member=self.records["members"], other=self.records["members other"], decided_by=admin, reason="Cousins"
            ),
            "members.formermatch": FormerMatch.objects.create(
                member=self.records["members"], other=self.records["members other"]
            ),
            "security/factors": app,
            "security/sessions": SessionRecord.objects.create(**session),
            "security/devices": device,
            "security/links": SocialAccount.objects.create(user=somebody, provider=openid.provider_id(), uid="u"),
            "accounts.session": Session.objects.create(session_key="k", expire_date=later, user=somebody),
            "accounts.doorcount": DoorCount.objects.create(key="k", ends_at=later),
            "accounts.spentcode": SpentCode.objects.create(authenticator=app),
            "accounts.mailedcode": MailedCode.objects.create(user=somebody, digest=CANARIES["a mailed code"].text),
        }
        same = {
            "members.member": "members",
            "members.mergerequest": "merges",
            "members.organization": "organizations",
            "accounts.user": "users",
        }
        same |= {"members.organizationcontact": "contacts", "members.employment": "employments"}
        same |= {"accounts.role": "roles", "accounts.roleassignment": "terms", "members.importbatch": "imports"}
        same |= {"core.savedfilter": "lists/filters", "accounts.sessionrecord": "security/sessions"}
        same |= {"accounts.program": "programs"}
        same |= {"accounts.refreshtoken": "security/devices"}
        self.records |= {label: self.records[name] for label, name in same.items()}

    def _make_notices(self) -> None:
        """Make one notice of the member about their own case, and one of somebody else about the restricted one."""
        case, event = self.records["grievances own"], AuditEvent.objects.outside_vault().first()
        told = {"event": event, "subject_type": case._meta.label_lower, "at": timezone.now(), "sort_key": "unread 2026"}
        own = {"user": self.people["member"], "subject_id": str(case.pk), "reference": str(case), "kind": "own_case"}
        others = {"user": self.records["users"], "subject_id": str(self.records["restricted"].pk), "kind": "case_moves"}
        self.records["notices"] = Notice.objects.create(**told, **others)
        self.records["notices own"] = Notice.objects.create(**told, **own)
        self.records["core.notice"] = self.records["notices"]
        self.records["core.noticechoice"] = NoticeChoice.objects.create(user=self.records["users"], kind="case_moves")
        self.records["core.noticedevent"] = NoticedEvent.objects.create(event=event)

    def _make_program(self) -> Model:
        from accounts.services import programs
        from core.site import local_today

        values = {"name": "Payroll", "network": "203.0.113.0/24", "last_day": local_today()}
        return programs.add_program(values, ["members.view_member"], actor=self.people["admin"])[0]

    def _make_slate(self, seated: Any) -> tuple[Model, Model]:
        """Make somebody who leaves office with a case, and the slate that does it."""
        from accounts.factories import RoleAssignmentFactory, UserFactory
        from accounts.models import Role
        from accounts.services import slates
        from grievances.factories import GrievanceFactory

        admin, leaving = self.people["admin"], UserFactory(last_name="Leaving")
        RoleAssignmentFactory(user=leaving, role="trustee")
        GrievanceFactory(assigned_rep=leaving)
        trustee = Role.objects.get(name="trustee")
        values = {"title": "Trustees", "reason": "Elected"}
        slate = slates.start_draft(values, [trustee], actor=admin)
        slate = slates.save_draft(slate, values, {trustee: [seated]}, actor=admin)
        return leaving, slates.set_slate(slate, actor=admin)

    def _cookies(self, person: str) -> dict[str, str]:
        client = Client()
        if person != "anon":
            client.force_login(self._another_salt() if person == ANOTHER_SALT else self.people[person])
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def _another_salt(self) -> Any:
        from accounts.factories import RoleAssignmentFactory
        from members.factories import MemberFactory
        from organizing.factories import CampaignMemberFactory

        user = RoleAssignmentFactory(role="member", user__member=MemberFactory()).user
        CampaignMemberFactory(member=user.member)
        return user

    def record(self, route: str, case: str) -> Model:
        """Return the record that a route with a key in it is about."""
        if admin := re.match(r"admin/(\w+)/(\w+)/", route):
            return self.records[f"{admin[1]}.{admin[2]}"]
        name = next(name for name in self.records if name.split()[0] in route and " " not in name and "." not in name)
        return self.records[f"{name} {case}".strip()]

    def address(self, route: str, case: str = "", *, key: str = "") -> str:
        """Return the path to try for one route; `key` replaces the record's own."""
        content_type = ContentType.objects.get_for_model(self.records["members"])
        values = {
            "token": "1-2-3",
            "kind": "csv",
            "paper": "decision-letter",
            "edition": "employer",
            "name": "steward",
            "url": "nowhere",
            "app_label": "members",
        }
        if route in ("roles/<slug:name>/edit/", "roles/<slug:name>/delete/"):
            values["name"] = self.records["custom role"].name
        moves = {"grievance": "settle", "^members": "delete", "^organizations": "delete"}
        moves |= {"^contacts": "remove", "^employments": "remove"}
        values["paper"] = "grievance-form" if "grievances/" in route else values["paper"]
        values["record"] = next((str(self.records[name].pk) for word, name in PARTS.items() if word in route), "")
        values["kind"] = "todo" if "/tasks/" in route else values["kind"]
        values["act"] = "put_in_abeyance"
        values["kind"] = "step-letter" if "grievances/letters/" in route else values["kind"]
        values["move"] = next((name for word, name in moves.items() if word in route), "approve")
        values |= {"part": "cases", "person": str(self.records["leaving"].pk)}
        values["content_type_id"] = str(content_type.pk)
        if "pk" in route or "object_id" in route:
            own = self.record(route, case) if "/r/" not in route else self.records["members"]
            values["pk"] = key or str(own.pk)
            values["object_id"] = quote(values["pk"])
        if "<int:other>" in route:
            values["other"] = str(self.records[f"{route.split('/', maxsplit=1)[0]} other"].pk)
        path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m: values[m[1] or m[2]], route)
        asked = f"?q={self.records['members'].member_number}" if route == "search/" else ""
        return "/" + path.replace("^", "").replace("$", "") + asked

    def personal(self) -> set[str]:
        """Return what a page that tells of somebody would show, beyond the name."""
        return {
            self.records["members"].member_number,
            *(self.records[n].email for n in ("members", "contacts", "users")),
            self.records["organizing/campaigns"].code_name,
        }

    def _telling(self) -> re.Pattern[str]:
        """Return what tells of somebody wherever it stands: names, addresses, numbers."""
        member, contact = self.records["members"], self.records["contacts"]
        words = [name.lower() for names in NAMES.values() for name in names.values()]
        words += [re.escape(text.lower()) for text in (member.address, self.records["users"].email)]
        words += [row.phone.removeprefix("+1") for row in (member, contact)]
        return re.compile("|".join([*words, rf"\b{member.member_number}\b"]))

    def named(self, path: str, answer: HttpResponseBase) -> set[str]:
        """Return what the title, or an address to which a page leads, tells of somebody; not what one typed oneself."""
        found = [answer.get("Location", "")]
        if not answer.streaming and answer.get("Content-Type", "").startswith("text/html"):
            title = answer.text.partition("<title>")[2].partition("</title>")[0]
            found += [title, *ADDRESS.findall(answer.text)]
        told = unquote_plus(html.unescape(" ".join(found))).lower()
        return {*self.telling.findall(told)} - {*self.telling.findall(path.lower())}

    def ask(self, persona: str, method: str, path: str, **headers: str) -> HttpResponseBase:
        self.client.cookies = SimpleCookie(self.cookies[persona])
        if "import" in path:
            # Files, which no rollback undoes.
            jobs.forget(self.records["imports"].pk)
            Path(self.records["imports"].file.path).write_bytes(LIST)
        with transaction.atomic():
            answer = self.client.generic(method, path, headers=headers)
            if answer.streaming:
                answer.streaming_content = [b"".join(answer.streaming_content)]
            transaction.set_rollback(True)
        return answer

    def leaks(self, persona: str, path: str, answer: HttpResponseBase) -> set[str]:
        """Return the words in the answer that this persona may not know; what one typed oneself is not told."""
        text = f"{words_in(answer)} {answer.headers}"
        known = {name for name, canary in CANARIES.items() if persona in canary.known_to}
        known |= {name for (who, name), place in KNOWN_AT.items() if who == persona and re.match(place, path)}
        return {name for name, word in self.words.items() if word in text and word not in path} - known

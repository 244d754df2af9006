"""Rubbish in every field of every form of the three domains; by the same kinds of rubbish as in test_bad_input."""

import html
import random
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.factories import UserFactory
from benevolence.factories import ApplicationFactory, DocumentFactory, RelationshipFactory, donated
from benevolence.models import CaseSubstitute, Payment, Seat
from benevolence.services import policies
from benevolence.tests.conftest import fill_seats
from benevolence.tests.steps import RULES
from grievances.arbitration_factories import ArbitrationFactory
from grievances.factories import (
    AgreementFactory,
    AgreementFileFactory,
    CaseDocumentFactory,
    EmployerAnswerFactory,
    GrievanceFactory,
    IntakeDocumentFactory,
    IntakeFactory,
    StepRecordFactory,
    TaskFactory,
    one_of_each,
)
from grievances.flag_factories import AbeyanceFactory
from members.factories import MemberFactory, OrganizationFactory
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignMemberFactory
from unionops.testing.cast import People
from unionops.tests.rubbish import (
    ALL,
    SHARED_CLASSES,
    WHOLE,
    classes_of,
    deal,
    is_about_a_version,
    is_ours,
    kept,
    rubbish_for,
    versions_in,
)

pytestmark = pytest.mark.django_db

FACTS = {
    "people_involved": "Stone",
    "department": "Paint shop",
    "happened_at": "Night shift",
    "place": "Yard",
    "why": "Out of turn",
    "witnesses": "Ann",
    "past_practice": "By the list",
}
CASE = {
    "grievance_type": "individual",
    "members": "104233",
    "organization": "Crane Yard",
    "incident_date": "2026-01-05",
    "knowledge_date": "",
    "contract_article": "Article 2",
    "violation_description": "Out of turn",
    "remedy_sought": "Pay",
    **FACTS,
    "version": "1",
}
MEETING = {
    "meeting_date": "2026-01-06",
    "union_attendees": "A",
    "employer_attendees": "B",
    "notes": "Said",
    "version": "1",
}
ENDING = {
    "reason": "Agreed",
    "decided_by": "The committee",
    "day": "2026-08-20",
    "told_on_0": "2026-08-20",
    "told_how_0": "phone",
    "version": "1",
}
ANSWER = {
    "answer": "denied",
    "received_on": "2026-01-05",
    "how": "mail",
    "given_by": "Stone",
    "words": "No",
    "version": "1",
}
AGREEMENT = {
    "employer": "Crane Yard",
    "title": "Yard agreement",
    "worksites": "Dock 4",
    "effective_from": "2026-01-01",
    "effective_to": "2028-12-31",
    "reopener_on": "2028-06-01",
    "holiday_list": "",
    "silence": "may_advance",
    "lateness": "waived",
    "tolling": "Leave",
    "entry_step_individual": "1",
    "entry_step_group": "2",
    "entry_step_policy": "3",
    "panel_source": "fmcs",
    "panel_size": "7",
    "first_strike": "coin",
    "version": "1",
}
RULE = {
    "stage": "",
    "clock": "file",
    "days": "10",
    "unit": "working",
    "trigger": "knowledge",
    "clause": "Article 9",
    "example_day": "2026-01-05",
    "version": "1",
}
HOLIDAYS = {
    "name": "Yard days",
    "names": "christmas",
    "observed": "nearest",
    "extra": "2026-12-28 Inventory",
    "version": "1",
}
DAYS_AWAY = {"first_day": "2099-01-01", "last_day": "2099-01-02"}
DOCKET = {
    "meeting_date": "2026-01-06",
    "place": "Office",
    "union_attendees": "A",
    "employer_attendees": "B",
    "cases": "",
}
DOCKET_MEETING = {"meeting_date": "2026-01-06", "union_attendees": "A", "employer_attendees": "B", "version": "1"}
DOCKET_EXTENSION = {
    "deadlines": "",
    "new_date": "2027-01-05",
    "for_union": "A",
    "for_employer": "B",
    "agreed_on": "2026-01-05",
    "note": "By phone",
}
EXTENSION = {
    "new_date": "2027-01-05",
    "for_union": "A",
    "for_employer": "B",
    "agreed_on": "2026-01-05",
    "document": "Letter",
    "document_file": "",
    "note": "Said",
    "version": "1",
}
ABEYANCE = {
    "from_day": "2026-08-20",
    "until": "2098-01-05",
    "why": "The court decides",
    "for_union": "A",
    "for_employer": "B",
    "document": "Letter",
}
UNTIMELY = {"claimed_by": "union", "claimed_on": "2026-08-20", "why": "Too late", "document": "Letter"}
NOT_PURSUED = {"with_prejudice": "True", "comparable_cases": "None", "appeal_until": "2098-01-05"}
HELP = {"reason": "medical", "description": "Rent", "amount_requested": "400", "needed_by": "", "version": "1"}
DRAFT_HELP = HELP | {
    "payee_kind": "utility",
    "payee_name": "Lakeside Power",
    "address": "400 Harbor Street",
    "purpose": "The electricity bill",
    "account_number": "77-1",
}
ACTIVITY = {
    "activity_date": "2026-01-05",
    "campaign_member": "",
    "activity_type": "meeting",
    "outcome": "",
    "location": "Yard",
    "workers_contacted": "3",
    "cards_signed": "1",
    "description": "Talked",
    "notes": "",
    "version": "1",
}
# Who, the route's name, the row and the move in the path, what is typed there.
FORMS: dict[str, tuple[str, str, tuple[str, ...], dict[str, str]]] = {
    "draft": ("staff", "intake_create", (), CASE),
    "draft edit": ("officer", "intake_edit", ("intake",), CASE | {"notes": "Ours"}),
    "draft file": ("staff", "intake_file", ("intake",), {"filed_date": "2026-01-06", "person": "", "version": "1"}),
    "draft document": ("staff", "intake_document_add", ("intake",), {}),
    "draft document back": ("staff", "intake_document_take_back", ("draft document",), {"reason": "Wrong one"}),
    "draft discard": ("staff", "intake_discard", ("intake",), {"reason": "Twice"}),
    "case meeting": ("staff", "grievance_move", ("case", "=hold_meeting"), MEETING),
    "case answer": ("staff", "grievance_move", ("case", "=record_answer"), ANSWER),
    "case advance": ("staff", "grievance_move", ("case", "=advance"), MEETING),
    "case settle": (
        "officer",
        "grievance_move",
        ("case", "=settle"),
        ENDING | {"amount": "100", "paid_by": "2098-01-05"},
    ),
    "case withdraw": ("officer", "grievance_move", ("case", "=withdraw"), ENDING | NOT_PURSUED),
    "case reopen": ("officer", "grievance_move", ("settled", "=reopen"), {"reason": "New facts", "version": "1"}),
    "case assign": ("officer", "grievance_assign", ("case",), {"person": "", "reason": "Near", "version": "1"}),
    "case ask": ("representative", "grievance_ask", ("case",), {}),
    "case restrict": ("officer", "grievance_restrict", ("case",), {"people": "1", "reason": "Private", "version": "1"}),
    "case facts": ("staff", "grievance_facts", ("case",), FACTS | {"version": "1"}),
    "case notes": ("officer", "grievance_notes", ("case",), {"notes": "Ours", "version": "1"}),
    "step replace": ("staff", "step_record_replace", ("step",), MEETING | {"outcome": "", "reason": "Wrong day"}),
    "answer replace": ("staff", "answer_replace", ("answer",), ANSWER | {"reason": "Wrong day"}),
    "case document": ("staff", "case_document_add", ("case",), {"category": "letter", "step_number": "1"}),
    "case document described": (
        "staff",
        "case_document_edit",
        ("case document",),
        {"category": "letter", "step_number": "1", "exhibit_series": "union", "exhibit_number": "3"},
    ),
    "case document replaced": ("staff", "case_document_replace", ("case document",), {}),
    "agreement file back": ("officer", "agreement_file_take_back", ("agreement file",), {"reason": "Wrong one"}),
    "case document back": ("staff", "case_document_take_back", ("case document",), {"reason": "Wrong one"}),
    "case to-do": (
        "staff",
        "task_add",
        ("case", "=todo"),
        {"what": "Call", "person": "", "due": "2098-01-05", "version": "1"},
    ),
    "case term": (
        "staff",
        "task_add",
        ("case", "=term"),
        {"what": "Pay", "asked_on": "2026-01-05", "due": "2098-01-05", "amount": "100", "version": "1"},
    ),
    "task edit": (
        "staff",
        "task_edit",
        ("task",),
        {"what": "List", "asked_on": "2026-01-05", "due": "2098-01-05", "version": "1"},
    ),
    "task done": ("staff", "task_done", ("task",), {"done_on": "2026-08-20", "done_words": "It came", "version": "1"}),
    "task remind": ("staff", "task_remind", ("task",), {"day": "2026-08-31", "version": "1"}),
    "task drop": ("staff", "task_drop", ("task",), {"reason": "Twice"}),
    "abeyance": ("staff", "case_act", ("case", "=put_in_abeyance"), ABEYANCE),
    "untimely": ("staff", "case_act", ("case", "=claim_untimely"), UNTIMELY),
    "abeyance ended": (
        "staff",
        "case_act",
        ("in abeyance", "=end_abeyance"),
        {"ended_on": "2026-08-20", "reason": "Over"},
    ),
    "panel asked for": (
        "officer",
        "case_act",
        ("demanded", "=request_panel"),
        {"source": "fmcs", "size": "7", "requested_on": "2026-08-20"},
    ),
    "panel typed": ("officer", "case_act", ("awaiting", "=type_panel"), {"names": "A\nB\nC", "first_strike": "union"}),
    "strike": ("officer", "case_act", ("arbitrated", "=strike"), {"name": "", "number": "1"}),
    "panel given up": ("officer", "case_act", ("arbitrated", "=give_up_panel"), {"reason": "Both asked"}),
    "hearing": ("staff", "case_act", ("arbitrated", "=set_hearing"), {"day": "2098-01-05", "place": "Hall"}),
    "brief": ("staff", "case_act", ("arbitrated", "=set_brief"), {"side": "union", "due": "2098-01-05"}),
    "award": (
        "officer",
        "case_act",
        ("arbitrated", "=record_award"),
        {
            "outcome": "split",
            "day": "2026-08-20",
            "received_on": "2026-08-21",
            "amount": "100",
            "summary": "Paid",
        },
    ),
    "cost": (
        "staff",
        "case_act",
        ("arbitrated", "=record_cost"),
        {"day": "2026-08-20", "what": "Fee", "amount": "100"},
    ),
    "case rules": (
        "admin",
        "grievance_rules",
        (),
        {
            "entry_step_individual": "1",
            "entry_step_group": "2",
            "entry_step_policy": "3",
            "reminder_days": "7, 3, 1, 0",
            "cutoff": "17:00",
            "version": "1",
        },
    ),
    "agreement": ("officer", "agreement_create", (), AGREEMENT),
    "agreement edit": ("officer", "agreement_edit", ("agreement",), AGREEMENT),
    "agreement next": (
        "officer",
        "agreement_copy",
        ("agreement",),
        {"title": "Next", "effective_from": "2029-01-01", "version": "1"},
    ),
    "agreement step": (
        "officer",
        "agreement_stage_create",
        ("agreement",),
        {"position": "4", "step": "step_3", "name": "Board", "version": ""},
    ),
    "agreement step edit": (
        "officer",
        "agreement_stage_edit",
        ("stage",),
        {"position": "1", "step": "step_1", "name": "Foreman", "version": "1"},
    ),
    "agreement rule": ("officer", "step_rule_create", ("agreement",), RULE),
    "agreement rule edit": ("officer", "step_rule_edit", ("rule",), RULE),
    "agreement closure": (
        "officer",
        "agreement_closure_create",
        ("agreement",),
        {"name": "Summer", "first_day": "2026-07-01", "last_day": "2026-07-10"},
    ),
    "agreement articles": ("officer", "agreement_clauses", ("agreement",), {"text": "Article 9 Grievances"}),
    "holidays": ("officer", "holiday_list_create", (), HOLIDAYS),
    "holidays edit": ("officer", "holiday_list_edit", ("holidays",), HOLIDAYS),
    "case agreement": ("officer", "case_agreement", ("case",), {"agreement": "", "reached_on": "", "version": "1"}),
    "delivery": (
        "staff",
        "delivery_create",
        ("case",),
        {
            "deadline": "",
            "what": "Form",
            "how": "hand",
            "to_whom": "Stone",
            "day": "2026-01-06",
            "time": "10:00",
            "proof": "Signed",
            "proof_file": "",
        },
    ),
    "away": ("officer", "away_new", (), {"person": "", "stand_in": "", **DAYS_AWAY}),
    "away end": ("officer", "away_end", ("away",), {}),
    "hand over": ("officer", "grievance_hand_over", (), {"former": ""}),
    "docket employer": ("staff", "docket_create", (), {"employer_met": ""}),
    "docket edit": ("staff", "docket_edit", ("docket",), DOCKET | {"version": "1"}),
    "docket record": (
        "staff",
        "docket_record",
        ("docket",),
        DOCKET_MEETING | {"how": "spoken", "outcome_1": "promised", "promised_1": "2026-01-07", "said_1": "Later"},
    ),
    "docket extend": ("staff", "docket_extend", ("docket",), DOCKET_EXTENSION),
    "extension": ("staff", "extension_create", ("deadline",), EXTENSION),
    "extension confirm": (
        "staff",
        "extension_confirm",
        ("extension",),
        {"document": "Letter", "document_file": "", "version": "1"},
    ),
    "letter": (
        "officer",
        "letter_edit",
        ("=step-letter",),
        {"title": "A letter", "body": "It stands at {step}.", "version": "1"},
    ),
    "calendar": ("staff", "deadline_feed_page", (), {}),
    "help": ("staff", "application_create", (), DRAFT_HELP | {"member": "104233", "notes": "Ours"}),
    "help own": ("member", "application_create", (), DRAFT_HELP),
    "help edit": ("staff", "application_edit", ("draft",), DRAFT_HELP | {"notes": ""}),
    "help paper": (
        "staff",
        "application_paper",
        ("draft",),
        {
            "applied_on": "2026-01-05",
            "decider_vp": "",
            "decided_on_vp": "2026-01-06",
            "amount_vp": "100",
            "reference_vp": "minutes",
            "version": "1",
        },
    ),
    "help amend": ("staff", "application_move", ("application", "=amend"), HELP),
    "help withdraw": ("staff", "application_move", ("application", "=withdraw"), {"reason": "No need", "version": "1"}),
    "help approve": (
        "benevolence-vp",
        "application_move",
        ("application", "=approve"),
        {"amount": "100", "comments": "Fits", "version": "1"},
    ),
    "help deny": ("benevolence-vp", "application_move", ("application", "=deny"), {"reason": "No", "version": "1"}),
    "help ask": ("benevolence-vp", "application_move", ("application", "=ask"), {"question": "Why?", "version": "1"}),
    "help defer": (
        "benevolence-vp",
        "application_move",
        ("application", "=defer"),
        {"until": "2099-01-01", "comments": "Later", "version": "1"},
    ),
    "help pay": (
        "treasurer",
        "application_move",
        ("approved", "=pay"),
        {"payment_date": "2026-01-05", "payment_method": "check", "payment_reference": "204", "version": "1"},
    ),
    "help payees": (
        "staff",
        "application_payees",
        ("draft",),
        {
            "payee_kind_1": "utility",
            "payee_name_1": "Lakeside",
            "address_1": "4 Harbor Street",
            "asked_1": "100",
            "purpose_1": "Light",
            "account_number_1": "77",
            "version": "1",
        },
    ),
    "payment sign": ("officer", "payment_sign", ("payment",), {"version": "1"}),
    "payment cleared": ("treasurer", "payment_cleared", ("payment",), {"cleared_on": "2026-01-05", "version": "1"}),
    "payment run": (
        "treasurer",
        "payment_run_new",
        (),
        {"lines": "", "payment_date": "2026-01-05", "payment_method": "check", "first_reference": "501"},
    ),
    "help void": ("treasurer", "application_move", ("paid", "=reverse"), {"reason": "Lost", "version": "1"}),
    "fund": (
        "treasurer",
        "fund_contribution",
        (),
        {"kind": "raffle", "amount": "9", "on": "2026-01-05", "note": "Picnic"},
    ),
    "bank statement": (
        "treasurer",
        "statement_new",
        (),
        {"month": "2026-01-01", "balance": "9", "note": "Fees"},
    ),
    "fund reversal": ("treasurer", "fund_reversal", ("entry",), {"reason": "Counted twice"}),
    "fund settings": (
        "treasurer",
        "fund_settings",
        (),
        {"notice_below": "900", "quarters_from": "2098", "version": "1"},
    ),
    "help document": ("staff", "document_add", ("draft",), {"category": "bill"}),
    "help document replaced": ("staff", "document_replace", ("document",), {}),
    "help document back": ("staff", "document_take_back", ("document",), {"reason": "Wrong one"}),
    "help recuse": ("benevolence-vp", "application_recuse", ("application",), {"kind": "friend"}),
    "help rules": (
        "admin",
        "benevolence_rules_new",
        (),
        RULES,
    ),
    "help rules edit": ("admin", "benevolence_rules_edit", ("rules",), RULES | {"version": "1"}),
    "help rules off": ("admin", "benevolence_rules_call_off", ("rules",), {"reason": "Too early"}),
    "help intake": ("staff", "application_intake", ("prepared",), {"note_0": "The roof is open", "version": "1"}),
    "help appeal": ("staff", "application_appeal", ("denied",), {}),
    "help declare": (
        "benevolence-vp",
        "relationship_new",
        (),
        {"member_number": "104233", "last_name": "Aalto", "kind": "friend"},
    ),
    "help stated": ("benevolence-vp", "relationship_state", (), {}),
    "help seat": ("officer", "seat_new", (), {"level": "vp", "user": "1", "until": "", "reason": "Elected"}),
    "help seat end": ("officer", "seat_end", ("seat",), {"reason": "Over"}),
    "help away": ("officer", "absence_new", (), {"user": "1", "first_day": "2099-01-01", "last_day": "2099-01-02"}),
    "help substitute": ("officer", "substitute_propose", ("stuck",), {"user": "1", "reason": "Related"}),
    "help substitute sure": ("officer", "substitute_confirm", ("proposed",), {}),
    "campaign open": ("organizing-director", "campaign_open", (), {"code_name": "Osprey", "lead": "1"}),
    "campaign edit": (
        "organizer",
        "campaign_edit",
        ("campaign",),
        {
            "organization": "Crane Yard",
            "stage": "building",
            "unit_size": "40",
            "opened": "",
            "salting_score": "3",
            "salting_notes": "Old yard",
            "version": "1",
        },
    ),
    "appoint": ("organizer", "campaign_appoint", ("campaign",), {"user": "1", "duty": "organizer", "last_day": ""}),
    "team confirm": ("organizer", "assignment_confirm", ("resting",), {"epoch": "1"}),
    "lead confirm": ("organizing-director", "lead_confirm", ("leaderless",), {"epoch": "1"}),
    "salt": ("organizer", "salt_add", ("campaign",), {"member": "104233", "handler": "", "since": "2026-01-05"}),
    "salt end": ("organizer", "salt_end", ("salt",), {"until": "2026-12-31", "reason": "Left"}),
    "activity": ("organizer", "activity_add", ("campaign",), ACTIVITY),
    "activity edit": ("organizer", "activity_edit", ("activity",), ACTIVITY),
    "entry": (
        "member",
        "entry_add",
        (),
        {
            "which": "",
            "day": "2026-01-05",
            "kind": "meeting",
            "how": "",
            "people": "3",
            "filled": "1",
            "place": "",
            "text": "T",
        },
    ),
}
# A select, a box or a hidden field cannot show what it does not offer.
NOT_SHOWN_AGAIN = {
    "decider_vp",
    "employer_met",
    "former",
    "stand_in",
    "cases",
    "deadlines",
    "outcome_1",
    "version",
    "grievance_type",
    "told_how_0",
    "with_prejudice",
    "person",
    "people",
    "outcome",
    "entry_step_individual",
    "entry_step_group",
    "entry_step_policy",
    "reason",
    "kind",
    "payment_method",
    "lead",
    "stage",
    "salting_score",
    "user",
    "duty",
    "epoch",
    "handler",
    "campaign_member",
    "activity_type",
    "which",
    "how",
}
VISITS = {
    "staff": [
        "/grievances/",
        "/grievances/drafts/",
        "/grievances/export/csv/",
        "/benevolence/applications/",
        "/",
        "/api/v1/grievances/",
        "/api/v1/benevolence-applications/",
        "/admin/grievances/grievance/",
    ],
    "officer": ["/grievances/?status=unresolved", "/admin/grievances/grievanceintake/", "/benevolence/reports/"],
    "benevolence-vp": ["/benevolence/queue/", "/admin/benevolence/benevolenceapplication/"],
    "organizer": ["/organizing/", "/organizing/activities/", "/api/v1/salting-activities/", "/api/v1/campaigns/"],
    "organizing-director": ["/organizing/oversight/"],
}


@pytest.fixture(scope="module")
def people(everybody) -> People:
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return rows_for(people)


def rows_for(people: People) -> dict[str, Any]:
    """A row of each kind that those who type may reach."""
    member = MemberFactory(member_number="104233")
    employer = OrganizationFactory(name="Crane Yard")
    campaign = AssignmentFactory(user=people["organizer"], duty="lead").campaign
    salt = CampaignMemberFactory(campaign=campaign, member=people["member"].member)
    UserFactory()
    fill_seats(people)
    entered = {"entered_by": people["staff"], "member": member}
    paid = ApplicationFactory(status="paid", **entered)
    return {
        "payment": Payment.objects.get(line__application=paid),
        "intake": IntakeFactory(people=[member], organization=employer, drafted_by=people["staff"]),
        "case": GrievanceFactory(people=[member], employer=employer),
        "settled": GrievanceFactory(settled=True),
        "in abeyance": AbeyanceFactory().grievance,
        "demanded": GrievanceFactory(at_arbitration=True),
        "awaiting": ArbitrationFactory(names=[]).grievance,
        "arbitrated": ArbitrationFactory().grievance,
        "step": StepRecordFactory(),
        "task": TaskFactory(kind="information", asked_on=date(2026, 1, 5), due=None),
        "case document": CaseDocumentFactory(),
        "agreement file": AgreementFileFactory(),
        "draft document": IntakeDocumentFactory(),
        "answer": EmployerAnswerFactory(),
        "draft": (draft := ApplicationFactory(**entered)),
        "document": DocumentFactory(application=draft),
        "application": ApplicationFactory(status="submitted", **entered),
        "approved": ApplicationFactory(status="approved", **entered),
        "paid": paid,
        "entry": donated(100),
        **seats_for(people, entered),
        **dates_for(people),
        "agreement of the case": AgreementFactory(employer=employer, rules=False),
        "rules": policies.add_version({}, actor=None, starts_on=date(2098, 1, 1)),
        "campaign": campaign,
        "resting": AssignmentFactory(campaign=campaign, identity_epoch=9),
        "leaderless": AssignmentFactory(duty="lead", identity_epoch=9).campaign,
        "salt": salt,
        "activity": ActivityFactory(campaign=campaign, campaign_member=salt, entered_by=people["organizer"]),
    }


def dates_for(people: People) -> dict[str, Any]:
    """An agreement with its parts, and a date of a case with an extension."""
    made = one_of_each(people["staff"])
    names = {"agreement": "agreement", "stage": "agreementstage", "rule": "steprule", "holidays": "holidaylist"}
    names |= {"deadline": "deadline", "docket": "docket", "away": "away", "extension": "extension"}
    return {name: made[f"grievances.{model}"] for name, model in names.items()}


def seats_for(people: People, entered: dict[str, Any]) -> dict[str, Any]:
    """A seat, a case that nobody may decide, one that waits for intake and one that was denied."""
    related = RelationshipFactory(user=people["benevolence-vp"])
    stuck = ApplicationFactory(status="submitted", member=related.member)
    return {
        "prepared": ApplicationFactory(status="submitted", is_blind=True, needs_intake=True, **entered),
        "denied": ApplicationFactory(status="denied", **entered),
        "stuck": stuck,
        "proposed": CaseSubstitute.objects.create(
            application=ApplicationFactory(status="submitted", member=related.member),
            level="vp",
            user=people["benevolence-manager"],
            reason="Related",
            proposed_by=UserFactory(),
        ),
        "seat": Seat.objects.create(
            level="president", user=people["benevolence-president"], position=1, reason="Elected"
        ),
    }


def address(form: str, world: dict[str, Any]) -> str:
    _who, route, places, _values = FORMS[form]
    return reverse(route, args=[place[1:] if place.startswith("=") else world[place].pk for place in places])


def poisoned(client_of: Any, form: str, world: dict[str, Any], seed: int) -> dict[str, int]:
    """The lists, exports and pages of records of the form's own domain that fail after what was taken.

    On a commit half of them, drawn; in the battery those of all three domains.
    """
    draw = random.Random(f"{seed} {form}")
    pages = {name: list(paths) for name, paths in VISITS.items()}
    pages["staff"] += [world[row].get_absolute_url() for row in ("case", "draft", "application")]
    pages["organizer"] += [world[row].get_absolute_url() for row in ("campaign", "activity")]
    place = address(form, world).split("/")[1]
    domain = {"entries": "organizing"}.get(place, place)
    found = {}
    for name, paths in pages.items():
        asked = [path for path in paths if WHOLE or ((path == "/" or domain in path) and draw.random() < 0.5)]
        browser = client_of(name, raise_request_exception=False) if asked else None
        for path in asked:
            response = browser.get(path)
            if response.streaming:
                b"".join(response.streaming_content)
            if response.status_code not in (200, 404):
                found[name, path] = response.status_code
    return found


CLASSES: dict[Any, Any] = {}  # of every field here; asked by the first test that needs them


@pytest.fixture
def dealt(client_of, world, seed) -> dict[Any, list[str]]:
    if not CLASSES:
        pages = ((form, client_of(FORMS[form][0]).get(address(form, world)), FORMS[form][3]) for form in FORMS)
        CLASSES.update(classes_of(pages))
    return deal(CLASSES, turn=seed, played=SHARED_CLASSES)


@pytest.mark.parametrize("form", FORMS)
def test_rubbish_in_each_field_of_each_form(client_of, world, form, dealt, seed):
    """Taken (2xx, 3xx), told at the field (422), refused in words (409, 403 once the moment is over), or 400, 404."""
    who, _route, _places, values = FORMS[form]
    browser, path = client_of(who, raise_request_exception=False), address(form, world)
    odd, lost, taken = {}, set(), False
    for wrong, kind in rubbish_for(form, values, dealt):
        response = browser.post(path, values | wrong)
        taken = taken or response.status_code in (200, 302)
        if response.status_code not in (200, 302, 400, 403, 404, 409, 422) or not is_ours(response):
            odd[tuple(wrong), kind] = response.status_code
        if response.status_code == 422:
            shown = html.unescape(response.text).replace("\r\n", "\n")
            assert "This field is required." not in shown
            typed = {name: text for name, text in (values | wrong).items() if name not in NOT_SHOWN_AGAIN}
            lost |= {(name, kind) for name, text in typed.items() if not kept(text, shown)}
    assert (odd, lost) == ({}, set())
    if WHOLE or taken:
        assert poisoned(client_of, form, world, seed) == {}


@pytest.mark.heavy
def test_the_world_of_this_test_reaches_its_forms(client_of, world):
    """Otherwise every refusal above would be that of an absent row."""
    statuses = {form: client_of(who).get(address(form, world)).status_code for form, (who, *_rest) in FORMS.items()}
    assert {form: status for form, status in statuses.items() if status != 200} == {}


MEANWHILE = (
    "Somebody else saved this record while you were editing it.",
    "Somebody changed this record meanwhile. Look at it again, then decide.",
    "Somebody changed this case meanwhile. Open it again and look before you decide.",
    "Somebody changed this draft meanwhile. Read it again, then file it.",
    "Somebody changed these settings meanwhile.",
    "Somebody changed these rules meanwhile.",
    "Somebody changed this wording meanwhile. Copy what you typed, then open the page again and compare.",
)


VERSIONED = [form for form, (_who, route, _rows, values) in FORMS.items() if is_about_a_version(route, values)]


@pytest.mark.heavy
@pytest.mark.parametrize("form", VERSIONED)
def test_a_version_that_is_missing_or_over_is_refused_and_nothing_typed_is_lost(client_of, people, world, form):
    who, _route, _rows, values = FORMS[form]
    valid = {"case restrict": {"people": people["officer"].pk}, "activity edit": {"campaign_member": world["salt"].pk}}
    valid["case agreement"] = {"agreement": world["agreement of the case"].pk}
    valid["docket edit"] = {"cases": world["docket"].cases.get().grievance_id}
    valid["help paper"] = {"decider_vp": people["benevolence-vp"].pk}
    browser, path, values = client_of(who), address(form, world), values | valid.get(form, {})
    versions = [name for name in values if name.endswith("version")]
    before = versions_in(browser.get(path))
    assert before.keys() == {*versions}
    for seen in ({}, dict.fromkeys(versions, ""), dict.fromkeys(versions, "77")):
        typed = {name: text for name, text in values.items() if name not in versions}
        response = browser.post(path, typed | seen)
        told = response.context["form"].errors
        assert (response.status_code, told.keys()) == (409, {"__all__"})
        assert told["__all__"][0] in MEANWHILE
        shown = html.unescape(response.content.decode()).replace("\r\n", "\n")
        assert {name: text for name, text in typed.items() if not kept(str(text), shown)} == {}
    assert versions_in(browser.get(path)) == before


LISTS = {
    "/grievances/": ("staff", ("q", "status", "step", "grievance_type", "assigned", "sort", "after", "before", "from")),
    "/grievances/drafts/": ("staff", ("q", "sort", "after", "before")),
    "/grievances/export/csv/": ("staff", ("q", "status")),
    "/grievances/lists/": ("officer", ("status", "sort", "after", "before")),
    "/grievances/patterns/": ("staff", ("first", "last", "employer", "article", "department", "rep", "step", "status")),
    "/grievances/patterns/export/csv/": ("staff", ("article", "first")),
    "/benevolence/past-help/": ("treasurer", ("reason", "member", "sort", "after", "before")),
    "/benevolence/past-help/lists/": ("treasurer", ("status", "sort", "after", "before")),
    "/benevolence/applications/": ("staff", ("q", "status", "reason", "level_due", "sort", "after", "before")),
    "/organizing/": ("organizer", ("q", "stage", "sort", "after", "before")),
    "/organizing/activities/": ("organizer", ("q", "type", "outcome", "campaign", "since", "until", "after", "before")),
    "/organizing/oversight/": ("organizing-director", ("after", "before")),
    "/api/v1/grievances/": ("staff", ("q", "status", "step", "after", "before", "format")),
    "/api/v1/benevolence-applications/": ("benevolence-vp", ("q", "status", "level_due", "after", "before")),
    "/api/v1/salting-activities/": ("organizer", ("q", "type", "campaign", "since", "until", "after")),
    "/members/suggest/": ("staff", ("member", "members")),
}


# Lists are read by one machinery: words, choices and positions alike.
CLASS_OF = {"q": "word", "after": "cursor", "before": "cursor", "from": "cursor", "since": "day", "until": "day"}
CLASS_OF |= {"member": "word", "members": "word", "article": "word", "first": "day", "last": "day"}
PARAMETERS = {(path, name): CLASS_OF.get(name, "choice") for path, (_who, names) in LISTS.items() for name in names}
PARAMETERS |= {(path, ALL): ALL for path in LISTS}


@pytest.mark.parametrize("path", LISTS)
def test_rubbish_in_each_parameter(client_of, world, path, seed):
    who, parameters = LISTS[path]
    browser: Client = client_of(who, raise_request_exception=False)
    odd = {}
    for query, kind in rubbish_for(path, dict.fromkeys(parameters), deal(PARAMETERS, turn=seed)):
        response = browser.get(path, query)
        if response.status_code not in (200, 302, 400, 404, 406) or not is_ours(response):
            odd[tuple(query), kind] = response.status_code
    assert odd == {}


BODIES = [
    b"{",
    b"[]",
    b'{"amount": {"a": 1}}',
    b'{"amount": [[1]]}',
    b'{"amount": 1e400}',
    b'{"amount": NaN}',
    b"[" * 50_000,
    b'{"comments": "\\u0000"}',
    b'{"comments": "\\ud800"}',
]
KINDS = ("application/json", "text/plain", "application/xml")


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_rubbish_as_a_move_of_the_api(client_of, world, body):
    path = f"/api/v1/benevolence-applications/{world['application'].pk}/moves/approve/"
    browser = client_of("benevolence-vp", raise_request_exception=False)
    found = [browser.generic("POST", path, body, kind) for kind in KINDS]
    assert found[0].status_code in (400, 422)
    assert [answer.status_code for answer in found[1:]] == [415, 415]
    assert {answer["Content-Type"] for answer in found} == {"application/json"}
    world["application"].refresh_from_db()
    assert (world["application"].status, world["application"].version) == ("submitted", 1)

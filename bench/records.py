"""Cases, applications, campaigns and everything else that has a list, as many of each as there are members.

One row of each table is made by its factory, with all that the models compute; PostgreSQL multiplies it, with
expressions of `n` for the columns that differ. So a column that a migration adds needs nothing here.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from bench.cases import PROBES
from bench.people import DESKS, FIRST_DESK
from bench.population import go_on_counting, restore_indexes, take_indexes

CAMPAIGNS_OF_100_000, SALTS = 3_250, 10
SEALED = 300
# Spread over the years since 2015, the newest last.
DAY = "(date '2015-01-05' + (n::bigint * 4300 / {count})::int)"
MOMENT = f"({DAY}::timestamp AT TIME ZONE 'UTC' + interval '17 hours')"
OFFICER_CAMPAIGNS = 5
OPEN = "n % 100 < 13"  # the cases that are not over


def key(name: str, number: str = "n") -> str:
    """A key that can be computed anew wherever the row is named."""
    return f"md5('{name}' || ({number}))::uuid"


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` rows like `row`; `columns` are SQL of `n`, `source` what they read besides."""

    row: Any
    count: int
    columns: Mapping[str, str]
    source: str = ""
    where: str = "true"

    @property
    def table(self) -> str:
        return self.row._meta.db_table

    def statement(self) -> tuple[sql.Composed, list[Any]]:
        from django.db import connection

        names, values, parameters = [], [], []
        for column in self.row._meta.concrete_fields:
            if column.attname not in self.columns and column.get_internal_type().endswith("AutoField"):
                continue
            names.append(sql.Identifier(column.column))
            if column.attname in self.columns:
                values.append(sql.SQL(self._filled(self.columns[column.attname])))
            else:
                values.append(sql.Placeholder())
                parameters.append(column.get_db_prep_save(column.pre_save(self.row, True), connection))
        text = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) n {} WHERE {}").format(
            sql.Identifier(self.table),
            sql.SQL(", ").join(names),
            sql.SQL(", ").join(values),
            self.count,
            sql.SQL(self._filled(self.source)),
            sql.SQL(self._filled(self.where)),
        )
        return text, parameters

    def _filled(self, text: str) -> str:
        return text.replace("{count}", str(self.count)).replace("%", "%%")


def add(url: str, count: int) -> None:
    """To a portal that has its members; `url` names the same database as the settings."""
    from bench.people import make

    people = make()
    crowds = _crowds(count, people)
    tables = list(dict.fromkeys(crowd.table for crowd in crowds))
    with psycopg.connect(url, autocommit=True) as connection:
        indexes = take_indexes(connection, tables)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda crowd: _write(url, crowd), crowds))
        restore_indexes(url, indexes)
        go_on_counting(connection, [crowd.table for crowd in crowds if _is_counted(crowd.row)])
        connection.execute("VACUUM ANALYZE")
    _seal()


def _is_counted(row: Any) -> bool:
    return row._meta.pk.get_internal_type().endswith("AutoField")


def _write(url: str, crowd: Crowd) -> None:
    """Without triggers: what the rows name is there when all are written."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(*crowd.statement())


def _seal() -> None:
    """The texts of the newest applications, and of those to decide, are encrypted for their own rows, so they open."""
    from benevolence.models import BenevolenceApplication

    newest = BenevolenceApplication.objects.select_related("member").order_by("-list_date", "-id")
    for row in [*newest[:SEALED], *newest.filter(status="submitted", level_due="vp")[:PROBES]]:
        row.description = "Off work since the operation; the sick pay does not cover the rent."
        row.save()


def _crowds(count: int, people: Mapping[str, Any]) -> list[Crowd]:
    from members.models import Organization

    employers = Organization.objects.count()
    parts = (_accounts, _grievances, _benevolence, _fund, _organizing, _trail)
    return [crowd for part in parts for crowd in part(count, employers, people)]


# Who the n-th row is about, as `m`, and which employer it names, as `o`.
ABOUT = "JOIN members_member m ON m.id = 1 + (n::bigint * 7919) % {count}"


def _with_employer(employers: int) -> str:
    return f"{ABOUT} JOIN members_organization o ON o.id = 1 + (n::bigint * 31) % {employers}"


def _accounts(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    """Everybody has an account and the role of a member, and signed in by a program once."""
    from allauth.account.models import EmailAddress
    from django.utils import timezone

    from accounts.factories import RoleAssignmentFactory, UserFactory
    from accounts.models import RefreshToken, Role

    user = UserFactory(email="first@crowd.example", password="!")
    term = RoleAssignmentFactory(user=user, role=Role.objects.get(name="member"))
    epoch, now = user.session_epoch, timezone.now()
    device = RefreshToken.objects.create(user=user, token_hash="0", session_epoch=epoch, expires_at=now)
    mail = EmailAddress.objects.get(user=user)
    account, who = f"{FIRST_DESK - 1} + n", "JOIN members_member m ON m.id = n"
    names = {"first_name": "m.first_name", "last_name": "m.last_name"}
    address = "'user' || n || '@people.example'"
    is_linked = f"n > {DESKS} AND n % 2 = 0"
    theirs = {"member_id": f"CASE WHEN {is_linked} THEN n END", "is_no_member": f"NOT ({is_linked})"}
    return [
        Crowd(user, count, {"id": account, "email": address, **theirs, **names}, who),
        Crowd(mail, count, {"user_id": account, "email": address}),
        Crowd(term, count, {"user_id": account, "starts_at": MOMENT, "assigned_at": MOMENT}),
        Crowd(device, count, {"id": key("device"), "user_id": account, "token_hash": "md5('token' || n)"}),
    ]


def _desk(number: str = "n") -> str:
    return f"{FIRST_DESK} + ({number}) % {DESKS}"


def _grievances(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    from grievances.factories import DeadlineFactory, GrievanceFactory, IntakeFactory, StepRecordFactory, TaskFactory

    case, step, draft = GrievanceFactory(), StepRecordFactory(), IntakeFactory()
    steward, named = people["steward"].pk, draft.members.through.objects.filter(grievanceintake=draft).get()
    number = f"'GR-' || extract(year FROM {DAY}) || '-' || lpad(n::text, 7, '0')"
    words = f"' gr ' || extract(year FROM {DAY}) || ' ' || lpad(n::text, 7, '0') || ' ' || extract(year FROM {DAY})"
    words += " || lpad(n::text, 7, '0') || ' ' || o.sort_name || ' article 14 section 2 ' || m.sort_name"
    status = "CASE WHEN n % 100 < 5 THEN 'open' WHEN n % 100 < 8 THEN 'investigation' WHEN n % 100 < 12 THEN 'hearing'"
    status += (
        " WHEN n % 100 = 12 THEN 'arbitration' WHEN n % 100 < 50 THEN 'settled' WHEN n % 100 < 65 THEN 'withdrawn'"
    )
    status += " ELSE 'closed' END"
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    columns = {
        **times,
        "id": key("grievance"),
        "grievance_number": number,
        "grievance_type": "CASE WHEN n % 25 = 3 THEN 'policy' WHEN n % 12 = 1 THEN 'group' ELSE 'individual' END",
        "member_id": "CASE WHEN n % 25 <> 3 THEN m.id END",
        "employer_id": "o.id",
        "filed_date": DAY,
        "incident_date": f"{DAY} - 8",
        "knowledge_date": f"{DAY} - 7",
        "status": status,
        "status_before": "CASE WHEN n % 100 > 12 THEN 'hearing' ELSE '' END",
        "current_step": "CASE WHEN n % 100 = 12 THEN 'arbitration' ELSE 'step_' || 1 + n % 3 END",
        "resolution": "CASE WHEN n % 100 > 12 THEN 'Six hours at the overtime rate.' ELSE '' END",
        "resolution_date": f"CASE WHEN n % 100 > 12 THEN {DAY} + 60 END",
        "settlement_amount": "CASE WHEN n % 100 BETWEEN 13 AND 49 THEN 318.50 END",
        "assigned_rep_id": f"CASE WHEN n % 200 = 7 THEN {steward} WHEN n % 3 > 0 THEN {_desk()} END",
        "is_restricted": "n % 100 = 6",
        "search_text": words,
    }
    drafts = {"id": key("draft"), "filed_as_id": f"CASE WHEN n % 10 > 0 THEN {key('grievance')} END", **times}
    drafts |= {"drafted_by_id": f"CASE WHEN n % 200 = 10 THEN {steward} ELSE {_desk()} END"}
    drafts |= {"organization_id": f"1 + (n::bigint * 31) % {employers}"}
    grievant = {"id": key("grievant"), "grievance_id": key("grievance"), "member_id": "m.id", **times}
    steps = {"id": key("step"), "grievance_id": key("grievance"), "meeting_date": f"{DAY} + 20", **times}
    steps |= {"outcome": "CASE WHEN n % 100 < 12 THEN '' ELSE 'denied' END"}
    # An open case has two dates that run, spread from last week over a year, and some have something to be done.
    due = "current_date - 7 + (n::bigint * 7919 % 365)::int"
    dates = {"id": key("deadline"), "grievance_id": key("grievance"), "contract_date": due, "due": due, **times}
    theirs = {**dates, "id": key("answer-due"), "side": "'employer'", "clock": "'answer'"}
    tasks = {"id": key("task"), "grievance_id": key("grievance"), "person_id": _desk(), "due": due, **times}
    return [
        Crowd(case, count, columns, _with_employer(employers)),
        Crowd(case.grievants.get(), count, grievant, ABOUT, "n % 25 <> 3"),
        Crowd(step, count, steps),
        Crowd(DeadlineFactory(), count, dates, where=f"{OPEN} AND n % 50 > 0"),
        Crowd(DeadlineFactory(), count, theirs, where=f"{OPEN} AND n % 50 > 0"),
        Crowd(TaskFactory(), count, tasks, where="n % 100 < 5"),
        Crowd(draft, count, drafts),
        Crowd(named, count, {"grievanceintake_id": key("draft"), "member_id": "m.id"}, ABOUT),
    ]


def _benevolence(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    """The office of the bench entered one in 35; one in 50 waits for a level."""
    from benevolence.factories import ApplicationFactory, RelationshipFactory, ReviewFactory
    from members.models import Member

    application = ApplicationFactory(description="")
    review = ReviewFactory(comments="")
    staff, vp, payer = (people[name].pk for name in ("staff", "benevolence-vp", "treasurer"))
    status = "CASE WHEN n % 100 < 5 THEN 'draft' WHEN n % 100 < 6 THEN 'submitted' WHEN n % 100 < 8 THEN 'under_review'"
    status += " WHEN n % 100 < 10 THEN 'approved' WHEN n % 100 < 80 THEN 'paid' WHEN n % 100 < 90 THEN 'denied'"
    status += " ELSE 'withdrawn' END"
    sent, granted, paid = "n % 100 >= 5", "n % 100 BETWEEN 8 AND 79", "n % 100 BETWEEN 10 AND 79"
    year, padded = f"extract(year FROM {DAY})", "lpad(n::text, greatest(4, length(n::text)), '0')"
    number = f"'BN-' || {year} || '-' || {padded}"
    words = f"' bn ' || {year} || ' ' || {padded} || ' ' || {year} || {padded} || ' '"
    words = f"CASE WHEN {sent} THEN {words} ELSE ' ' END || m.sort_name || ' ' || coalesce(m.member_number, '')"
    levels = "(ARRAY['vp', 'admin', 'manager', 'president'])[1 + n / 100 % 4]"
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    columns = {
        **times,
        "id": key("application"),
        "application_number": f"CASE WHEN {sent} THEN {number} END",
        "application_date": f"CASE WHEN {sent} THEN {DAY} END",
        "member_id": "m.id",
        "reason": "(ARRAY['medical', 'death_in_family', 'disaster', 'hardship', 'other'])[1 + n % 5]",
        "amount_requested": "150 + n % 19 * 50",
        "status": status,
        "level_due": f"CASE WHEN n % 100 BETWEEN 5 AND 7 THEN {levels} ELSE '' END",
        "level_reached": f"CASE WHEN {sent} THEN 1 + n / 100 % 4 ELSE 0 END",
        "approved_amount": f"CASE WHEN {granted} THEN 150 END",
        "approved_on": f"CASE WHEN {granted} THEN {DAY} + 20 END",
        "payment_date": f"CASE WHEN {paid} THEN {DAY} + 25 END",
        "payment_method": f"CASE WHEN {paid} THEN 'direct_deposit' ELSE '' END",
        "paid_by_id": f"CASE WHEN {paid} THEN {payer} END",
        "begun_by_id": _desk(),
        "entered_by_id": f"CASE WHEN n % 35 = 0 THEN {staff} ELSE {_desk()} END",
        "list_date": DAY,
        "sort_number": f"CASE WHEN {sent} THEN 'BN-' || {year} || '-' || lpad(n::text, 9, '0') ELSE '' END",
        "search_text": words,
    }
    decided = {
        **times,
        "id": key("review"),
        "application_id": key("application"),
        "reviewer_id": f"CASE WHEN n % 2 = 0 THEN {vp} ELSE {_desk()} END",
        "decision": "CASE WHEN n % 100 < 8 THEN 'deferred' WHEN n % 100 < 80 THEN 'approved' ELSE 'denied' END",
        "amount": f"CASE WHEN {granted} THEN 150 END",
        "review_date": f"{DAY} + 10",
    }
    for member in Member.objects.order_by("pk")[10:13]:
        relation = RelationshipFactory(user=people["benevolence-vp"], member=member)
    related = {"id": key("relation"), "user_id": _desk(), "member_id": "m.id"}
    return [
        Crowd(application, count, columns, ABOUT),
        Crowd(review, count, decided, where="n % 100 BETWEEN 6 AND 89"),
        Crowd(relation, min(count, 500), related, ABOUT),
    ]


def _fund(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    """What was approved is set aside, and what is paid left by check; of the newest nobody has signed yet."""
    from benevolence.enums import Account, EntryKind
    from benevolence.models import FundTransfer, Payment, PaymentLine

    payer, officer = people["treasurer"].pk, people["officer"].pk
    asked, granted, paid = "n % 100 >= 5", "n % 100 BETWEEN 8 AND 79", "n % 100 BETWEEN 10 AND 79"
    times = {"created_at": MOMENT, "updated_at": MOMENT}
    amount = f"CASE WHEN {granted} THEN 150 ELSE 150 + n % 19 * 50 END"
    payee = {**times, "id": key("line"), "application_id": key("application"), "amount": amount}
    payee |= {"payee_name": "m.sort_name", "asked": "150 + n % 19 * 50"}
    check = {**times, "id": key("payment"), "line_id": key("line"), "paid_on": f"{DAY} + 25", "paid_by_id": str(payer)}
    check |= {"voucher_number": "'BV-' || n", "reference": "(100000 + n)::text"}
    check |= {"second_signer_id": f"CASE WHEN n < {{count}} - 500 THEN {officer} END"}
    check |= {"signed_at": f"CASE WHEN n < {{count}} - 500 THEN {MOMENT} END"}
    entry = {"application_id": key("application"), "recorded_by_id": str(payer), "created_at": MOMENT}
    aside = FundTransfer(kind=EntryKind.SET_ASIDE, credit_id=Account.AVAILABLE, debit_id=Account.SET_ASIDE, amount=150)
    out = FundTransfer(kind=EntryKind.PAYMENT, credit_id=Account.SET_ASIDE, debit_id=Account.PAID_OUT, amount=150)
    sent = {"id": key("aside"), "key": "'set-aside:' || n", "on": f"{DAY} + 20", **entry}
    left = {"id": key("out"), "key": "'payment:' || n", "on": f"{DAY} + 25", "payment_id": key("payment"), **entry}
    return [
        Crowd(PaymentLine(), count, payee, ABOUT, asked),
        Crowd(Payment(amount=150, payment_method="check"), count, check, where=paid),
        Crowd(aside, count, sent, where=granted),
        Crowd(out, count, left, where=paid),
    ]


def _organizing(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    """The organizer of the bench leads every campaign; an officer is assigned to five."""
    from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory

    campaigns = max(OFFICER_CAMPAIGNS, count * CAMPAIGNS_OF_100_000 // 100_000)
    campaign = CampaignFactory()
    lead = AssignmentFactory(campaign=campaign, duty="lead", user=people["organizer"])
    helper = AssignmentFactory(campaign=campaign, user=people["officer"])
    salt = CampaignMemberFactory(campaign=campaign)
    activity = ActivityFactory(campaign=campaign, campaign_member=salt, entered_by=people["organizer"])
    times, where = {"created_at": MOMENT, "updated_at": MOMENT}, key("campaign")
    opened = {
        **times,
        "id": where,
        "code_name": "'Kestrel ' || n",
        "target_id": "o.id",
        "stage": "CASE WHEN n % 5 = 0 THEN 'ended' ELSE 'building' END",
        "opened": DAY,
        "closed": f"CASE WHEN n % 5 = 0 THEN {DAY} + 200 END",
        "sort_name": "'kestrel ' || n",
        "search_text": "' kestrel ' || n",
    }
    sealed = {"location": "''", "description": "''", "notes": "''"}
    # counted from 0, so that ten follow each other in every campaign
    number = f"1 + (n - 1) % {SALTS}"
    acting = {
        "id": key("salt", "n - 1"),
        "campaign_id": key("campaign", f"1 + (n - 1) / {SALTS}"),
        "number": number,
        "pseudonym": f"'S-' || lpad(({number})::text, 3, '0')",
        "member_ref": "''",
        "member_index": "''",
        "account_ref": "''",
        "account_index": "''",
    }
    happened = {
        **times,
        **sealed,
        "id": key("activity"),
        "campaign_id": key("campaign", f"1 + n % {campaigns}"),
        "campaign_member_id": key("salt", f"(n % {campaigns}) * {SALTS} + n / {campaigns} % {SALTS}"),
        "activity_type": "(ARRAY['outreach', 'site_visit', 'leafleting', 'one_on_one', 'meeting'])[1 + n % 5]",
        "activity_date": DAY,
        "outcome": "(ARRAY['positive', 'neutral', 'negative', 'no_contact', ''])[1 + n % 5]",
        "workers_contacted": "3 + n % 7",
        "cards_signed": "n % 3",
    }
    return [
        Crowd(campaign, campaigns, opened, f"JOIN members_organization o ON o.id = 1 + (n::bigint * 31) % {employers}"),
        Crowd(lead, campaigns, {"id": key("lead"), "campaign_id": where}),
        Crowd(helper, OFFICER_CAMPAIGNS, {"id": key("helper"), "campaign_id": where}),
        Crowd(salt, campaigns * SALTS, acting),
        Crowd(activity, count, happened),
    ]


def _trail(count: int, employers: int, people: Mapping[str, Any]) -> list[Crowd]:
    """Without a chain: what is measured is reading. One event in ten is the vault's."""
    from core.models import AuditEvent, ReadEvent

    event = AuditEvent(
        action="changed", actor=people["staff"], actor_name="Staff Person", body={}, key_id="none", mac="0"
    )
    event.at = people["staff"].created_at
    seen = ReadEvent(actor=people["staff"], kind="opened")
    kinds = "CASE WHEN n % 10 = 0 THEN 'organizing.campaign' WHEN n % 10 < 4 THEN 'grievances.grievance'"
    kinds += " WHEN n % 10 < 6 THEN 'benevolence.benevolenceapplication' ELSE 'members.member' END"
    subject = f"CASE WHEN n % 10 = 0 THEN {key('campaign')}::text WHEN n % 10 < 4 THEN {key('grievance')}::text"
    subject += f" WHEN n % 10 < 6 THEN {key('application')}::text ELSE n::text END"
    about = {"subject_type": kinds, "subject_id": subject, "at": MOMENT, "actor_id": _desk()}
    chained = {"stream": f"{kinds} || ':' || {subject}", "seq": "1", "actor_name": "'Somebody ' || n % 200"}
    return [Crowd(event, count, {**about, **chained}), Crowd(seen, count, about)]

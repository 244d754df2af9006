"""What the database refuses beyond constraints of one row; docs/security.md says what SQLite cannot hold."""

from benevolence.models.approvals import (
    APPLICATIONS,
    GRANTED,
    REVIEWS,
    is_involved,
    lacking,
    least_approved,
    on_both,
)
from core.db.triggers import Trigger, refusing

ACCOUNTS, TRANSFERS = "benevolence_fundaccount", "benevolence_fundtransfer"
LINES, PAYMENTS = "benevolence_paymentline", "benevolence_payment"

# Of an entry, or of all entries of one statement: what each account gains.
COUNT = f"""
CREATE OR REPLACE FUNCTION benevolence_count_money() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE {ACCOUNTS} account SET balance = account.balance + moved.amount
FROM (SELECT kind, sum(amount) AS amount FROM (
        SELECT debit_id AS kind, amount FROM added UNION ALL SELECT credit_id, -amount FROM added
      ) each_side GROUP BY kind) moved
WHERE account.kind = moved.kind;
IF EXISTS (
  SELECT 1 FROM {TRANSFERS} entry
  WHERE entry.application_id IN (SELECT application_id FROM added WHERE 'set_aside' IN (debit_id, credit_id))
  GROUP BY entry.application_id
  HAVING sum(CASE WHEN debit_id = 'set_aside' THEN amount WHEN credit_id = 'set_aside' THEN -amount ELSE 0 END) < 0
) THEN
  RAISE EXCEPTION 'more than was set aside' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NULL;
END $$
"""
# What is set aside for an application now, in cents.
LEFT = (
    "(SELECT COALESCE(SUM(CASE WHEN debit_id = 'set_aside' THEN amount WHEN credit_id = 'set_aside' THEN -amount "
    f"ELSE 0 END), 0) FROM {TRANSFERS} WHERE application_id = {{}})"
)
_DAY = 'NEW."on"'
_ASIDE = (
    f"NEW.kind = 'set_aside' AND EXISTS (SELECT 1 FROM {APPLICATIONS} found WHERE found.id = NEW.application_id AND "
)
FUND_TRANSFER = (
    on_both(
        refusing(
            "benevolence_fundtransfer_granted",
            TRANSFERS,
            "BEFORE INSERT",
            [
                (
                    f"{_ASIDE} found.status NOT IN ('draft', 'submitted', 'under_review'))",
                    "set aside is what is being approved",
                ),
                (f"{_ASIDE} {lacking('found', day=_DAY, looks_back=True)})", "set aside is what every level approved"),
                (f"{_ASIDE} NEW.amount > {least_approved('found')})", "set aside is what every level approved"),
                (
                    f"NEW.kind = 'set_aside' AND {LEFT.format('NEW.application_id')} <> 0",
                    "what was approved is set aside once",
                ),
                (
                    f"NEW.kind = 'payment' AND NOT EXISTS (SELECT 1 FROM {PAYMENTS} payment JOIN {LINES} line "
                    "ON line.id = payment.line_id WHERE payment.id = NEW.payment_id AND payment.amount = NEW.amount "
                    "AND line.application_id = NEW.application_id AND payment.voided_at IS NULL)",
                    "paid out is what a payment says",
                ),
                (
                    f"NEW.kind = 'payment' AND EXISTS (SELECT 1 FROM {TRANSFERS} entry "
                    "WHERE entry.payment_id = NEW.payment_id AND entry.kind = 'payment')",
                    "a payment is paid out once",
                ),
            ],
        ),
        _DAY,
    ),
    Trigger(
        "benevolence_fundtransfer_counted",
        function=COUNT,
        postgresql=(
            f"CREATE TRIGGER benevolence_fundtransfer_counted AFTER INSERT ON {TRANSFERS} "
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION benevolence_count_money()"
        ),
        sqlite=(
            f"CREATE TRIGGER benevolence_fundtransfer_counted AFTER INSERT ON {TRANSFERS} BEGIN "
            f"UPDATE {ACCOUNTS} SET balance = balance - NEW.amount WHERE kind = NEW.credit_id; "
            f"UPDATE {ACCOUNTS} SET balance = balance + NEW.amount WHERE kind = NEW.debit_id; "
            "SELECT RAISE(ABORT, 'more than was set aside') WHERE NEW.credit_id = 'set_aside' "
            f"AND {LEFT.format('NEW.application_id')} < 0; END"
        ),
    ),
    refusing(
        "benevolence_fundtransfer_mirrors",
        TRANSFERS,
        "BEFORE INSERT",
        [
            (
                f"NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSFERS} entry "
                "WHERE entry.id = NEW.reverses_id AND entry.reverses_id IS NULL AND entry.amount = NEW.amount "
                "AND entry.debit_id = NEW.credit_id AND entry.credit_id = NEW.debit_id "
                "AND COALESCE(CAST(entry.application_id AS text), '') "
                "= COALESCE(CAST(NEW.application_id AS text), ''))",
                "a reversal mirrors its entry",
            )
        ],
    ),
)

DIRECT = """
CREATE OR REPLACE FUNCTION benevolence_fundaccount_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'balances are counted, not written' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
FUND_ACCOUNT = (
    # Deep inside a trigger it is an entry that counts. SQLite does not tell how deep.
    Trigger(
        "benevolence_fundaccount_counted",
        function=DIRECT,
        postgresql=(
            f"CREATE TRIGGER benevolence_fundaccount_counted BEFORE UPDATE OR DELETE ON {ACCOUNTS} FOR EACH ROW "
            "WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION benevolence_fundaccount_counted()"
        ),
    ),
    refusing(
        "benevolence_fundaccount_empty",
        ACCOUNTS,
        "BEFORE INSERT",
        [("NEW.balance <> 0", "an account begins empty")],
    ),
)

_APPLICATION = f"(SELECT application_id FROM {LINES} WHERE id = NEW.line_id)"
_TOOK_PART = (
    f"EXISTS (SELECT 1 FROM {REVIEWS} WHERE application_id = {_APPLICATION} AND reviewer_id = {{0}} "
    "AND voided_at IS NULL)"
)
_FIXED = ("line_id", "voucher_number", "amount", "paid_on", "payment_method", "reference", "paid_by_id")
_ONCE = ("second_signer_id", "signed_at", "voided_at", "voided_by_id")
PAYMENT = (
    refusing(
        "benevolence_payment_separate",
        PAYMENTS,
        "BEFORE INSERT",
        [
            (_TOOK_PART.format("NEW.paid_by_id"), "whoever pays decided none of it"),
            (is_involved(_APPLICATION, "NEW.paid_by_id"), "whoever pays has no part in it"),
            (
                f"NOT EXISTS (SELECT 1 FROM {LINES} line WHERE line.id = NEW.line_id AND line.amount = NEW.amount)",
                "a payee is paid what was approved",
            ),
            (f"NEW.amount > {LEFT.format(_APPLICATION)}", "more than was set aside"),
            ("NEW.second_signer_id IS NOT NULL OR NEW.voided_at IS NOT NULL", "a payment begins unsigned"),
        ],
    ),
    refusing(
        "benevolence_payment_kept",
        PAYMENTS,
        "BEFORE UPDATE",
        [
            (" OR ".join(f"NEW.{name} <> OLD.{name}" for name in _FIXED), "what was paid stays as it was"),
            (
                " OR ".join(
                    f"(OLD.{name} IS NOT NULL AND (NEW.{name} IS NULL OR NEW.{name} <> OLD.{name}))" for name in _ONCE
                ),
                "what was signed or voided stays so",
            ),
            (
                "NEW.second_signer_id IS NOT NULL AND OLD.second_signer_id IS NULL AND ("
                + _TOOK_PART.format("NEW.second_signer_id")
                + " OR "
                + is_involved(_APPLICATION, "NEW.second_signer_id")
                + ")",
                "the second signer has no part in it",
            ),
        ],
    ),
    refusing("benevolence_payment_not_deleted", PAYMENTS, "BEFORE DELETE", [("OLD.id = OLD.id", "payments are kept")]),
)
_IS_PAID = f"EXISTS (SELECT 1 FROM {PAYMENTS} WHERE line_id = OLD.id AND voided_at IS NULL)"
# Not the account number at the utility: it is encrypted, and moves to new keys.
_PAYEE = ("application_id", "payee_kind", "payee_name", "address", "asked", "amount", "purpose")
_WRITTEN = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _PAYEE if name not in ("payee_name", "address"))
_OF_GRANTED = f"EXISTS (SELECT 1 FROM {APPLICATIONS} WHERE id = {{}}.application_id AND status IN {GRANTED})"
PAYMENT_LINE = (
    refusing(
        "benevolence_paymentline_kept",
        LINES,
        "BEFORE UPDATE",
        [
            (
                f"({' OR '.join(f'NEW.{name} <> OLD.{name}' for name in _PAYEE)}) AND {_IS_PAID}",
                "who was paid stays as it was",
            ),
            # The member's own name and address follow their record.
            (
                f"({_WRITTEN} OR (OLD.payee_kind <> 'member' AND "
                "(NEW.payee_name <> OLD.payee_name OR NEW.address <> OLD.address))) "
                f"AND {LEFT.format('OLD.application_id')} <> 0",
                "what was approved is what is paid",
            ),
        ],
    ),
    refusing(
        "benevolence_paymentline_fixed",
        LINES,
        "BEFORE INSERT",
        [(_OF_GRANTED.format("NEW"), "payees are named before the decision")],
    ),
    refusing(
        "benevolence_paymentline_not_deleted",
        LINES,
        "BEFORE DELETE",
        [(_OF_GRANTED.format("OLD"), "payees are named before the decision")],
    ),
)

_LIVE = f"SELECT 1 FROM {PAYMENTS} payment WHERE payment.line_id = line.id AND payment.voided_at IS NULL"
_PAID_OUT = (
    f"(SELECT COALESCE(SUM(payment.amount), 0) FROM {PAYMENTS} payment JOIN {LINES} line ON line.id = payment.line_id "
    "WHERE line.application_id = NEW.id AND payment.voided_at IS NULL)"
)
# What is not paid went back to the fund: less is approved then, which is all paid.
_RELEASED = (
    "(NEW.approved_amount < OLD.approved_amount AND OLD.status = 'approved' AND NEW.status = 'paid' "
    f"AND {LEFT.format('NEW.id')} = 0 AND NEW.approved_amount = {_PAID_OUT})"
)
_BEGINS = f"NEW.status IN {GRANTED} AND OLD.status NOT IN {GRANTED}"
APPLICATION = (
    refusing(
        "benevolence_application_money",
        APPLICATIONS,
        "BEFORE UPDATE OF status",
        [
            (
                "NEW.status = 'paid' AND OLD.status <> 'paid' AND ("
                f"EXISTS (SELECT 1 FROM {LINES} line WHERE line.application_id = NEW.id AND line.amount > 0 "
                f"AND NOT EXISTS ({_LIVE})) "
                f"OR NOT EXISTS (SELECT 1 FROM {LINES} line WHERE line.application_id = NEW.id AND EXISTS ({_LIVE})))",
                "paid is what every payee of it is",
            ),
            (
                f"{_BEGINS} AND {lacking('NEW', day='NEW.approved_on')}",
                "approved is what somebody else approved at every level",
            ),
            (
                f"{_BEGINS} AND {LEFT.format('NEW.id')} + {_PAID_OUT} <> NEW.approved_amount",
                "approved is what is set aside",
            ),
            (
                f"NEW.status NOT IN {GRANTED} AND OLD.status IN {GRANTED} AND {LEFT.format('NEW.id')} <> 0",
                "what was set aside is released first",
            ),
        ],
    ),
    refusing(
        "benevolence_application_granted",
        APPLICATIONS,
        "BEFORE UPDATE OF amount_requested, approved_amount",
        [
            (
                f"OLD.status IN {GRANTED} AND NEW.status IN {GRANTED} "
                "AND (NEW.amount_requested <> OLD.amount_requested "
                f"OR (NEW.approved_amount <> OLD.approved_amount AND NOT {_RELEASED}))",
                "what was approved stays as it was",
            )
        ],
    ),
    refusing(
        "benevolence_application_begins",
        APPLICATIONS,
        "BEFORE INSERT",
        [(f"NEW.status IN {GRANTED}", "an application begins before its decision")],
    ),
    refusing(
        "benevolence_application_not_deleted",
        APPLICATIONS,
        "BEFORE DELETE",
        [("OLD.status <> 'draft'", "applications are kept")],
    ),
)

_FINAL = "NEW.decision IN ('approved', 'denied')"
_SAID = ("application_id", "reviewer_id", "review_level", "decision", "review_date")
REVIEW = (
    refusing(
        "benevolence_review_separate",
        REVIEWS,
        "BEFORE INSERT",
        [
            (
                f"{_FINAL} AND {is_involved('NEW.application_id', 'NEW.reviewer_id')}",
                "whoever decides has no part in it",
            ),
        ],
    ),
    refusing(
        "benevolence_review_kept",
        REVIEWS,
        "BEFORE UPDATE",
        [
            (
                " OR ".join(
                    (
                        *(f"NEW.{name} <> OLD.{name}" for name in _SAID),
                        "COALESCE(NEW.amount, 0) <> COALESCE(OLD.amount, 0)",
                    )
                ),
                "what was decided stays as it was",
            ),
            (
                "OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NULL OR NEW.voided_at <> OLD.voided_at)",
                "what is void stays void",
            ),
            (
                "NEW.voided_at IS NOT NULL AND OLD.voided_at IS NULL AND OLD.decision = 'approved' "
                f"AND {LEFT.format('OLD.application_id')} <> 0",
                "what was set aside is released first",
            ),
        ],
    ),
    refusing("benevolence_review_not_deleted", REVIEWS, "BEFORE DELETE", [("OLD.id = OLD.id", "decisions are kept")]),
)

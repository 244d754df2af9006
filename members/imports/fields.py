"""What a column of a list can mean, and the names it goes by."""

import re

from django.utils.translation import gettext_lazy as _

from core.imports.declaration import Target
from members.enums import State

DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}( .*|T.*)?|\d{5}|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}|[A-Za-z]{3,9}\.?[ -]\d.*"
    r"|\d{1,2}[-/.]\d{4}|\d{4}[-/.]?\d{2}"
)
EMAIL = re.compile(r"\S+@\S+\.\S+")
PHONE = re.compile(r"(?=(?:\D*\d){10}) *[+(]?\d[\d() .+-]{5,}\d( ?(x|ext\.?) ?\d+)?", re.IGNORECASE)
ZIP = re.compile(r"[=\"']*\d{3,5}([- ]?\d{4})?\"?")
STATE_NAMES = "|".join(re.escape(text) for state in State for text in (state.value, state.label))
STATE = re.compile(rf"\s*({STATE_NAMES})\.?\s*", re.IGNORECASE)
MONEY = re.compile(r"\$?\s*[\d,]+(\.\d+)?(\s*/\s*(hr|hour))?", re.IGNORECASE)
NUMBER = re.compile(r"[A-Za-z]?\d{1,12}(\.0)?")
ORGANIZATION_TYPE = re.compile(r"\s*(employers?|unions?|training.*|jatc|company|contractor)\s*", re.IGNORECASE)
LETTERS = re.compile(r".*[^\W\d_].*", re.DOTALL)
SITE = re.compile(r"(https?://)?[\w.-]+\.[a-z]{2,}(/\S*)?", re.IGNORECASE)

PLACE = (
    Target(
        "address",
        _("Street address"),
        (
            "address",
            "street",
            "street address",
            "address 1",
            "address line 1",
            "addr",
            "mailing address",
            "home address",
            "unit address",
        ),
    ),
    Target(
        "city",
        _("City"),
        ("city", "town", "unit city", "home city", "municipality", "city name", "city state", "city and state"),
        LETTERS,
    ),
    Target("state", _("State"), ("state", "st", "unit state", "home state", "province", "state code"), STATE, True),
    Target(
        "zip_code", _("ZIP code"), ("zip", "zip code", "zipcode", "postal code", "postcode", "postal", "zip 4"), ZIP
    ),
    Target(
        "phone",
        _("Phone"),
        (
            "phone",
            "telephone",
            "phone number",
            "tel",
            "cell",
            "cell phone",
            "mobile",
            "mobile phone",
            "home phone",
            "phone no",
            "cell no",
            "contact number",
            "primary phone",
        ),
        PHONE,
        True,
    ),
    Target(
        "email",
        _("E-mail address"),
        ("email", "e mail", "email address", "e mail address", "mail address", "personal email"),
        EMAIL,
        True,
    ),
)
ORGANIZATION_TARGETS = (
    Target(
        "name",
        _("Name"),
        (
            "name",
            "employer",
            "employer name",
            "company",
            "company name",
            "organization",
            "organization name",
            "case name",
            "business",
            "business name",
            "firm",
            "contractor",
            "contractor name",
            "shop",
        ),
        LETTERS,
    ),
    Target(
        "org_type", _("Type"), ("type", "org type", "organization type", "employer type", "kind"), ORGANIZATION_TYPE
    ),
    *PLACE,
    Target("website", _("Website"), ("website", "web site", "url", "web", "homepage", "web page"), SITE),
)
MEMBER_TARGETS = (
    Target(
        "member_number",
        _("Member number"),
        (
            "member number",
            "member no",
            "member",
            "member id",
            "mem no",
            "mem num",
            "mbr no",
            "mbr",
            "mbr num",
            "card number",
            "card no",
            "card",
            "number",
            "id",
            "id number",
            "id no",
            "no",
            "book number",
            "book no",
            "ledger no",
            "union id",
            "member num",
            "membership number",
        ),
        NUMBER,
    ),
    Target(
        "full_name",
        _("Full name (“Last, First” or “First Last”)"),
        (
            "name",
            "full name",
            "member name",
            "employee name",
            "employee",
            "worker",
            "name last first",
            "last first",
            "last name first name",
            "lastname firstname",
            "member s name",
        ),
        LETTERS,
        in_place_of=("first_name", "last_name"),
    ),
    Target(
        "first_name",
        _("First name"),
        ("first name", "first", "fname", "given name", "forename", "firstname", "given"),
        LETTERS,
    ),
    Target(
        "middle_name",
        _("Middle name"),
        ("middle name", "middle", "mi", "middle initial", "mname", "m i", "middlename", "init"),
        LETTERS,
    ),
    Target("last_name", _("Last name"), ("last name", "last", "lname", "surname", "family name", "lastname"), LETTERS),
    Target(
        "date_of_birth",
        _("Date of birth"),
        ("date of birth", "dob", "birth date", "birthdate", "birthday", "born", "d o b", "birth"),
        DATE,
        is_date=True,
    ),
    *PLACE,
    Target(
        "status",
        _("Status"),
        ("status", "member status", "membership status", "mbr status", "mem status", "active inactive"),
        LETTERS,
    ),
    Target(
        "classification",
        _("Classification"),
        (
            "classification",
            "class",
            "craft class",
            "trade class",
            "mbr class",
            "level",
            "grade",
            "member class",
            "rank",
        ),
        LETTERS,
    ),
    Target(
        "hire_date",
        _("Hire date"),
        ("hire date", "date of hire", "date hired", "hired", "doh", "hired on", "original hire date"),
        DATE,
        is_date=True,
    ),
    Target(
        "initiation_date",
        _("Initiation date"),
        (
            "initiation date",
            "init date",
            "initiated",
            "date initiated",
            "join date",
            "joined",
            "date joined",
            "member since",
            "membership date",
            "initiation",
        ),
        DATE,
        is_date=True,
    ),
    Target(
        "dues_paid_through",
        _("Dues paid through"),
        (
            "dues paid through",
            "paid through",
            "paid thru",
            "dues paid thru",
            "dues thru",
            "dues through",
            "paid to",
            "dues paid to",
            "paid until",
        ),
        DATE,
        is_date=True,
    ),
    Target("standing", _("Standing"), ("standing", "good standing", "dues status", "in good standing"), LETTERS),
    Target(
        "standing_as_of",
        _("Standing as of"),
        ("standing as of", "standing date", "as of", "as of date"),
        DATE,
        is_date=True,
    ),
    Target(
        "standing_source", _("Source of the standing"), ("standing source", "source", "source of standing"), LETTERS
    ),
    Target("notes", _("Notes"), ("notes", "note", "comments", "comment", "remarks", "memo"), LETTERS),
    Target(
        "employer",
        _("Employer"),
        (
            "employer",
            "employer name",
            "company",
            "company name",
            "current employer",
            "contractor",
            "worksite",
            "work site",
            "shop",
            "signatory",
            "works for",
            "works at",
            "workplace",
            "job site",
            "organization",
        ),
        LETTERS,
    ),
    Target(
        "employer_city",
        _("Employer’s city"),
        ("employer city", "work city", "worksite city", "company city", "job city", "shop city"),
        LETTERS,
        needs="employer",
    ),
    Target(
        "employer_state",
        _("Employer’s state"),
        ("employer state", "work state", "worksite state", "company state", "job state", "shop state"),
        STATE,
        needs="employer",
    ),
    Target(
        "job_title",
        _("Job title"),
        ("job title", "title", "position", "job", "occupation", "trade", "craft", "job class"),
        LETTERS,
        needs="employer",
    ),
    Target(
        "hourly_rate",
        _("Hourly rate"),
        (
            "hourly rate",
            "rate",
            "wage",
            "pay rate",
            "hourly wage",
            "hourly",
            "wage rate",
            "base rate",
            "rate of pay",
            "hr rate",
            "rate hr",
        ),
        MONEY,
        needs="employer",
    ),
    Target(
        "start_date",
        _("Started at the employer"),
        ("start date", "started", "employment start", "start", "date started", "employed since", "job start"),
        DATE,
        is_date=True,
        needs="employer",
    ),
)
# Columns with these words are about somebody else, or about another number, unless the field is named by them.
SOMEBODY_ELSE = frozenset(
    {
        *("supervisor", "manager", "foreman", "boss", "steward", "representative", "rep", "office", "work"),
        *("spouse", "husband", "wife", "partner", "dependent", "child", "parent", "mother", "father", "guardian"),
        *("son", "daughter", "kid", "dependant", "emergency", "kin", "contact", "beneficiary"),
        *("emerg", "emer", "emrg", "benef", "supv", "supvr", "mgr", "dep"),
        *("doctor", "physician", "insurance", "vendor", "billing"),
        *("union", "local", "license", "licence", "county", "country", "card", "fax"),
        *("employer", "company", "business", "previous", "former", "alternate"),
    }
)
# What a total counts: "41 members".
COUNTED = ("members?", "people", "persons?", "employees", "employers?", "companies", "cases?", "elections?", "votes?")
EMPLOYMENT_FIELDS = ("job_title", "hourly_rate", "start_date")
EMPLOYER_FIELDS = ("employer", "employer_city", "employer_state", *EMPLOYMENT_FIELDS)

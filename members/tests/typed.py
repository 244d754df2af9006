"""What somebody types into the forms of members and organizations."""

MEMBER = {
    "member_number": "A5120",
    "first_name": "Zoë",
    "middle_name": "",
    "last_name": "O’Brien",
    "status": "active",
    "classification": "foreman",
    "standing": "good",
    "address": "1 Main St",
    "city": "Peoria",
    "state": "IL",
    "zip_code": "61602",
    "phone": "(309) 555-0142",
    "email": "zoe@people.example",
    "date_of_birth": "1980-02-29",
    "hire_date": "",
    "initiation_date": "",
    "dues_paid_through": "2026-10-31",
    "standing_as_of": "2026-09-01",
    "standing_source": "Dues ledger",
    "notes": "Two\r\nlines",
}


ORGANIZATION = {
    "name": "Crane Yard, Inc.",
    "org_type": "employer",
    "address": "1 Dock Rd",
    "city": "Peoria",
    "state": "IL",
    "zip_code": "61602-1234",
    "phone": "(309) 555-0142",
    "email": "office@yard.example",
    "website": "https://yard.example/a",
}

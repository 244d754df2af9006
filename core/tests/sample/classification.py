from core.classification import ATTACHMENT, S1, S2, S3, FieldClass

FIELDS = {
    "Ticket": {
        "number": S1,
        "title": S2,
        "secret": FieldClass(S3.sensitivity, encrypted=True),
        "amount": S1,
        "status": S1,
        "hidden": S1,
    },
    "Paper": {**ATTACHMENT, "ticket": S1},
}

"""What somebody types into the form of the local."""

PNG, JPEG = b"\x89PNG\r\n\x1a\n" + b"0" * 20, b"\xff\xd8\xff\xe0" + b"0" * 20


TYPED = {
    "name": "Local 46",
    "number": "46",
    "address": "1 Main St\r\nPeoria",
    "time_zone": "America/Chicago",
    "clock": "24",
    "working_week": ["0", "1"],
    "fiscal_year_start": "7",
    "version": "1",
}

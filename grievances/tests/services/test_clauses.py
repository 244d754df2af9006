from grievances.services.clauses import split

PASTED = """ARTICLE 9 - GRIEVANCE PROCEDURE
Section 9.1. Definition
A grievance is a dispute about this Agreement.
Section 9.2 A grievance shall be filed within ten (10) working days.
It names the article.

Article XIV: Overtime
Overtime goes by seniority.
"""


def test_a_pasted_contract_is_split_into_its_sections():
    assert [tuple(part.values()) for part in split(PASTED)] == [
        ("Article 9", "", "GRIEVANCE PROCEDURE", ""),
        ("Article 9", "Section 9.1", "Definition", "A grievance is a dispute about this Agreement."),
        (
            "Article 9",
            "Section 9.2",
            "",
            "A grievance shall be filed within ten (10) working days.\nIt names the article.",
        ),
        ("Article XIV", "", "Overtime", "Overtime goes by seniority."),
    ]


def test_a_text_without_an_article_has_no_parts():
    assert split("Dear all,\nsee you on Friday.") == []

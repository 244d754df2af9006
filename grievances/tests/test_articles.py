import pytest

from grievances.articles import article_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Article 12", "12"),
        ("Art. 12", "12"),
        ("ART 12", "12"),
        ("art.12", "12"),
        ("  article   012 ", "12"),
        ("Article XII", "12"),
        ("Article 12, Section 3", "12"),
        ("Art. 12.3 (overtime)", "12"),
        ("12", "12"),
        ("12.3", "12"),
        ("12 § 3", "12"),
        ("12, Sec. 3", "12"),
        ("Article 12 – Overtime", "12"),
        ("Overtime, Article 12", "12"),
        ("Article 12a", "12a"),
        ("Articles 5 and 12", "5, 12"),
        ("Art. 5, 12", "5, 12"),
        ("Article IX", "9"),
        ("Ａrticle １２", "12"),
        ("Just cause", "just cause"),
        ("JUST  CAUSE.", "just cause"),
        ("8 hour day", "8 hour day"),
        ("Section 4", "section 4"),
        ("", ""),
        ("—", ""),
    ],
)
def test_what_counts_as_one_article(typed, key):
    assert article_key(typed) == key

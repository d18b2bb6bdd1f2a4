from datetime import date

import pytest

from compliance.qualification import rules

TODAY = date(2026, 11, 21)
COMPANY = rules.PAPERS[:3]


@pytest.mark.parametrize("country", sorted(rules.REGISTERS))
def test_every_register_takes_its_own_example_and_finds_a_wrong_number(country):
    example = rules.REGISTERS[country].example
    known = "unknown" if rules.REGISTERS[country].pattern else "pass"
    assert rules.number_verdict("company", country, example) == known
    assert rules.number_verdict("company", country, "000") == "fail"


def test_where_no_rule_is_known_the_officer_compares():
    assert rules.number_verdict("company", "HK", "12345678") == "unknown"
    assert rules.number_verdict("individual", "JP", "whatever") == "unknown"


def test_a_wrong_check_digit_is_explained_with_an_example():
    faults = rules.claim_faults("company", "JP", {"registration_number": "5-8356-7825-6247"})
    assert "法人番号" in str(faults["registration_number"])
    assert "5-8356-7825-6246" in str(faults["registration_number"])
    assert "legal_name" in faults


@pytest.mark.parametrize(
    ("starts", "ends", "at"),
    [
        (date(2026, 11, 22), None, "valid_from"),
        (None, date(2026, 11, 20), "valid_to"),
        (date(2025, 1, 1), date(2025, 1, 1), "valid_to"),
    ],
)
def test_papers_that_are_not_valid_now_are_refused_at_their_dates(starts, ends, at):
    assert set(rules.paper_faults(rules.PaperFacts("business_licence", "x", "JP", "1", starts, ends), TODAY)) == {at}


def test_a_paper_is_valid_on_its_last_day():
    facts = rules.PaperFacts("representative_id", "x", "JP", "1", date(2020, 1, 1), TODAY)
    assert rules.paper_faults(facts, TODAY) == {}
    endless = rules.PaperFacts("representative_id", "x", "JP", "1", None, None)
    assert set(rules.paper_faults(endless, TODAY)) == {"valid_to"}


def test_brands_show_their_trademark_too():
    three = [(kind, "accepted", None) for kind in COMPANY]
    assert rules.all_accepted(COMPANY, three, TODAY)
    assert rules.lacking((*COMPANY, "trademark"), three, TODAY) == ["trademark"]
    assert not rules.all_accepted((*COMPANY, "trademark"), three, TODAY)


def test_papers_that_expired_since_count_no_more():
    papers = [(kind, "accepted", date(2026, 11, 20)) for kind in COMPANY]
    assert not rules.all_accepted(COMPANY, papers, TODAY)
    assert len(rules.lacking(COMPANY, papers, TODAY)) == 3


@pytest.mark.parametrize(
    ("trade", "legal", "agree"),
    [
        ("Hoshino Hobby", "HOSHINO HOBBY K.K.", True),
        ("星野ホビー", "株式会社星野ホビー", True),
        ("Golden Dragon", "Hoshino Hobby K.K.", False),
        ("🦊", "Hoshino", False),
    ],
)
def test_names_of_one_business_look_alike(trade, legal, agree):
    assert rules.names_agree(trade, legal) is agree

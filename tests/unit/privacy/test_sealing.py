"""What was sealed opens as what it was, where it was, and nowhere else."""

import pytest

from roosevelt_pipeline.privacy.sealing import SealError, SurveyKeys, digest

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_text_opens_for_its_own_row_and_shows_nothing_of_itself():
    sealed = SurveyKeys(OLD).seal("Fewer meetings — bitte!", "q|a|2026-Q1")

    assert b"meetings" not in sealed
    assert SurveyKeys(OLD).unseal(sealed, "q|a|2026-Q1") == "Fewer meetings — bitte!"


def test_the_same_text_looks_different_each_time():
    keys = SurveyKeys(OLD)

    assert keys.seal("yes", "row") != keys.seal("yes", "row")


def test_a_text_that_was_moved_to_another_row_is_refused():
    keys = SurveyKeys(OLD)

    with pytest.raises(SealError, match="moved"):
        keys.unseal(keys.seal("mine", "q|a|2026-Q1"), "q|b|2026-Q1")


def test_a_text_that_was_changed_is_refused():
    sealed = bytearray(SurveyKeys(OLD).seal("mine", "row"))
    sealed[-1] ^= 1

    with pytest.raises(SealError, match="changed"):
        SurveyKeys(OLD).unseal(bytes(sealed), "row")


def test_after_a_rotation_old_texts_still_open_and_new_ones_need_the_new_key():
    both = SurveyKeys(OLD + NEW)

    assert both.unseal(SurveyKeys(OLD).seal("before", "row"), "row") == "before"
    with pytest.raises(SealError, match="not at hand"):
        SurveyKeys(OLD).unseal(both.seal("after", "row"), "row")


def test_links_survive_a_rotation_and_tell_nothing_about_each_other():
    (before,) = SurveyKeys(OLD).tokens("q|a|2026-Q1")
    now, then = SurveyKeys(OLD + NEW).tokens("q|a|2026-Q1")

    assert then == before
    assert len({before, now, *SurveyKeys(OLD).tokens("q|a|2026-Q2"), *SurveyKeys(OLD).tokens("q|b|2026-Q1")}) == 4
    assert digest(before) != before

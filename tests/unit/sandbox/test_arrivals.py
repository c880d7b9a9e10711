"""What arrived outlives the sandbox."""

from pathlib import Path

from roosevelt_pipeline.sandbox.receivers.arrivals import Arrivals


def test_what_arrived_is_the_same_after_a_restart(tmp_path: Path):
    first = Arrivals(incidents={"roosevelt-1": "acknowledged"}, files={"F1": b"\x89PNG\xff"})
    first.keep("slack", 200, "older", {"blocks": []})
    first.keep("email", 550, "newer")
    first.answers.appendleft("Saved.")
    first.keep_in(tmp_path / "kept.json")

    again = Arrivals.kept_in(tmp_path / "kept.json")
    assert list(again.kept) == list(first.kept)
    assert (again.incidents, again.files, list(again.answers)) == (first.incidents, first.files, ["Saved."])
    assert again.keep("slack", 200, "newest").number == 3


def test_a_file_that_was_cut_off_is_a_page_that_begins_anew(tmp_path: Path):
    (tmp_path / "kept.json").write_text('{"kept": [{"channel": "sl')

    assert not Arrivals.kept_in(tmp_path / "kept.json").kept
    assert not Arrivals.kept_in(tmp_path / "none.json").kept

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from roosevelt_pipeline.privacy.keys import IdentityKeyError, identity_key
from roosevelt_pipeline.settings import Settings


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    key = identity_key(Settings(), tmp_path / "home")

    assert len(key) == 32
    assert identity_key(Settings(), tmp_path / "home") == key
    assert stat.S_IMODE((tmp_path / "home" / "identity.key").stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: identity_key(Settings(), tmp_path), range(16)))

    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["identity.key"]


def test_the_environment_wins_over_the_file(tmp_path):
    identity_key(Settings(), tmp_path)

    assert identity_key(Settings(identity_key="ab" * 32), tmp_path) == b"\xab" * 32


def test_a_key_that_is_no_key_is_refused_without_showing_it(tmp_path):
    with pytest.raises(IdentityKeyError, match="64 hexadecimal digits") as refused:
        identity_key(Settings(identity_key="hunter2"), tmp_path)

    assert "hunter2" not in str(refused.value)


def test_a_key_that_others_can_read_is_refused(tmp_path):
    identity_key(Settings(), tmp_path)
    (tmp_path / "identity.key").chmod(0o644)

    with pytest.raises(IdentityKeyError, match="chmod 600"):
        identity_key(Settings(), tmp_path)

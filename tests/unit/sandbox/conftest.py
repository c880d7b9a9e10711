import pytest

from roosevelt_pipeline.sandbox.company import Company, play
from roosevelt_pipeline.sandbox.store import Store
from roosevelt_pipeline.settings import Settings, load_settings
from tests.unit.sandbox.playing import DEMO_POLICY, START


@pytest.fixture(scope="session")
def demo_policy() -> Settings:
    return load_settings(DEMO_POLICY)


@pytest.fixture(scope="session")
def company(demo_policy: Settings) -> Company:
    """The demo's company, from a fixed day on."""
    assert demo_policy.sandbox is not None
    return Company.of_days(demo_policy.sandbox.seed, START, demo_policy.sandbox.days)


@pytest.fixture(scope="session")
def store(company: Company) -> Store:
    """200 days of it. Read only."""
    store = Store.open()
    play(company, store)
    return store

"""What `roosevelt doctor` says of coverage: where it comes from, and whether Codecov gives it."""

from collections.abc import Iterator

from roosevelt_pipeline.doctor import Check
from roosevelt_pipeline.quality import drop_folder
from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.quality.errors import QualityError


def examine_coverage(settings: Settings) -> Iterator[Check]:
    """Whether Codecov takes the token, where one is set; checkouts that lines are to be counted in."""
    from roosevelt_pipeline.sources.quality.codecov import CodecovClient

    for repository, checkout in settings.quality.checkouts.items():
        if not checkout.is_dir():
            yield Check(
                "odd", "lines", f"there is no checkout {checkout} of {repository}",
                "clone it there, or take it out of quality.checkouts: lines are then estimated",
            )  # fmt: skip
    token, organization = settings.codecov_token, settings.github.organization
    found = f"artifacts of builds and reports in {drop_folder(settings)}"
    if token is None or not token.get_secret_value().strip():
        yield Check("good", "coverage", f"from {found}; set CODECOV_TOKEN to read Codecov as well")
        return
    if not organization:
        return
    client = CodecovClient(token, settings.quality.codecov_url, settings.quality.request_timeout_seconds)
    try:
        count = client.repositories(organization)
    except QualityError as error:
        message, _, remedy = str(error).partition("; ")
        yield Check("bad", "Codecov", message, remedy or "see docs/settings.md")
    else:
        if count:
            yield Check("good", "coverage", f"from {found}, and from Codecov, which accepts CODECOV_TOKEN")
        else:
            yield Check(
                "odd", "Codecov", f"accepts CODECOV_TOKEN, and shows it no repository of {organization}",
                "make the token as somebody who sees them there",
            )  # fmt: skip
    finally:
        client.close()

"""Which rule for deployments holds for which repository, and which rules hold for none. Pure."""

import difflib
from collections.abc import Iterator, Sequence

from roosevelt_pipeline.patterns import matches_any
from roosevelt_pipeline.settings import DeploymentRule, Settings
from roosevelt_pipeline.sources.github.findings import Finding

NAMED = 5


def check_rules(settings: Settings, repositories: Sequence[str]) -> Iterator[Finding]:
    """A finding for each rule of roosevelt.toml, and one for the repositories that none matches.

    Args:
        repositories: names, without owner, of those that are read.
    """
    held = {name: settings.deployment_rule(name) for name in repositories}
    for place, rule in enumerate(settings.deployments):
        names = [name for name, found in held.items() if found is rule]
        about = f"deployments.{place}"
        if names:
            yield Finding(about, True, f"{', '.join(rule.sources)}: holds for {_some(names)}")
        else:
            yield _unused(about, rule, repositories)
    if without := [name for name, found in held.items() if found is None]:
        message = f"no rule matches {_some(without)}: merges on the default branch stand for deployments"
        yield Finding(
            "deployments", True, message, "add a rule that matches, if they deploy in another way", is_odd=True
        )


def _unused(about: str, rule: DeploymentRule, repositories: Sequence[str]) -> Finding:
    patterns = ", ".join(map(repr, rule.repositories))
    covered = [name for name in repositories if matches_any(name, rule.repositories)]
    if covered:
        message = f"never holds: an earlier rule matches all of its repositories, {_some(covered)}"
        return Finding(about, True, message, "put it before the more general one, or remove it", is_odd=True)
    near = [one for pattern in rule.repositories for one in difflib.get_close_matches(pattern, repositories, n=1)]
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    message = f"{patterns} matches no repository that is read"
    return Finding(about, True, message, f"correct it{hint}, or remove the rule", is_odd=True)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(sorted(names)[:NAMED]) + more

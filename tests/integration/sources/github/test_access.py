import pytest

from roosevelt_pipeline.sources.github.access import check_access
from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import GitHubError, TokenError


def findings(world):
    return {found.subject: found for found in check_access(world.new_client(), world.settings)}


def wrong(world):
    return {subject: found.message + "; " + found.remedy for subject, found in findings(world).items() if not found.ok}


def test_a_token_that_may_read_everything_is_told_so_in_a_handful_of_requests(world):
    assert wrong(world) == {}
    assert world.client.costs.requests <= 10


@pytest.mark.parametrize(
    ("permission", "name"),
    [
        ("contents", "Contents"),
        ("pull_requests", "Pull requests"),
        ("issues", "Issues"),
        ("deployments", "Deployments"),
        ("actions", "Actions"),
        ("members", "Members"),
    ],
)
def test_a_permission_that_is_missing_is_named_with_the_remedy(world, permission, name):
    world.token.permissions -= {permission}

    assert list(wrong(world)) == [f"permission {name}"]
    assert f"{name}: read-only" in wrong(world)[f"permission {name}"]


def test_names_in_the_policy_that_nothing_bears_are_told_with_the_nearest_that_exists(new_world):
    world = new_world(
        github={"organization": "acme", "include": ["api", "wep", "billing-*"]},
        services=[{"name": "s", "repository": "apl"}, {"name": "t", "repository": "api", "team": "paiments"}],
        teams=[{"name": "pay", "github": "payment"}],
    )

    found = [one for one in check_access(world.new_client(), world.settings) if not one.ok]

    told = [(one.subject, one.message, one.remedy) for one in found]
    assert told == [
        ("github.include", "'wep' matches no repository that the token may see",
         "correct it (did you mean 'web'?), or let the token see the repository"),
        ("github.include", "'billing-*' matches no repository that the token may see",
         "correct it, or let the token see the repository"),
        ("teams.pay", "the organisation has no team 'payment'",
         "set github to the team's slug (did you mean 'payments'?)"),
        ("services.s", "there is no repository 'apl' among those that are read",
         "correct it (did you mean 'api'?), or include it under [github]"),
        ("services.t", "there is no team 'paiments'",
         "declare it under [[teams]] (did you mean 'payments'?)"),
    ]  # fmt: skip


def test_an_organisation_that_does_not_exist_is_told_as_such(new_world):
    world = new_world(github={"organization": "acne"})

    assert "there is no organisation 'acne'" in next(iter(wrong(world).values()))


def test_an_expired_token_is_told_with_what_to_do(world):
    world.token.expired = True

    assert "set GITHUB_TOKEN" in next(iter(wrong(world).values()))


@pytest.mark.parametrize("token", ["", "  ", "ghp_with space", "ghp_ünïcode", "ghp_line\nbreak"])
def test_a_token_that_cannot_be_one_is_refused_without_showing_it(token):
    with pytest.raises(TokenError) as refused:
        GitHubClient(token)

    assert "ghp_" not in str(refused.value)


@pytest.mark.parametrize("address", ["api.github.com", "ftp://api.github.com", ""])
def test_an_address_that_is_none_is_told(address):
    with pytest.raises(GitHubError, match=r"github\.api_url"):
        GitHubClient("token", address)


def test_the_address_that_people_see_in_the_browser_is_understood():
    assert GitHubClient("token", "https://github.com").host == "api.github.com"


def test_a_server_that_does_not_answer_is_told_without_the_token(world):
    client = GitHubClient("secret-canary", "http://127.0.0.1:1", sleep=lambda _: None)

    found = check_access(client, world.settings)

    assert [one.ok for one in found] == [False]
    assert "no answer from 127.0.0.1:1" in found[0].message
    assert "canary" not in str(found)

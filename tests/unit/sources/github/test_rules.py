from roosevelt_pipeline.settings import Settings
from roosevelt_pipeline.sources.github.rules import check_rules

READ = ["web", "api", "mobile-sdk"]


def found(*rules, repositories=READ):
    checks = list(check_rules(Settings(deployments=rules), repositories))
    assert all(one.ok for one in checks)
    assert all(bool(one.remedy) == one.is_odd for one in checks)
    return {one.subject: f"{one.message}; {one.remedy}" if one.is_odd else one.message for one in checks}


def test_each_rule_is_told_with_its_sources_and_the_repositories_that_it_holds_for():
    assert found({"repositories": ["*-sdk"], "sources": ["release", "tag"], "tags": ["v*"]}, {}) == {
        "deployments.0": "release, tag: holds for mobile-sdk",
        "deployments.1": "github_deployment, event: holds for api, web",
    }


def test_a_rule_that_matches_nothing_is_told_with_the_name_that_was_probably_meant():
    told = found({"repositories": ["mobil-sdk"]}, {"repositories": ["billing-*"]}, {})

    assert told["deployments.0"] == (
        "'mobil-sdk' matches no repository that is read; correct it (did you mean 'mobile-sdk'?), or remove the rule"
    )
    assert told["deployments.1"] == "'billing-*' matches no repository that is read; correct it, or remove the rule"


def test_a_rule_behind_a_more_general_one_is_told_to_come_first():
    assert found({}, {"repositories": ["web"]})["deployments.1"] == (
        "never holds: an earlier rule matches all of its repositories, web; "
        "put it before the more general one, or remove it"
    )


def test_repositories_without_a_rule_are_told_to_deploy_by_their_merges():
    many = [f"service-{number}" for number in range(8)]

    assert found({"repositories": ["web"]}, repositories=["web", *many])["deployments"] == (
        "no rule matches service-0, service-1, service-2, service-3, service-4 and 3 more: merges on the default "
        "branch stand for deployments; add a rule that matches, if they deploy in another way"
    )

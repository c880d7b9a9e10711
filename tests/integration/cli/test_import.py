"""`roosevelt import`: what it says, where, and with which exit status."""

import json

GOOD = {
    "service": "web",
    "environment": "production",
    "sha": "abcdef1",
    "status": "success",
    "finished_at": "2026-03-02T09:05:00Z",
}


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


def test_an_import_ends_with_a_report_and_0(site):
    done = site.roosevelt("import", "deployments", "-", stdin=lines(GOOD, GOOD | {"sha": "abcdef2"}))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "2 read: 2 new, 0 changed, 0 unchanged, 0 rejected"
    assert "roosevelt run daily" in done.stdout


def test_a_rejected_row_is_named_on_stderr_and_makes_it_1(site):
    done = site.roosevelt("import", "deployments", "-", stdin=lines(GOOD | {"status": "odd"}, GOOD))

    assert done.returncode == 1
    assert done.stderr.startswith("-:1: status: means nothing we know")
    assert "1 rejected" in done.stdout


def test_of_many_rejects_the_first_fifty_are_told(site):
    done = site.roosevelt("import", "deployments", "-", "--dry-run", stdin="{}\n" * 60)

    told = done.stderr.splitlines()
    assert len(told) == 51
    assert told[-1] == "... and 10 more"
    assert "nothing was kept" in done.stdout


def test_columns_are_named_in_the_policy_or_in_a_mapping(site):
    (site.folder / "theirs.csv").write_text(
        "app;stage;result;when\nweb;live;green;2026-03-02 10:00\n", encoding="utf-8"
    )
    columns = 'columns = {service = "app", environment = "stage", status = "result", finished_at = "when"}\n'
    mapping = columns + 'statuses = {green = "success"}\ntimezone = "Europe/Amsterdam"\n'
    (site.folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    path = str(site.folder / "theirs.csv")

    unknown = site.roosevelt("import", "deployments", path)
    mapped = site.roosevelt("import", "deployments", path, "--mapping", str(site.folder / "mapping.toml"))
    site.policy(f'[github]\norganization = "acme"\n[imports.deployments]\n{mapping}')
    declared = site.roosevelt("import", "deployments", path)

    assert (unknown.returncode, mapped.returncode, declared.returncode) == (2, 0, 0)
    assert "no column environment, status; its columns are: app, stage, result, when" in unknown.stderr
    assert "1 new" in mapped.stdout
    assert "1 unchanged" in declared.stdout


def test_a_file_that_is_not_there_and_a_mapping_that_is_wrong_are_2(site):
    missing = site.roosevelt("import", "deployments", "nowhere.csv")
    (site.folder / "wrong.toml").write_text('columns = {servce = "app"}\n', encoding="utf-8")
    wrong = site.roosevelt("import", "deployments", "-", "--mapping", str(site.folder / "wrong.toml"), stdin="")

    assert (missing.returncode, wrong.returncode) == (2, 2)
    assert missing.stderr.startswith("roosevelt: nowhere.csv: No such file")
    assert "no column 'servce'; did you mean service" in wrong.stderr


def test_incidents_come_in_by_the_same_door_and_the_policys_words_for_severities_hold(site):
    site.policy(
        '[github]\norganization = "acme"\n[metrics.severity_labels]\nawful = ["S1"]\n'
        '[imports.incidents]\nseverities = {Red = "awful"}\n'
    )
    incident = {"service": "web", "id": 1, "opened_at": "2026-03-02T09:00:00Z"}
    text = lines(
        *(incident | {"id": number, "severity": word} for number, word in enumerate(["s1", "red", "Awful", "P1"]))
    )

    done = site.roosevelt("import", "incidents", "-", stdin=text)

    assert done.returncode == 1
    assert done.stderr.startswith("-:4: severity: means nothing we know")
    assert "4 read: 3 new, 0 changed, 0 unchanged, 1 rejected" in done.stdout


def test_a_severity_that_the_policy_does_not_have_is_refused_wherever_it_is_declared(site):
    site.policy('[github]\norganization = "acme"\n')
    (site.folder / "incidents.toml").write_text('severities = {red = "awful"}\n', encoding="utf-8")
    mapped = site.roosevelt("import", "incidents", "-", "--mapping", str(site.folder / "incidents.toml"), stdin="{}\n")
    site.policy('[github]\norganization = "acme"\n[imports.incidents]\nseverities = {red = "hihg"}\n')
    declared = site.roosevelt("import", "incidents", "-", stdin="{}\n")

    assert (mapped.returncode, declared.returncode) == (2, 2)
    assert "no severity awful; known: critical, high, low, medium" in mapped.stderr
    assert "imports.incidents.severities: no severity 'hihg'; did you mean high?" in declared.stderr

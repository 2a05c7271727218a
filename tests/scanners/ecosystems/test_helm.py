"""Charts are found in the dependencies of other charts and in releases."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given

from scanners._ecosystems.helm import ECOSYSTEM
from scanners._ecosystems.records import Finding
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, read_hostile

# Modelled on the charts of prometheus-community.
CHART = dedent("""\
    apiVersion: v2
    name: prometheus
    version: 27.1.0
    dependencies:
      - name: alertmanager
        version: "1.42.*"
        repository: https://prometheus-community.github.io/helm-charts
      - name: kafka
        version: 32.4.3
        repository: oci://registry-1.docker.io/bitnamicharts
      - name: crds
        version: 0.0.0
        repository: file://../crds
      - {name: unpinned, repository: "@stable"}
    maintainers:
      - name: nobody
    """)
LOCK = dedent("""\
    dependencies:
    - name: alertmanager
      repository: https://prometheus-community.github.io/helm-charts
      version: 1.42.3
    - name: common
      repository: https://charts.bitnami.com/bitnami
      version: 2.30.0
    digest: sha256:abc
    generated: "2026-01-01T00:00:00Z"
    """)
FILES = {
    "charts/a/Chart.yaml": CHART,
    "apps/argo.yaml": dedent("""\
        kind: Application
        spec:
          source:
            repoURL: https://argoproj.github.io/argo-helm
            chart: argo-cd
            targetRevision: 5.51.6
        """),
    "apps/flux.yaml": dedent("""\
        kind: HelmRelease
        spec:
          chart:
            spec:
              chart: podinfo
              version: ">=6.0 <7"
        """),
    "helmfile.yaml": dedent("""\
        releases:
          - name: db
            chart: bitnami/postgresql
            version: 12.1.0
          - name: local
            chart: ./charts/a
          - name: cache
            chart: bitnami/redis
        """),
}


@pytest.mark.parametrize(
    ("chart", "constraint", "path", "line"),
    [
        ("alertmanager", "1.42.*", "charts/a/Chart.yaml", 5),
        (
            "https://prometheus-community.github.io/helm-charts/alertmanager",
            "1.42.*",
            "charts/a/Chart.yaml",
            5,
        ),
        ("oci://registry-1.docker.io/bitnamicharts/kafka", "32.4.3", "charts/a/Chart.yaml", 8),
        ("crds", "0.0.0", "charts/a/Chart.yaml", 11),
        ("unpinned", "", "charts/a/Chart.yaml", 14),
        ("argo-cd", "5.51.6", "apps/argo.yaml", 5),
        ("argoproj.github.io/argo-helm/argo-cd", "5.51.6", "apps/argo.yaml", 5),
        ("podinfo", ">=6.0 <7", "apps/flux.yaml", 5),
        ("postgresql", "12.1.0", "helmfile.yaml", 3),
        ("bitnami/postgresql", "12.1.0", "helmfile.yaml", 3),
        ("redis", "", "helmfile.yaml", 8),
    ],
)
def test_declarations(chart: str, constraint: str, path: str, line: int) -> None:
    (found,) = findings_in(ECOSYSTEM, chart, FILES)
    assert (found.constraint, found.path, found.line) == (constraint, path, line)


@pytest.mark.parametrize("chart", ["prometheus", "nobody", "a"])
def test_other_texts_are_no_charts(chart: str) -> None:
    assert not findings_in(ECOSYSTEM, chart, FILES)


def test_lock_file_beside_the_chart_gives_the_version() -> None:
    files = {"a/Chart.yaml": CHART, "a/Chart.lock": LOCK}
    assert findings_in(ECOSYSTEM, "alertmanager", files) == [
        Finding("a/Chart.yaml", 5, 11, "1.42.*", ("1.42.3",))
    ]
    assert findings_in(ECOSYSTEM, "common", files) == [
        Finding("a/Chart.lock", 5, 1, "", ("2.30.0",))
    ]


def test_older_charts_have_a_file_of_their_own() -> None:
    files = {"requirements.yaml": CHART, "requirements.lock": LOCK, "Chart.lock": "{}"}
    assert findings_in(ECOSYSTEM, "alertmanager", files)[0].locked == ("1.42.3",)


def test_expression_in_a_version_is_reported() -> None:
    text = "chart: podinfo\nversion: '{{ version }}'\n"
    (found,) = findings_in(ECOSYSTEM, "podinfo", {"release.yaml": text})
    assert found.unresolved == "{{ version }}"


def test_chart_in_a_template_has_an_unknown_version() -> None:
    text = "{{ if a }}\nspec:\n  chart: podinfo\n  version: {{ b }}\n{{ end }}\n"
    (found,) = findings_in(ECOSYSTEM, "podinfo", {"templates/release.yaml": text})
    assert (found.line, found.unresolved) == (3, "{{ template }}")


def test_broken_chart_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2"):
        ECOSYSTEM.read("Chart.yaml", b"a: b\n c: [")


@pytest.mark.parametrize("name", ["", "a b", "a" * 500])
def test_other_names_are_no_charts(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid chart name"):
        ECOSYSTEM.normalise(name)


@pytest.mark.parametrize("path", ["Chart.yaml", "Chart.lock", "release.yaml"])
@given(content=hostile_files(CHART, LOCK, *FILES.values()))
def test_damaged_files_are_read_or_are_value_errors(path: str, content: bytes) -> None:
    read_hostile(ECOSYSTEM, path, content)

"""Images in Dockerfiles and YAML files are found with the tags that a build would use."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given

from scanners._ecosystems.docker import ECOSYSTEM
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, place_of, read_hostile

# Modelled on Moby's Dockerfile.
DOCKERFILE = """\
# syntax=docker/dockerfile:1.7
# a comment
ARG GO_VERSION=1.21.5
ARG DISTRO="bookworm"
ARG GOLANG_IMAGE="golang:${GO_VERSION}-${DISTRO}"
ARG NODE

FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.2.1 AS xx
FROM ${GOLANG_IMAGE} AS base
COPY --from=xx / /
ARG NODE=18
RUN --mount=type=bind,from=docker.io/library/alpine:3.18,target=/a \\
    # FROM commented:1
    echo FROM "printed:1" && \\

    true
COPY <<EOF /file
FROM inside:1
EOF
FROM base
from node:${NODE}
FROM scratch
FROM Base AS final
COPY --from=nginx:1.25 /etc/nginx /etc
COPY --from=0 /a /a
FROM python:${PYTHON:-3.8}-slim@sha256:26730869004e2b9c4b9ad09cab8625e81d256d1ce97e
FROM gcr.io/distroless/static@sha256:abcdef
FROM localhost:5000/team/app
FROM ubuntu:"${GO_VERSION}"
"""


@pytest.mark.parametrize(
    ("image", "tag", "at", "unresolved"),
    [
        ("docker/dockerfile", "1.7", "docker/dockerfile", ""),
        ("tonistiigi/xx", "1.2.1", "tonistiigi", ""),
        ("golang", "1.21.5-bookworm", "${GOLANG_IMAGE} AS", ""),
        ("library/alpine", "3.18", "RUN --mount", ""),
        ("node", "${NODE}", "node:", "NODE"),
        ("nginx", "1.25", "nginx", ""),
        ("python", "3.8-slim", "python:", ""),
        ("gcr.io/distroless/static", "sha256:abcdef", "gcr.io", ""),
        ("localhost:5000/team/app", "", "localhost", ""),
        ("ubuntu", "1.21.5", "FROM ubuntu", ""),
    ],
)
def test_images_of_a_dockerfile(image: str, tag: str, at: str, unresolved: str) -> None:
    (found,) = findings_in(ECOSYSTEM, image, {"build/Dockerfile": DOCKERFILE})
    assert (found.constraint, found.unresolved) == (tag, unresolved)
    assert found.line == place_of(at, DOCKERFILE)[0]


def test_column_is_that_of_the_image() -> None:
    (found,) = findings_in(ECOSYSTEM, "tonistiigi/xx", {"Dockerfile": DOCKERFILE})
    assert (found.line, found.column) == place_of("tonistiigi", DOCKERFILE)


@pytest.mark.parametrize("image", ["xx", "base", "scratch", "inside", "printed", "commented"])
def test_stages_and_other_texts_are_no_images(image: str) -> None:
    assert not findings_in(ECOSYSTEM, image, {"Dockerfile": DOCKERFILE})


def test_stage_does_not_hide_an_image_of_the_same_name_before_it() -> None:
    text = "FROM golang:1.20 AS golang\nFROM golang\n"
    (found,) = findings_in(ECOSYSTEM, "golang", {"Dockerfile": text})
    assert (found.line, found.constraint) == (1, "1.20")


def test_another_escape_character_joins_lines() -> None:
    text = "# escape=`\nFROM `\n  mcr.microsoft.com/windows:2019\nRUN dir C:\\\nFROM node:18\n"
    files = {"Dockerfile.windows": text}
    assert findings_in(ECOSYSTEM, "mcr.microsoft.com/windows", files)[0].line == 2
    assert findings_in(ECOSYSTEM, "node", files)[0].line == 5


def test_expressions_of_templates_are_reported() -> None:
    text = "FROM node:{{ version }}\nFROM {{ image }}\n"
    (found,) = findings_in(ECOSYSTEM, "node", {"Dockerfile.j2": text})
    assert (found.line, found.unresolved) == (1, "version")


MANIFESTS = {
    "compose.yaml": """\
        services:
          web:
            image: "node:${NODE_VERSION:-16}-alpine"
          cache:
            image: redis
          db:
            image: postgres:${POSTGRES}
          proxy:
            image: nginx:${NGINX}
        """,
    ".env": "# versions\nexport POSTGRES='12.4'\n",
    # Modelled on the manifests of microservices-demo.
    "kubernetes/demo.yaml": """\
        apiVersion: apps/v1
        kind: Deployment
        spec:
          template:
            spec:
              initContainers:
              - {name: init, image: busybox:1.36}
              containers:
              - name: server
                image: gcr.io/demo/cart@sha256:0123456789
        ---
        kind: CustomResourceDefinition
        properties:
          image:
            type: string
        ---
        kind: ConfigMap
        data:
          text: |
            image: hidden:1
        """,
    "kustomization.yaml": """\
        images:
        - name: old/app
          newName: new/app
          newTag: "1.5"
        - name: other/app
          newTag: 2.0
        """,
    "chart/values.yaml": """\
        image:
          registry: quay.io
          repository: prometheus/alertmanager
          tag: v0.27.0
        sidecar:
          image:
            repository: kiwigrid/k8s-sidecar
        legacy:
          image: bitnami/mariadb
          imageTag: 10.1.35
        repository: https://charts.example.com
        """,
    "chart/templates/deployment.yaml": """\
        {{- if .Values.enabled }}
        containers:
          - name: a
            image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          - name: b
            image: curlimages/curl:{{ .Values.curl }}
          - image: jimmidyson/configmap-reload:v0.5.0 # pinned
        {{- end }}
        """,
    ".gitlab-ci.yml": """\
        image: ruby:2.7
        test:
          image:
            name: cypress/base:14
          services:
            - mysql:5.7
            - name: docker:dind
        """,
    ".github/workflows/ci.yml": """\
        jobs:
          test:
            container: debian:buster
            services:
              kafka:
                image: apache/kafka:3.7.0
            steps:
              - uses: docker://hadolint/hadolint:v2.12.0
              - uses: actions/checkout@v4
        """,
    ".devcontainer/devcontainer.json": """\
        {
          // a comment
          "image": "mcr.microsoft.com/devcontainers/go:1.21",
        }
        """,
}
FILES = {path: dedent(text) for path, text in MANIFESTS.items()}


@pytest.mark.parametrize(
    ("image", "tag", "path", "line", "unresolved"),
    [
        ("node", "16-alpine", "compose.yaml", 3, ""),
        ("redis", "", "compose.yaml", 5, ""),
        ("postgres", "12.4", "compose.yaml", 7, ""),
        ("nginx", "${NGINX}", "compose.yaml", 9, "NGINX"),
        ("busybox", "1.36", "kubernetes/demo.yaml", 7, ""),
        ("gcr.io/demo/cart", "sha256:0123456789", "kubernetes/demo.yaml", 10, ""),
        ("new/app", "1.5", "kustomization.yaml", 3, ""),
        ("other/app", "2.0", "kustomization.yaml", 5, ""),
        ("quay.io/prometheus/alertmanager", "v0.27.0", "chart/values.yaml", 3, ""),
        ("kiwigrid/k8s-sidecar", "", "chart/values.yaml", 7, ""),
        ("bitnami/mariadb", "10.1.35", "chart/values.yaml", 9, ""),
        (
            "curlimages/curl",
            "{{ .Values.curl }}",
            "chart/templates/deployment.yaml",
            6,
            ".Values.curl",
        ),
        ("jimmidyson/configmap-reload", "v0.5.0", "chart/templates/deployment.yaml", 7, ""),
        ("ruby", "2.7", ".gitlab-ci.yml", 1, ""),
        ("cypress/base", "14", ".gitlab-ci.yml", 4, ""),
        ("mysql", "5.7", ".gitlab-ci.yml", 6, ""),
        ("docker", "dind", ".gitlab-ci.yml", 7, ""),
        ("debian", "buster", ".github/workflows/ci.yml", 3, ""),
        ("apache/kafka", "3.7.0", ".github/workflows/ci.yml", 6, ""),
        ("hadolint/hadolint", "v2.12.0", ".github/workflows/ci.yml", 8, ""),
        ("mcr.microsoft.com/devcontainers/go", "1.21", ".devcontainer/devcontainer.json", 3, ""),
    ],
)
def test_images_of_yaml_files(image: str, tag: str, path: str, line: int, unresolved: str) -> None:
    (found,) = findings_in(ECOSYSTEM, image, FILES)
    assert found[:2] == (path, line)
    assert (found.constraint, found.unresolved) == (tag, unresolved)


@pytest.mark.parametrize("image", ["hidden", "old/app", "string"])
def test_other_texts_in_yaml_are_no_images(image: str) -> None:
    assert not findings_in(ECOSYSTEM, image, FILES)


def test_broken_yaml_is_an_error_only_if_it_may_name_an_image() -> None:
    with pytest.raises(ValueError, match=r"not valid YAML \(.*\), line 2"):
        ECOSYSTEM.read("a.yaml", b"image: a\n b: [\n")
    assert not ECOSYSTEM.read("a.yaml", b"a: b: c").requirements


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("docker.io/library/python", "python"),
        ("library/python", "python"),
        ("index.docker.io/grafana/grafana", "grafana/grafana"),
        ("gcr.io/x/y", "gcr.io/x/y"),
    ],
)
def test_names_are_short(name: str, short: str) -> None:
    assert ECOSYSTEM.normalise(name) == short


@pytest.mark.parametrize("name", ["", "Python", "python:3", "a b", "/a", "a" * 500])
def test_other_names_are_no_images(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid image name"):
        ECOSYSTEM.normalise(name)


@pytest.mark.parametrize("path", ["Dockerfile", "a.yaml", ".env", "devcontainer.json"])
@given(content=hostile_files(DOCKERFILE, *FILES.values()))
def test_damaged_files_are_read_or_are_value_errors(path: str, content: bytes) -> None:
    read_hostile(ECOSYSTEM, path, content)


def test_a_tab_may_follow_an_instruction() -> None:
    facts = ECOSYSTEM.read("Dockerfile", b"ARG\tTAG=14.04\nFROM\tubuntu:$TAG\n")
    (found,) = ECOSYSTEM.findings({"Dockerfile": facts}, "ubuntu")
    assert (found.constraint, found.line, found.column) == ("14.04", 2, 6)

"""Providers and modules are found in Terraform files, with the versions of the lock file."""

from __future__ import annotations

import pytest
from hypothesis import given

from scanners._ecosystems.hcl import read_attributes
from scanners._ecosystems.records import Finding
from scanners._ecosystems.terraform import ECOSYSTEM
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, place_of, read_hostile

# Modelled on the files of terraform-aws-eks.
MAIN = """\
terraform {
  required_version = ">= 1.5.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws" # not "other/aws"
      version = ">= 6.28"
    }
    random = "~> 2.0"
    dog    = { source = "registry.terraform.io/DataDog/datadog", version = "3.1.0" }
    tls = {
      source = "hashicorp/tls"
    }
  }
}

/* provider "old" { version = "1.0" } */
provider "google" {
  version = "~> 3.5"
  region  = "a"
}

locals {
  text = <<-EOT
    module "hidden" { source = "a/hidden/b" }
  EOT
  name = "a-${join("-", ["b", "}"])}"
  list = [for x in var.y : { source = "a/list/b" } if x == "version"]
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"
  tags = {
    version = "not this"
  }
}

module "local" {
  source = "../../modules/karpenter"
}

module "git" {
  source = "git::https://github.com/Org/Infra.git//modules/network?ref=v1.2.0"
}

module "branch" {
  source = "git@github.com:org/branch.git?ref=main"
}

module "ssh" {
  source = "git::ssh://e.com/org/pinned.git?ref=3d3c42e5aac5ba805825da76410c181273ba90b1" # v2.0.0
}

module "private" {
  source  = "app.terraform.io/example/vpc/aws//modules/inner"
  version = "1.0.4"
}
"""
LOCK = """\
# This file is maintained automatically by "terraform init".
provider "registry.terraform.io/hashicorp/aws" {
  version     = "6.30.0"
  constraints = ">= 6.28.0"
  hashes = [
    "h1:abc",
  ]
}

provider "registry.terraform.io/hashicorp/null" {
  version = "3.2.1"
}
"""


@pytest.mark.parametrize(
    ("package", "constraint", "at", "unresolved"),
    [
        ("terraform", ">= 1.5.7", "required_version", ""),
        ("hashicorp/aws", ">= 6.28", "source  =", ""),
        ("aws", ">= 6.28", "source  =", ""),
        ("random", "~> 2.0", "random =", ""),
        ("datadog/datadog", "3.1.0", 'source = "registry', ""),
        ("registry.terraform.io/hashicorp/tls", "", 'source = "hashicorp/tls', ""),
        ("hashicorp/google", "~> 3.5", 'version = "~> 3.5', ""),
        ("terraform-aws-modules/vpc/aws", "~> 6.0", 'source  = "terraform-aws', ""),
        ("https://github.com/org/infra", "v1.2.0", 'source = "git::https', ""),
        ("git@github.com:org/branch.git", "main", 'source = "git@', "main"),
        ("https://e.com/org/pinned", "v2.0.0", 'source = "git::ssh', ""),
        ("app.terraform.io/example/vpc/aws", "1.0.4", 'source  = "app', ""),
    ],
)
def test_declarations(package: str, constraint: str, at: str, unresolved: str) -> None:
    (found,) = findings_in(ECOSYSTEM, package, {"live/main.tf": MAIN})
    assert (found.constraint, found.unresolved, found.locked) == (constraint, unresolved, ())
    assert (found.line, found.column) == place_of(at, MAIN)


@pytest.mark.parametrize("package", ["a/hidden/b", "a/list/b", "other/aws", "hashicorp/old"])
def test_other_texts_are_no_declarations(package: str) -> None:
    assert not findings_in(ECOSYSTEM, package, {"main.tf": MAIN})


def test_lock_file_in_the_folder_gives_the_version() -> None:
    files = {"live/main.tf": MAIN, "live/.terraform.lock.hcl": LOCK, "other/main.tf": MAIN}
    assert [one.locked for one in findings_in(ECOSYSTEM, "aws", files)] == [("6.30.0",), ()]
    assert findings_in(ECOSYSTEM, "null", files) == [
        Finding("live/.terraform.lock.hcl", 10, 1, "", ("3.2.1",))
    ]


def test_version_file_and_terragrunt() -> None:
    files = {
        ".terraform-version": "1.5.7\n",
        "terragrunt.hcl": 'terraform {\n  source = "git::https://e.com/a/b.git//c?ref=v0.3.0"\n}\n',
    }
    assert findings_in(ECOSYSTEM, "terraform", files)[0].constraint == "1.5.7"
    assert findings_in(ECOSYSTEM, "https://e.com/a/b", files)[0].constraint == "v0.3.0"


def test_strings_with_expressions_end_where_hcl_ends_them() -> None:
    text = 'a = "x${f("}", "${"y"}")}z"\nb = "$${no}\\"q"\nc = "d"\n'
    assert [(one.name, one.value) for one in read_attributes(text)] == [
        ("a", 'x${f("}", "${"y"}")}z'),
        ("b", '$${no}"q'),
        ("c", "d"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\n", "the file ends before the block that begins on line 1"),
        ("a {\n}}", "the file has an extra `}`, line 2"),
        ('a = "b\n', "the string has no end, line 1"),
        ("a = <<EOT\nb\n", "the heredoc has no end, line 1"),
        ("{" * 300, "the brackets are nested too deeply at line 1"),
    ],
)
def test_broken_file_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ECOSYSTEM.read("main.tf", text.encode())
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["", "a b", "a/b/c/d/e", "../x"])
def test_other_names_are_no_packages(name: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        ECOSYSTEM.normalise(name)


@pytest.mark.parametrize("path", ["main.tf", ".terraform.lock.hcl", ".terraform-version"])
@given(content=hostile_files(MAIN, LOCK))
def test_damaged_files_are_read_or_are_value_errors(path: str, content: bytes) -> None:
    read_hostile(ECOSYSTEM, path, content)

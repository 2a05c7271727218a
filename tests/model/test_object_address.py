"""Addresses of objects in object storage are parsed strictly."""

from __future__ import annotations

import pytest

from headway.model.object_address import ObjectAddress, parse_object_address, storage_variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://acme-history/headway.duckdb", ObjectAddress("s3", "acme-history", "headway.duckdb")),
        ("S3://acme.history/a/b=c/x.duckdb", ObjectAddress("s3", "acme.history", "a/b=c/x.duckdb")),
        ("gs://acme/headway.duckdb/", ObjectAddress("gs", "acme", "headway.duckdb")),
        ("az://acme/headway.duckdb", ObjectAddress("az", "acme", "headway.duckdb")),
        ("headway.duckdb", None),
        ("../s3:/x", None),
        ("/var/lib/headway.duckdb", None),
    ],
)
def test_an_address_or_a_path(text: str, expected: ObjectAddress | None) -> None:
    assert parse_object_address(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://example.com/headway.duckdb", "must begin with s3://, gs:// or az://"),
        ("file:///headway.duckdb", "must begin with s3://"),
        ("s3:///headway.duckdb", "the name of the bucket must follow s3://"),
        ("s3://-acme/headway.duckdb", "the name of the bucket"),
        ("s3://key:secret@acme/headway.duckdb", "the name of the bucket"),
        ("s3://acme", "name an object, for example s3://acme/headway.duckdb"),
        ("s3://acme/", "name an object"),
        ("s3://acme/../headway.duckdb", "may contain only letters"),
        ("s3://acme//headway.duckdb", "may contain only letters"),
        ("s3://acme/headway.duckdb?versionId=1", "may contain only letters"),
        ("s3://acme/a\nb", "may contain only letters"),
        ("s3://acme/" + "x" * 901, "must not be longer than 900 characters"),
    ],
)
def test_a_wrong_address_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_object_address(text)


def test_neighbours_and_variables() -> None:
    address = ObjectAddress("s3", "acme", "a/headway.duckdb")
    assert str(address.with_ending(".export")) == "s3://acme/a/headway.duckdb.export"
    assert address.name == "headway.duckdb"
    names = ("AWS_REGION", "AZURE_CLIENT_ID", "LAWS_X", "PATH")
    assert storage_variables(address, names) == ["AWS_REGION"]

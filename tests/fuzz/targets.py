"""The fuzzed functions, which read untrusted files, responses and program output.

Each target accepts any bytes, and raises `Violation` if the function under test breaks a rule. Any
other exception is a violation too, because a target catches the documented errors of the function.
"""

from __future__ import annotations

import contextlib
import functools
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace
from typing import Any

from headway.config.catalog_info import owner_in
from headway.config.document import parse_document
from headway.config.load import load_campaign_file
from headway.config.problems import DefinitionError, Problem
from headway.config.teams_file import load_teams
from headway.config.workspace import find_workspace, shipped_folder
from headway.forges.address import Address
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github_records import GithubRecords
from headway.forges.gitlab_records import GitlabRecords
from headway.forges.repository_lines import LineRules, read_repository_lines
from headway.forges.source_registry import load_source_types
from headway.git import authors, history, objects, path_encoding, upload_pack
from headway.git.attributes import Attributes
from headway.git.fetch_errors import FetchError, NoDirectAnswerError
from headway.git.wildmatch import InvalidPatternError, compiled
from headway.plugins import Scanners, load_scanners
from headway.printable import printable
from headway.progress.codeowners import CodeOwners
from headway.scan.spots import InvalidMatchError, check_match_or_unknown, spot_of
from headway.scanner import Match
from headway.storage.export_transfers import _key, _tables
from tests.fuzz import seeds

_LONGEST_MESSAGE = 2000
"""The maximum length in characters. A message quotes at most a few lines of the input."""


class Violation(Exception):  # noqa: N818 - what a fuzzer looks for
    """Raised if a function under test breaks a rule."""


@dataclass(frozen=True)
class Target:
    """A function that reads untrusted bytes."""

    name: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def check_message(text: str) -> None:
    """Check that an error message is one line without control characters."""
    if "\n" in text or printable(text) != text or len(text) > _LONGEST_MESSAGE:
        raise Violation(f"this message is not one printable line: {text!r:.300}")


def check_problems(problems: Sequence[Problem]) -> None:
    """Check the messages of all problems in a file."""
    for problem in problems:
        for line in problem.render(Path("/")).splitlines():
            if printable(line, keep="\t") != line:
                raise Violation(f"this problem has control characters: {line!r:.300}")
        if problem.line < 1 or problem.column < 1:
            raise Violation(f"a problem is at {problem.line}:{problem.column}")


@functools.cache
def scanners() -> Scanners:
    return load_scanners((shipped_folder() / "scanners",))


@functools.cache
def _module(scanner: str) -> Any:
    return sys.modules[type(scanners().by_name[scanner]).__module__]


@functools.cache
def _folder() -> Path:
    folder = Path(gettempdir()) / "headway-fuzz"
    folder.mkdir(exist_ok=True)
    return folder


def _campaign(content: bytes) -> None:
    file = _folder() / "fuzzed.yaml"
    file.write_bytes(content)
    check_problems(load_campaign_file(file, scanners()).problems)


def _yaml(content: bytes) -> None:
    document = parse_document(Path("x.yaml"), content)
    check_problems(document.problems)
    if document.data is None and not document.problems:
        raise Violation("no content, and no problem")


def _settings(content: bytes) -> None:
    (_folder() / "headway.toml").write_bytes(content)
    try:
        find_workspace(_folder(), load_source_types)
    except DefinitionError as error:
        check_problems(error.problems)


def _teams(content: bytes) -> None:
    (_folder() / "teams.yaml").write_bytes(content)
    check_problems(load_teams(_folder()).problems)


def _code_owners(content: bytes) -> None:
    for dialect in ("github", "gitlab"):
        owners = CodeOwners(content.decode("utf-8", "replace"), dialect)
        for path in ("a.py", "src/a b.py", "docs/x/y.md", ".github/CODEOWNERS"):
            if not set(owners.deciding(path)) <= set(owners.lines):
                raise Violation(f"a deciding line of {path} is not among the lines")


def _catalog_info(content: bytes) -> None:
    owner_in(content.decode("utf-8", "replace"))


def _git_attributes(content: bytes) -> None:
    attributes = Attributes({b".gitattributes": content, b"src/.gitattributes": content[::2]})
    for path in (b"a.py", b"src/a b.py", b"src/x/\xff.js"):
        attributes.excludes(path)


def _export_manifest(content: bytes) -> None:
    for table, file in _tables(content).items():
        key = _key("export", table, file)
        if not re.fullmatch(r"export/[a-z0-9_]+\.[0-9a-f]{16}\.parquet", key):
            raise Violation(f"{key!r} is no file of a table")


def _wildmatch(content: bytes) -> None:
    for whole_path in (False, True):
        with contextlib.suppress(InvalidPatternError):
            compiled(content, whole_path=whole_path).fullmatch(b"src/a b.py")


def _paths(content: bytes) -> None:
    text = path_encoding.text_of(content)
    if path_encoding.bytes_of(text) != content:
        raise Violation(f"{content!r} is {path_encoding.bytes_of(text)!r} after a round trip")
    path_encoding.unquoted(content)
    path_encoding.without_stand_ins(path_encoding.with_stand_ins(content))


def _objects(content: bytes) -> None:
    stream = BytesIO(content)
    with contextlib.suppress(objects.UnreadError):
        while header := stream.readline():
            objects._read_one(stream, header, "0" * 40, 4096)
    objects.text_in(content)


def _log(content: bytes) -> None:
    """Read a log that has the format of git, but quotes arbitrary text from commits."""
    fields = [part.replace(b"\0", b"") for part in content.split(b"\n")] + [b""] * 4
    person, co_authors = (field.replace(b"\3", b"").replace(b"\2", b"") for field in fields[:2])
    ids = [letter * 40 for letter in (b"a", b"f", b"b")]
    step = b"\2" + b"\3".join([*ids, person, co_authors]) + b"\0"
    change = (
        b":100644 100644 " + b"c" * 40 + b" " + b"d" * 40 + b" M\0" + (fields[2] or b"x") + b"\0"
    )
    try:
        stream, trees = BytesIO(step + change), list[str]()
        steps = list(history._parse_log(stream, path_encoding.text_of, 10, trees.append))
    except StopIteration as error:
        raise Violation("the log ends in the middle of a change") from error
    if len(steps) != 1 or len(steps[0].changes) != 1:
        raise Violation(f"{len(steps)} steps instead of 1")
    list(authors._parsed(content))


def _pack(content: bytes) -> None:
    for read_answer in (lambda read: list(upload_pack.pack_data(read)), upload_pack.head_commit):
        with contextlib.suppress(FetchError, NoDirectAnswerError):
            read_answer(BytesIO(content).read)


_ADDRESS = Address("https://api.example.com", "https://example.com", "example.com")


def _forge_answer(content: bytes) -> None:
    try:
        node = json.loads(content)
    except (ValueError, RecursionError):
        return
    if not isinstance(node, dict):
        return
    github, gitlab = GithubRecords("acme", _ADDRESS), GitlabRecords("acme", _ADDRESS)
    readers: tuple[Callable[[dict[str, Any]], object], ...] = (
        *(github.from_graphql, github.from_rest, gitlab.from_graphql),
        lambda entry: gitlab.from_rest(entry, entry.get("languages")),
        *(lambda entry: github.unlisted(entry, "x"), lambda entry: gitlab.unlisted(entry, "x")),
    )
    for read in readers:
        try:
            read(node)
        except ForgeTrouble as error:
            check_message(str(error))


def _repository_lines(content: bytes) -> None:
    rules = LineRules("acme", "example.com", ("example.com",))
    for problem in read_repository_lines("list", content, rules).problems:
        check_message(problem)


def _plugin_result(content: bytes) -> None:
    """Check a match whose fields, some with wrong types, are derived from the bytes."""
    rng = random.Random(content)
    text = content.decode("utf-8", "surrogateescape" if rng.random() < 0.1 else "replace")
    values: list[Any] = [
        text,
        content,
        None,
        1,
        -1,
        10**12,
        True,
        1.5,
        [text],
        {text: text},
        {1: 2},
    ]
    names = ("text", "line", "column", "path", "captures")
    match = Match(**{name: rng.choice(values) for name in names})
    with contextlib.suppress(InvalidMatchError):
        checked = check_match_or_unknown(rng.choice([match, *values]))
        if isinstance(checked, Match):
            json.dumps(spot_of(checked)._asdict(), ensure_ascii=False).encode("utf-8")


def ecosystem_of(name: str) -> Any:
    """Return an ecosystem of the shipped `dependency` scanner."""
    return _module("dependency").ecosystem_of(name)


def _ecosystem(name: str, paths: Sequence[str], content: bytes) -> None:
    """Read a file of an ecosystem, and search it for the packages that it names.

    The first byte selects the file, and the last line contains the package and range of the
    rule.
    """
    ecosystem = ecosystem_of(name)
    path = paths[content[0] % len(paths)] if content else paths[0]
    with _value_error():
        facts = ecosystem.read(path, content[1:])
        packages = {*facts.requirements, *facts.locked}
        for package in sorted(packages)[:5]:
            for finding in ecosystem.findings({path: facts}, package):
                if finding.line < 1 or finding.column < 1:
                    raise Violation(f"{package} is at {finding.line}:{finding.column}")
        for requirement in [one for many in facts.requirements.values() for one in many][:5]:
            with _value_error():
                ecosystem.versions(requirement.constraint)
        for locked in [one for many in facts.locked.values() for one in many][:5]:
            with _value_error():
                ecosystem.key(locked.version)


def _versions(name: str, content: bytes) -> None:
    ecosystem = ecosystem_of(name)
    one, _, other = content.decode("utf-8", "replace").partition("\n")
    with _value_error():
        first, second = ecosystem.versions(one), ecosystem.versions(other)
        both = first.intersection(second)
        if not (both.is_subset(first) and both.is_subset(second)):
            raise Violation(f"{one!r} and {other!r}: the intersection is not a subset of both")
        if not first.is_empty and first.is_subset(second) and both.is_empty:
            raise Violation(f"{one!r} is a subset of {other!r}, but they have nothing in common")


@contextlib.contextmanager
def _value_error() -> Iterator[None]:
    try:
        yield
    except (UnicodeError, RecursionError) as error:
        raise Violation(f"{type(error).__name__}: {error}") from error
    except ValueError as error:
        _check_length(str(error))


def _check_length(text: str) -> None:
    """Check only the length of a message. Headway makes quoted input printable later."""
    if len(text) > _LONGEST_MESSAGE:
        raise Violation(f"this message is too long: {text!r:.300}")


def _runtime(content: bytes) -> None:
    scanner: Any = scanners().by_name["runtime"]
    runtimes = ("python", "node", "java", "go", "ruby", "php", "dotnet")
    options = scanner.Options(runtime=runtimes[len(content) % 7], versions="<99")
    paths = [path for path, _ in seeds.RUNTIME]
    path = paths[content[0] % len(paths)] if content else paths[0]
    with _value_error():
        facts = scanner.read(options, path, content[1:])
        list(scanner.find(options, {path: facts}))


def _config(content: bytes) -> None:
    scanner: Any = scanners().by_name["config"]
    paths = [path for path, _ in seeds.CONFIG]
    path = paths[content[0] % len(paths)] if content else paths[0]
    for key in ("**.a", "a.b[*].c", "a"):
        options = SimpleNamespace(**scanner.Options(key=key).__dict__)
        try:
            for match in scanner.find(options, path, content[1:]):
                check_match_or_unknown(match)
        except _module("config").UnreadableFileError as error:
            _check_length(str(error))


def _with_paths(named: Sequence[tuple[str, str]]) -> tuple[bytes, ...]:
    return tuple(bytes([number]) + text.encode() for number, (_, text) in enumerate(named))


def _all() -> Iterator[Target]:
    catalogue = sorted((shipped_folder() / "campaigns").glob("*.yaml"))
    campaigns = [file.read_bytes() for file in catalogue if file.stat().st_size < 3000]
    yield Target("campaign", _campaign, (seeds.CAMPAIGN.encode(), *campaigns[:12]))
    plain: dict[str, tuple[Callable[[bytes], None], tuple[str, ...]]] = {
        "yaml": (_yaml, (seeds.CAMPAIGN, seeds.TEAMS)),
        "settings": (_settings, (seeds.SETTINGS,)),
        "teams": (_teams, (seeds.TEAMS,)),
        "codeowners": (_code_owners, seeds.CODE_OWNERS),
        "catalog-info": (_catalog_info, (seeds.CATALOG_INFO,)),
        "gitattributes": (_git_attributes, (seeds.GIT_ATTRIBUTES,)),
        "export-manifest": (_export_manifest, (seeds.EXPORT_MANIFEST,)),
        "glob": (_wildmatch, seeds.GLOBS),
        "path": (_paths, ("src/a.py", "\x00\x7f", '"a\\303\\244"')),
        "git-objects": (_objects, (f"{'a' * 40} blob 3\nabc\n{'b' * 40} missing\n",)),
        "git-log": (_log, ("Ada <ada@example.com>\nBob <b@example.com>\nsrc/a.py\n",)),
        "git-pack": (_pack, ("000dpackfile\n0009\x01PACK0000", f"0032{'a' * 40} HEAD\n0000")),
        "forge-answer": (_forge_answer, seeds.ANSWERS),
        "repository-lines": (_repository_lines, (seeds.REPOSITORY_LINES,)),
        "plugin-result": (_plugin_result, ("import six", "x" * 500)),
    }
    for name, (check, texts) in plain.items():
        yield Target(name, check, tuple(text.encode() for text in texts))
    yield Target("config", _config, _with_paths(seeds.CONFIG))
    yield Target("runtime", _runtime, _with_paths(seeds.RUNTIME))
    for name, named in seeds.MANIFESTS.items():
        paths = [path for path, _ in named]
        yield Target(
            f"dependency-{name}", functools.partial(_ecosystem, name, paths), _with_paths(named)
        )
        ranges = tuple(text.encode() for text in seeds.RANGES)
        yield Target(f"versions-{name}", functools.partial(_versions, name), ranges)


TARGETS = {target.name: target for target in _all()}

"""The faults that Headway survives, and what users see when one occurs.

The tests of a fault have the `fault` marker with its number. docs/reliability.md is generated from
this table and the markers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and its consequences."""

    number: int
    title: str
    """What goes wrong, in Markdown, without a full stop."""
    outcome: str
    """What the user sees, with the exit code, as sentences in Markdown."""
    missing: str | None = None
    """The part that has no test yet, with the reason, as a phrase; None if tests cover the whole
    fault.
    """


FAULTS = (
    Fault(
        1,
        "`scan` is killed at any system call that changes a file of the store",
        "The store opens and has the history of the last completed scan. The next scan exits "
        "with 0 and gives the same result as if no scan had been killed.",
    ),
    Fault(
        2,
        "Headway is killed at a random time during `scan`, `import` or `report`, or between the"
        " two renames of `export`",
        "The store, the export and the site are unchanged, and no process "
        "is left running. If the command is run again, it exits with 0 and deletes the leftover "
        "files.",
    ),
    Fault(
        3,
        "DuckDB stops while it copies its write-ahead log into the database file",
        "Exit code 1. The message says that the store could not be written and that its history"
        " is unchanged. The next scan gives the right result.",
    ),
    Fault(
        4,
        "The end of the store's write-ahead log is missing",
        "Exit code 0. Complete transactions are kept, and an incomplete one is ignored as a whole.",
    ),
    Fault(
        5,
        "Bits flip in the store, its log or an export; the store is cut off, or blocks of it are "
        "empty, outdated or swapped",
        "Exit code 1 from every command that reads the store. The message names the damaged file "
        "and the command that restores the history from the export, `headway import --replace`. "
        "Numbers are never wrong.",
    ),
    Fault(
        6,
        "The disk is full while Headway writes the store, a mirror or a page",
        "Exit code 1, and the message says what could not be written. If git cannot store what "
        "it fetches, the exit code is 3, and the repository is `unknown`. The old store, site and "
        "mirrors remain, and no temporary file is left behind.",
    ),
    Fault(
        7,
        "The disk reports an error when the store is synchronised (`fsync`)",
        "Exit code 1. The message says that the store could not be written. The old store remains.",
    ),
    Fault(
        8,
        "Two scans of one workspace run at the same time",
        "The second scan exits with 1, and names the process that uses the store and the time at "
        "which this process started. A process that has ended does not block a scan.",
    ),
    Fault(
        9,
        "A command reads the store while a scan writes",
        "Exit code 0, with the results of the last completed scan. Neither command waits for "
        "the other. If another program has opened the store for writing, the exit code is 1, "
        "and the message names the process.",
    ),
    Fault(
        10,
        "The store was written by an older version of Headway",
        "`scan` keeps a copy of the old store and converts the store. Other commands exit with "
        "1 and name `headway scan` as the next step. If the conversion fails or is killed, the old "
        "store remains.",
    ),
    Fault(
        11,
        "The store was written by a newer version of Headway or DuckDB",
        "Exit code 1. The message asks the user to upgrade Headway. The store is not changed.",
    ),
    Fault(
        12,
        "A listing has no `Link` header, an empty page, a server error in the middle, or a next"
        " page that is the same page; a repository is deleted while the forge lists the others",
        "If Headway cannot prove that it has seen all repositories, the exit code is 3, and "
        "repositories that are missing from the listing are `unknown`. No repository counts as "
        "gone or done.",
    ),
    Fault(
        13,
        "A listing is empty or has lost many repositories",
        "Exit code 3. The message says how many repositories are missing. They are `unknown` "
        "until they are listed again or the user accepts the listing with `--accept-shrunk-"
        "listing`.",
    ),
    Fault(
        14,
        "Single sign-on hides part of a listing; the forge responds with status 404 to a request "
        "for a private repository",
        "Exit code 3. The repositories that cannot be seen are `unknown`, not gone.",
    ),
    Fault(
        15,
        "The token expires during a scan",
        "The token of a GitHub App is renewed. With any other token, the exit code is 3, and "
        "the repositories that have not been read yet are `unknown`.",
    ),
    Fault(
        16,
        "The forge limits the rate of requests; its response may or may not state how long to wait",
        "Headway waits, and prints the reason and the end of the wait. If the rate limit ends "
        "after the deadline, the exit code is 3, and the remaining repositories are `unknown`.",
    ),
    Fault(
        17,
        "A GraphQL response has status 200, but contains errors",
        "Exit code 3. The message quotes the error. The listing is incomplete.",
    ),
    Fault(
        18,
        "The forge responds with a server error or with nonsense, resets or stalls the "
        "connection, has an untrusted certificate, or cuts a transfer",
        "Headway repeats the request if a retry can succeed. If the request keeps failing, the "
        "exit code is 3, and the affected repositories are `unknown`. Headway never uses an "
        "incomplete mirror.",
    ),
    Fault(
        19,
        "The forge redirects a request to another host",
        "The redirect is refused, so the other host never receives the token. Exit code 3; the "
        "affected repositories are `unknown`.",
    ),
    Fault(
        20,
        "A repository is renamed or transferred, its former name is given to another "
        "repository, or its default branch is renamed",
        "Exit code 0. The history follows the forge's ID of the repository, and the chart marks"
        " the day. A new repository with the former name begins its own history.",
    ),
    Fault(
        21,
        "A repository is empty, disabled, archived, a fork or a template, or its default branch "
        "does not exist",
        "Empty, disabled, archived and forked repositories are out of scope by default, and "
        "`repositories` gives the reason. A template counts like any other repository. If the "
        "default branch does not exist, the exit code is 3, and the repository is `unknown` (no "
        "default branch).",
    ),
    Fault(
        22,
        "A branch is force-pushed; a repository uses SHA-256; a clone is shallow",
        "Exit code 0. A force-pushed branch is read again, and the chart marks the day with "
        "“history rewritten”. SHA-256 makes no difference. A shallow local clone is read from its "
        "shallow boundary on. A shallow repository on a forge is `unknown` (exit code 3).",
    ),
    Fault(
        23,
        "A fetch is killed; a mirror has leftover locks, damaged objects or a hostile "
        "configuration",
        "The mirror is repaired or fetched again once, and the exit code is 0. If the repository "
        "on the forge is damaged, the exit code is 3, and the repository is `unknown`. Headway "
        "runs no program that the configuration of a mirror names.",
    ),
    Fault(
        24,
        "A repository has a tree that unfolds to billions of files, hundreds of levels of "
        "folders, a million files or a file of 1 GiB",
        "Time and memory are limited. If a limit is exceeded, the affected rules or repositories "
        "are `unknown` (exit code 3), and the reason names the setting that raises the limit.",
    ),
    Fault(
        25,
        "Names contain line breaks, control characters, bytes that are not UTF-8, leading "
        "dashes or `..`; files have Windows line endings, UTF-16, a byte order mark, binary "
        "content or lines of 10 MB",
        "Exit code 0. JSON and CSV contain every name without loss. Terminals and pages show "
        "control characters as escapes. Excerpts of long lines are shortened.",
    ),
    Fault(
        26,
        "A scanner raises an error, crashes, hangs or takes too much memory",
        "Exit code 3. Only the rules of this scanner are `unknown`, and only in the "
        "repositories where it fails. The reason names the scanner. All other results are the same "
        "as without this scanner.",
    ),
    Fault(
        27,
        "A pattern such as `(a+)+$` is searched in a long line",
        "Exit code 0. The search takes linear time.",
    ),
    Fault(
        28,
        "The time zone, daylight saving time or the locale changes; the clock is set back",
        "Exit code 0. Pages and exports are byte-for-byte identical, and no history is lost.",
    ),
    Fault(
        29,
        "A command runs twice with the same input",
        "Exit code 0. Pages and exports are identical.",
    ),
    Fault(
        30,
        "The forge creates an issue, but its response is lost",
        "–",
        missing="Headway does not create issues yet",
    ),
    Fault(
        31,
        "The user presses Ctrl-C once or twice",
        "Exit code 130, and one line: “interrupted; no partial results were saved”. No process "
        "is left running. The store and the site are unchanged.",
    ),
    Fault(
        32,
        "A token could appear in a list of processes, a file, a log, the store, a page or a pickle",
        "The token appears in none of these places.",
    ),
    Fault(
        33,
        "A campaign file has 5 MB, very many aliases, tabs, a byte order mark, duplicate keys, "
        "values of a wrong type, an unknown scanner or impossible dates",
        "Exit code 1. All errors of all files are reported together, each with file, line and "
        "column. A byte order mark is allowed.",
    ),
    Fault(
        34,
        "Paths, code, and names of campaigns and teams contain HTML, `javascript:` links, "
        "formulas or Markdown",
        "Exit code 0. HTML, SVG, CSV, Markdown and Atom show them as text, and nothing is "
        "executed.",
    ),
    Fault(
        35,
        "A worker or the scheduler of a cluster ends during a scan",
        "Other workers read the repositories of a lost worker again. If the scheduler ends, the "
        "exit code is 3, the remaining repositories are `unknown`, and the next scan reads them.",
    ),
    Fault(
        36,
        "The type or content of an object in a repository does not match its ID, or a commit graph "
        "is damaged",
        "Commit graphs are always ignored. If an object is damaged, the exit code is 3, and every "
        "state that depends on the object is `unknown`. The reason names the object.",
    ),
    Fault(
        37,
        "The git folder of a local repository is empty, newly initialised or damaged: "
        "`packed-refs`, `HEAD`, `refs` or `objects` is missing or truncated",
        "Exit code 3. The repository is `unknown` and keeps its items. It counts as `gone` only if "
        "its folder no longer exists. The reason names the folder and the next step.",
    ),
    Fault(
        38,
        "A killed command leaves temporary files behind: copies of the store, or folders for "
        "DuckDB, a site, an export or work trees",
        "The next command in the workspace deletes these files, but not the files of commands that "
        "are still running.",
    ),
    Fault(
        39,
        "A git process, a worker, its parent process or the process that starts workers is killed",
        "Exit code 0. Headway starts the process again, and nothing is lost or counted twice. If "
        "git is killed four times in a row, the exit code is 3, and the reason says so. If workers "
        "that build a site are killed twice, the exit code is 1, and the old site stays.",
    ),
    Fault(
        40,
        "A local repository is renamed or moved within the folder of its source",
        "Exit code 0. The repository keeps its items if its history contains the last commit that "
        "was scanned or, after a force push, most commits that opened items. A copy counts as a "
        "new repository.",
    ),
    Fault(
        41,
        "A commit, a tree or a file version in the history of a local repository is missing or "
        "damaged",
        "Objects that were damaged before the last scan have no effect. A first scan begins with "
        "the first commit after a damaged commit or tree: exit code 0, a message that names the "
        "object, and lower coverage on earlier days. If another object is damaged, the exit code "
        "is 3, and only states that depend on this object are `unknown`, such as the state of a "
        "rule at the path of a damaged file version. A damaged `.gitattributes` file concerns the "
        "rules that may select files in its folder and omit vendored code. Items keep their state.",
    ),
    Fault(
        42,
        "`TMPDIR` has a very long path, or names a folder that is missing, read-only or full",
        "Exit code 0. A long path makes no difference. If the folder cannot be used, a warning "
        "names the folder that is used instead. If no folder can be used, or the folder becomes "
        "full later, the exit code is 1, and the message names the folder and the next step.",
    ),
    Fault(
        43,
        "Two scans on different machines write to the same store in object storage",
        "The result of the first scan is saved. The second scan exits with 1 and keeps its result "
        "in a file that the message names. If the second scan is repeated, it continues with the "
        "newer history.",
    ),
    Fault(
        44,
        "Object storage cuts a connection, does not respond, responds with an error or ignores the "
        "conditions of writes; credentials are missing; Headway or its transfer process is killed "
        "during a transfer",
        "Headway repeats requests if a retry can succeed. Otherwise, the exit code is 1, and the "
        "message gives the reason and the next step. The object is either the old store or the new "
        "one, never a mixture. If a result could not be saved, Headway keeps it in a file.",
    ),
    Fault(
        45,
        "The store in object storage, or the local copy of it, is damaged, or is not a store",
        "Exit code 1. Headway deletes a damaged copy, and the next command downloads the store "
        "again. "
        "Otherwise, the message names the command that restores the history from the export, "
        "`headway import --replace`. Numbers are never wrong.",
    ),
    Fault(
        46,
        "A `CODEOWNERS` file contains invalid lines, for example a pattern that ends with a "
        "backslash",
        "Exit code 0. An invalid line has no effect, and all other lines count.",
    ),
)

#!/usr/bin/env python3
"""House checks: rules of this repository that no compiler knows. One line for each finding, `file:line: rule: what to do`.

    python3 Tests/house.py              checks the clone that this file is in
    python3 Tests/house.py --self-test  shows that every rule finds what it is for

A rule is a function from a `Repository` to findings; a repository is texts by path, so that the self-test makes its own.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

# From the bottom up. A module may import any module of the rows above its own, and of its own row only what BESIDE lists.
LAYERS = [
    {"Bytes", "DataFiles", "Settings", "CMaxMindDB", "CNghttp2", "CPages", "CPrefetch", "CSocket", "CZlib"},
    {"Wire", "Packets", "SFlow", "Capture", "Datagrams", "AddressDatabases", "FlowExport"},
    {"FlowLanguage"},
    {"Definitions"},
    {"ShardEngine", "ExactStatistics", "DefinitionStore", "Diagnosis"},
    {"Queries", "Transport", "Cluster"},
    {"ClusterStore", "ClusterMember"},
    {"Coordinator", "Ingest", "Worker"},
    {"Routing"},
    {"RestAPI", "Prometheus", "WebUI"},
    {"weir"},
]
BESIDE = {"Prometheus": {"RestAPI"}}
# Bytes and times in, state and answers out. These import one another and nothing else.
PURE = {
    "Bytes", "Wire", "SFlow", "Packets", "ExactStatistics", "FlowLanguage", "Definitions", "Diagnosis", "ShardEngine", "Queries", "Cluster",
}
PURE_IMPORTS = PURE | {"CPrefetch", "Synchronization"}
PURE_SCOPED_IMPORTS = {"Glibc.exp", "Glibc.log", "Glibc.sqrt"}
CLOCKS = r"\b(ContinuousClock|SuspendingClock|clock_gettime|gettimeofday)\b|\bDate\("

TOP_LEVEL = {"Package.swift", "Sources", "Tests", "cluster", "deploy", "k8s", "README.md"}
LINES_MAX = 400
# Tables of constants may be longer.
LONG_FILES = set()
# In pieces, so that this file does not find itself.
FORBIDDEN = [
    (r"(?<![\w.~-])/(?:work|farm|root)/", "is a path of one machine: derive it from the clone, HOME or an argument"),
    (r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b", "marks something unfinished: do it, or say in an issue what is missing"),
]
FORBIDDEN_IN_SWIFT = [
    (r"\btry" r"!", "traps: handle the error, or `try #require` in a test"),
    (r"\bas" r"!", "traps: use `as?` with an answer for nil"),
]
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:struct|class|enum|protocol|func|var|let|typealias)[ \t]+)?([A-Za-z_][\w.]*)", re.M)


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    advice: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


class Repository:
    def __init__(self, files, dependencies=None):
        self.files = files  # text by path; binary files have none
        self.dependencies = dependencies or {}  # names by target, as Package.swift gives them
        self.code = {path: blanked(text) for path, text in files.items() if path.endswith(".swift")}

    def sources(self):
        for path, code in self.code.items():
            parts = path.split("/")
            if parts[0] == "Sources" and len(parts) > 2:
                yield path, parts[1], code

    def matching(self, pattern):
        return [path for path in self.files if re.fullmatch(pattern, path)]


def blanked(text):
    """Swift source with comments and the contents of strings replaced by spaces; lines stay where they are."""
    token = re.compile(r'//[^\n]*|/\*|(#*)("""|")', re.S)
    result, position = [], 0
    while found := token.search(text, position):
        result.append(text[position:found.start()])
        end = end_of_comment(text, found.end()) if found[0] == "/*" else found.end()
        if found[2]:
            end = end_of_string(text, found.end(), found[2], found[1])
        result.append(re.sub(r"[^\n]", " ", text[found.start():end]))
        position = end
    return "".join(result) + text[position:]


def end_of_comment(text, position):
    depth = 1
    for found in re.compile(r"/\*|\*/").finditer(text, position):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


def end_of_string(text, position, quote, hashes):
    """Interpolations belong to the string; strings inside them are skipped as wholes."""
    pattern = re.compile(
        r"\\" + hashes + r"(\()|\\" + hashes + r"." + "|" + quote + hashes + ("" if len(quote) == 3 else r"|\n"), re.S)
    while found := pattern.search(text, position):
        if not found[1]:
            if not found[0].startswith("\\"):
                return found.end()
            position = found.end()
            continue
        position, depth = found.end(), 1
        while depth and (inner := re.compile(r'[()]|(#*)("""|")').search(text, position)):
            position = end_of_string(text, inner.end(), inner[2], inner[1]) if inner[2] else inner.end()
            depth += {"(": 1, ")": -1}.get(inner[0], 0)
        if depth:
            break
    return len(text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def layer(module):
    return next((index for index, row in enumerate(LAYERS) if module in row), None)


def may_import(module, other):
    return layer(other) < layer(module) or other in BESIDE.get(module, ())


def check_layers(repository):
    """What a module imports and what Package.swift says it depends on, against the table above and one another."""
    used = {}
    known = set().union(*LAYERS)
    for path, module, code in repository.sources():
        if module not in known:
            yield Finding(path, 1, "layers", f"{module} has no layer: add it to LAYERS in Tests/house.py")
            continue
        for found in IMPORT.finditer(code):
            name, line = found[1].split(".")[0], line_of(code, found.start(1))
            if module in PURE and name not in PURE_IMPORTS and found[1] not in PURE_SCOPED_IMPORTS:
                yield Finding(path, line, "layers", f"{module} is pure and cannot import {found[1]}: pass values in")
            if name not in known:
                continue
            used.setdefault(module, set()).add(name)
            if not may_import(module, name):
                yield Finding(path, line, "layers", f"{module} is not above {name}: move the code or turn the arrow")
            elif repository.dependencies and name not in repository.dependencies.get(module, ()):
                yield Finding("Package.swift", 1, "layers", f"{module} imports {name}: add it to its dependencies")
    for module, names in repository.dependencies.items():
        for name in sorted(names & known if module in known else ()):
            if not may_import(module, name):
                yield Finding("Package.swift", 1, "layers", f"{module} is not above {name}: turn the arrow")
            if module in used and name not in used[module]:
                yield Finding("Package.swift", 1, "layers", f"{module} never imports {name}: remove the dependency")


def check_clocks(repository):
    for path, module, code in repository.sources():
        for found in re.finditer(CLOCKS, code) if module in PURE else ():
            line = line_of(code, found.start())
            yield Finding(path, line, "clocks", f"{module} is pure and cannot ask for the time: take `now` as an argument")


def check_top_level(repository):
    for name in sorted({path.split("/")[0] for path in repository.files}):
        if name not in TOP_LEVEL and not name.startswith("."):
            yield Finding(name, 1, "top level", f"only {', '.join(sorted(TOP_LEVEL))} and dot files belong here: move it")


def check_openings(repository):
    for path, _, _ in repository.sources():
        if not re.match(r"\s*(//|/\*)", repository.files[path]):
            yield Finding(path, 1, "opening", "begin with a comment that says what the file is for")


def check_sizes(repository):
    for path in repository.code:
        lines = repository.files[path].count("\n")
        if lines > LINES_MAX and path not in LONG_FILES:
            yield Finding(path, LINES_MAX + 1, "size", f"{lines} lines: what is the second topic? Give it its own file")


def check_words(repository):
    for path, text in repository.files.items():
        searches = [(text, *rule) for rule in FORBIDDEN]
        if path in repository.code:
            searches += [(repository.code[path], *rule) for rule in FORBIDDEN_IN_SWIFT]
        for searched, pattern, advice in searches:
            for found in re.finditer(pattern, searched):
                yield Finding(path, line_of(searched, found.start()), "words", f"`{found[0]}` {advice}")


def check_references(repository):
    """Links of Markdown files, and files of ours that they name in backticks or commands."""
    folders = {str(parent) for path in repository.files for parent in pathlib.PurePosixPath(path).parents}
    present = set(repository.files) | folders
    names = {path.rsplit("/", 1)[-1] for path in repository.files}
    for path in repository.matching(r".*\.md"):
        text = repository.files[path]
        for found in re.finditer(r"\]\((?!\w+:|#)([^)\s#]+)", text):
            target = pathlib.PurePosixPath(path).parent / found[1]
            if normal(target) not in present:
                yield Finding(path, line_of(text, found.start()), "links", f"{found[1]} is not there: mend the link")
        for found in re.finditer(r"(?<![\w/.:-])(?<!\]\()(?:Sources|Tests|deploy|cluster|k8s|\.ci)/[\w./+-]*\w/?(?![\w*<{$])", text):
            if found[0].rstrip("/") not in present:
                yield Finding(path, line_of(text, found.start()), "links", f"{found[0]} is not there: mend the name")
        for found in re.finditer(r"`([\w+-]+\.swift)`", text):
            if found[1] not in names:
                yield Finding(path, line_of(text, found.start()), "links", f"no file is called {found[1]}: mend the name")


def normal(path):
    parts = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts) or "."


def check_shell_blocks(repository):
    for path in repository.matching(r".*\.md"):
        text = repository.files[path]
        for found in re.finditer(r"^```(?:sh|bash|shell)\n(.*?)^```", text, re.M | re.S):
            answer = subprocess.run(["bash", "-n"], input=found[1], capture_output=True, text=True, check=False)
            if answer.returncode:
                problem = answer.stderr.strip().split("\n")[0]
                yield Finding(path, line_of(text, found.start()), "shell", f"this block is no shell text: {problem}")


RULES = [
    check_layers, check_clocks, check_top_level, check_openings, check_sizes, check_words, check_references,
    check_shell_blocks,
]


def findings(repository):
    return sorted({finding for rule in RULES for finding in rule(repository)})


def load(top):
    """What is in git or could be: files that git ignores do not count."""
    listing = subprocess.run(
        ["git", "-C", top, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True)
    files = {}
    for path in filter(None, listing.stdout.split("\0")):
        try:
            files[path] = (top / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            files[path] = ""
        except (FileNotFoundError, IsADirectoryError):
            continue
    return Repository(files, dependencies(top))


def dependencies(top):
    """Of each target, as the package manager reads Package.swift. In a folder of its own: builds may be running."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = subprocess.run(
            ["swift", "package", "--package-path", top, "--scratch-path", scratch, "dump-package"],
            capture_output=True, text=True, check=False)
    if answer.returncode:
        sys.exit(f"Package.swift:1: layers: the package manager cannot read it:\n{answer.stderr}")
    targets = json.loads(answer.stdout)["targets"]
    return {
        target["name"]: {next(iter(entry.values()))[0] for entry in target["dependencies"]}
        for target in targets if target["type"] != "test"
    }


def bad_repositories():
    """Rule, line, and a repository in which that rule finds exactly one thing there."""
    head = "// What it is for.\n"

    def source(path, text):
        return Repository({path: head + text})

    yield "layers", 2, source("Sources/SFlow/A.swift", "import Foundation\n")
    yield "layers", 2, source("Sources/SFlow/A.swift", "@preconcurrency internal import NIOCore\n")
    yield "layers", 2, source("Sources/Queries/A.swift", "import struct Foundation.Date\n")
    yield "layers", 2, source("Sources/ExactStatistics/A.swift", "import func Glibc.time\n")
    yield "layers", 2, source("Sources/Worker/A.swift", "package import RestAPI\n")
    yield "layers", 2, source("Sources/Packets/A.swift", "import SFlow\n")
    yield "layers", 1, Repository({"Sources/Novel/A.swift": head})
    yield "layers", 1, Repository({"Sources/SFlow/A.swift": head + "import Bytes\n"}, {"SFlow": {"Other"}})
    yield "layers", 1, Repository({"Sources/SFlow/A.swift": head}, {"Bytes": {"SFlow"}})
    unused = {"Sources/Worker/A.swift": head + "import Bytes\n"}
    yield "layers", 1, Repository(unused, {"Worker": {"Bytes", "Queries"}})
    yield "clocks", 3, source("Sources/ShardEngine/A.swift", "/* Date( */\nlet now = ContinuousClock.now\n")
    yield "clocks", 2, source("Sources/Bytes/A.swift", 'print("\\(f("x"))", Date())\n')
    yield "top level", 1, Repository({"Makefile": ""})
    yield "opening", 1, Repository({"Sources/weir/A.swift": "import Bytes\n// Late.\n"})
    yield "size", 401, Repository({"Tests/XTests/A.swift": "//\n" * 401})
    yield "words", 2, Repository({"deploy/a.sh": "#!/bin/sh\ncd /wo" "rk/main\n"})
    yield "words", 2, source("Sources/weir/A.swift", "// TO" "DO: later\n")
    yield "words", 2, source("Tests/XTests/A.swift", 'let a = "//"; let b = try' '! f()\n')
    yield "words", 4, source("Tests/XTests/A.swift", 'let a = #"""\n"\\(" "\n"""#; let b = c as' '! Int\n')
    yield "links", 3, Repository({"README.md": "# A\n\nSee [this](Sources/GONE.md).\n"})
    yield "links", 1, Repository({"Sources/ARCHITECTURE.md": "[up](../README.md#part)\n"})
    yield "links", 1, Repository({"README.md": "Run `Tests/gone.sh` now.\n"})
    yield "links", 1, Repository({"README.md": "See `Gone.swift`.\n"})
    yield "shell", 1, Repository({"README.md": "```sh\nfor x in 1 2; do echo $x\n```\n"})


GOOD = Repository(
    {
        "README.md": "[a](Sources/ARCHITECTURE.md#x) [b](https://example.org/x) `Sources/*/x` `A.swift` Sources/SFlow.\n"
        "```sh\nbash Tests/run.sh | head -n 1\n```\n",
        "Tests/run.sh": "mktemp -t x.XX" "XXXX\ncd /home/network/work/\n",
        "Sources/ARCHITECTURE.md": "[up](../README.md) and Sources/weir.\n",
        "Sources/SFlow/A.swift": "/// What.\npackage import Bytes\n// import Foundation, Date( and try" "!\n",
        "Sources/weir/B.swift": "/* What /* nested */ */\nimport SFlow\nimport Foundation\nlet a = ContinuousClock.now\n"
        'let b = "as' '! \\(c("try' '! )"))"\n',
        ".gitignore": "",
    },
    {"SFlow": {"Bytes"}, "weir": {"SFlow", "Logging"}, "Bytes": set()})


def self_test():
    failures = [f"found in a good repository: {finding}" for finding in findings(GOOD)]
    cases = list(bad_repositories())
    for rule, line, repository in cases:
        found = [str(finding) for finding in findings(repository) if (finding.rule, finding.line) == (rule, line)]
        if len(found) != 1:
            failures.append(f"{rule}, line {line}: found {found or 'nothing'} in {repository.files}")
    print("\n".join(failures) or f"{len(cases) + 1} examples behave")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if arguments:
        print(__doc__)
        return 2
    repository = load(pathlib.Path(__file__).resolve().parent.parent)
    found = findings(repository)
    print("\n".join(map(str, found)) or f"{len(repository.files)} files keep the rules of the house")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

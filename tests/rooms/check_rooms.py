#!/usr/bin/env python3
"""check_rooms.py ROOT: the house rules of the tree as a test.

Prints one line "file:line: message" per violation; exit code 1 when there is one. The rules: who
may include what (rooms, folders of inspect, third parties), sizes, columns, names, top level.
`check_rooms.py --self-test` breaks each rule in a small tree of its own (check_rooms_selftest.py).
"""
import pathlib
import re
import sys

# A room may include itself and the rooms to its right. Tests may include anything.
ROOMS = ["tools", "proxy", "inspect", "certs"]

# The folders of inspect in the order of the data: a folder may include itself and earlier ones.
FOLDERS = ["bytes", "codepoint", "record", "handshake", "decrypt", "transcript", "compare",
           "findings", "experiment", "capture", "http", "report", "bundle"]

# The report's plain data: headers without code, which these earlier folders fill in.
REPORT_DATA = {f"inspect/report/{name}_report.h"
               for name in ("session", "leg", "finding", "comparison")}
REPORT_DATA_USERS = {"compare", "findings", "experiment", "http"}

# All that inspect may know of certs.
CERTS_FOR_INSPECT = {"certs/digest.h", "certs/verify_signature.h"}

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "tests", *ROOMS,
             "build"}  # build/ is not in the repository

# Who a third-party header belongs to; the first pattern that matches decides.
LIBRARIES = [
    ("OpenSSL's SSL", r"openssl/(ssl|tls|dtls|srtp|quic)\w*\.h"),
    ("OpenSSL", r"openssl/.*"),
    ("Boost.JSON", r"boost/json(\.hpp|/.*)"),
    ("Beast's HTTP parser", r"boost/beast/http/(?!(async_)?(read|write)\b).*"),
    ("Beast's HTTP parser", r"boost/(beast/core/(error|string)|asio/buffer|optional)\.hpp"),
    ("Asio and Beast", r"boost/(asio|beast|system|core|optional)(\.hpp|/.*)"),
    ("spdlog", r"(spdlog|fmt)/.*"),
    ("CLI11", r"CLI/.*"),
    ("libpcap and libtins", r"(pcap|tins)(\.h|/.*)"),
    ("nghttp2", r"nghttp2/.*"),
    ("libzip", r"zip(conf)?\.h"),
    ("the system", r"(netinet/in|arpa/inet)\.h"),  # addresses
    ("sockets", r"(netinet|net|linux)/.*|sys/(socket|un|select|epoll|poll|ioctl)\.h"),
    ("sockets", r"(netdb|poll|ifaddrs)\.h"),
    ("the clock", r"(ctime|(sys/)?time\.h)"),
    ("the file system", r"(fstream|filesystem|(unistd|fcntl|dirent|sys/(stat|mman|types))\.h)"),
    ("the system", r"sys/\w+\.h"),
    ("std", r"\w+(\.h)?"),
]
NETWORK = {"std", "the system", "the file system", "the clock", "sockets", "OpenSSL",
           "OpenSSL's SSL", "Asio and Beast", "Beast's HTTP parser", "spdlog"}
ALLOWED = {  # the longest matching place decides
    "tools": NETWORK | {"CLI11"},
    "proxy": NETWORK,
    "inspect": {"std"},
    "inspect/decrypt": {"std", "OpenSSL"},
    "inspect/capture": {"std", "the file system", "libpcap and libtins"},
    "inspect/http": {"std", "Beast's HTTP parser", "nghttp2"},
    "inspect/report": {"std", "Boost.JSON"},
    "inspect/bundle": {"std", "libzip"},
    "certs": {"std", "the system", "the file system", "the clock", "OpenSSL"},
}

ASKS_THE_CLOCK = re.compile(r"::now\s*\(|\b(clock_gettime|gettimeofday|std::time)\s*\(")

MAX_COLUMNS, MAX_HEADER, MAX_SOURCE, HARD_STOP = 100, 150, 300, 500
CODE_TABLES = "inspect/codepoint/"  # .cpp: as long as the registry that they copy

# Files that may be longer than MAX_HEADER or MAX_SOURCE, up to HARD_STOP: {path: reason}.
LONG_FILES = {
    "inspect/report/leg_report.h": "the JSON contract's LEG as plain data, read beside it",
}

CODE = {".h", ".cpp"}
FOREIGN_ENDINGS = {".hpp", ".hh", ".hxx", ".cc", ".cxx", ".c", ".C", ".ipp", ".inl"}
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT_OR_LITERAL = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|R"(?P<raw>[^\s()\\]{0,16})\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


class House:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.violations = []

    def check(self):
        for entry in sorted(self.root.iterdir()):
            if not entry.name.startswith(".") and entry.name not in TOP_LEVEL:
                self.report(entry.name, 1, "not one of the top-level entries")
        for room in [*ROOMS, "tests"]:
            for file in sorted((self.root / room).rglob("*")):
                path = file.relative_to(self.root).as_posix()
                if file.is_file() and "__pycache__" not in path:
                    self.check_file(path, file)
        return self.violations

    def report(self, path, line, message):
        self.violations.append(f"{path}:{line}: {message}")

    def check_file(self, path, file):
        if file.suffix in FOREIGN_ENDINGS:
            self.report(path, 1, "C++ files end in .h and .cpp")
        if file.suffix not in CODE | {".py", ".sh", ""} or not is_text(file):
            return
        text = file.read_text(encoding="utf-8", errors="replace")
        script = file.suffix not in CODE and text.startswith("#!")
        if not script and file.suffix not in CODE | {".py"}:
            return
        lines = text.splitlines()
        self.check_look(path, lines)
        if file.suffix in CODE:
            self.check_size(path, len(lines))
            without_comments, code = strip(text)
            self.check_includes(path, without_comments.splitlines())
            if path.startswith("inspect/"):
                for number, line in enumerate(code.splitlines(), 1):
                    if ASKS_THE_CLOCK.search(line):
                        self.report(path, number, "inspect asks no clock: its caller says when")

    def check_look(self, path, lines):
        parts = pathlib.PurePosixPath(path).with_suffix("").parts
        for part in parts:
            if not SNAKE_CASE.fullmatch(part):
                self.report(path, 1, f'"{part}" is not snake_case')
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_COLUMNS:
                self.report(path, number, f"{len(line)} columns; at most {MAX_COLUMNS}")

    def check_size(self, path, count):
        if path.startswith(CODE_TABLES) and path.endswith(".cpp"):
            return
        if count > HARD_STOP:
            self.report(path, count, f"{count} lines; never more than {HARD_STOP}")
        elif path.startswith("tests/") or path in LONG_FILES:
            return
        elif count > (limit := MAX_HEADER if path.endswith(".h") else MAX_SOURCE):
            self.report(path, count, f"{count} lines; at most {limit}, or a reason in LONG_FILES")

    def check_includes(self, path, lines):
        room, _, below = path.partition("/")
        folder = below.split("/")[0] if room == "inspect" else None
        if folder is not None and folder not in FOLDERS:
            self.report(path, 1, "not in one of the folders of inspect")
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if include is None:
                continue
            quoted, target = include[1] == '"', include[2]
            if quoted and not (self.root / target).is_file():
                self.report(path, number, f'"{target}" does not exist below the root')
            elif room == "tests":
                continue
            elif quoted:
                for message in forbidden_own(room, folder, target):
                    self.report(path, number, message)
            else:
                for message in forbidden_library(path, room, folder, target):
                    self.report(path, number, message)


def forbidden_own(room, folder, target):
    """forbidden_own yields what is wrong with including our own header `target`."""
    other, _, below = target.partition("/")
    if other not in ROOMS or ROOMS.index(other) < ROOMS.index(room):
        yield f'{room} must not look into {other}: "{target}"'
    elif room == "inspect" and other == "certs" and target not in CERTS_FOR_INSPECT:
        allowed = ", ".join(sorted(CERTS_FOR_INSPECT))
        yield f'of certs, inspect may include only {allowed}: "{target}"'
    elif room == "inspect" and other == "inspect" and folder in FOLDERS:
        other_folder = below.split("/")[0]
        plain_data = folder in REPORT_DATA_USERS and target in REPORT_DATA
        if other_folder not in FOLDERS:
            yield f'not in one of the folders of inspect: "{target}"'
        elif FOLDERS.index(other_folder) > FOLDERS.index(folder) and not plain_data:
            yield f'inspect/{folder} comes before inspect/{other_folder}: "{target}"'


def forbidden_library(path, room, folder, target):
    """forbidden_library yields what is wrong with including <target>, which is not ours."""
    if target.split("/")[0] in [*ROOMS, "tests"]:
        yield f"our own headers are included with quotes: <{target}>"
        return
    owner = next((name for name, pattern in LIBRARIES if re.fullmatch(pattern, target)), None)
    place = f"{room}/{folder}" if f"{room}/{folder}" in ALLOWED else room
    if owner is None:
        yield f"<{target}> belongs to no library of DESIGN's table"
    elif owner not in ALLOWED[place]:
        yield f"{place} must not use {owner}: <{target}>"
    elif room == "certs" and owner == "OpenSSL" and path.endswith(".h"):
        yield f"headers of certs are free of OpenSSL: <{target}>"


def strip(text):
    """strip returns the text without comments, and without comments and literals; lines stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    without_comments = COMMENT_OR_LITERAL.sub(
        lambda match: match[0] if match["comment"] is None else blank(match), text)
    return without_comments, COMMENT_OR_LITERAL.sub(blank, text)


def is_text(file):
    with file.open("rb") as opened:
        return b"\0" not in opened.read(4096)


def main(arguments):
    if arguments == ["--self-test"]:
        import check_rooms_selftest
        return check_rooms_selftest.run()
    if len(arguments) != 1 or not pathlib.Path(arguments[0], "CMakeLists.txt").is_file():
        print("usage: check_rooms.py ROOT | --self-test", file=sys.stderr)
        return 2
    violations = House(arguments[0]).check()
    print("\n".join(violations) or "the house is in order")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:]))

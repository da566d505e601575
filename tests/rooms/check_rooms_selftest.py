"""Breaks each rule of check_rooms.py in a small tree, and sees that exactly that line is named."""
import pathlib
import tempfile

import check_rooms

# What every tree below has, so that includes find something.
GOOD = {
    "CMakeLists.txt": "",
    "README.md": "x" * 300,
    ".gitignore": "/build/\n",
    "build/dev/Bad-Name.h": "",
    "certs/digest.h": "#pragma once\n#include <string>\n",
    "certs/verify_signature.h": "#pragma once\n",
    "certs/authority.h": "#pragma once\n",
    "certs/authority.cpp": "#include <openssl/x509.h>\n#include <filesystem>\n",
    "inspect/README.md": "",
    "inspect/bytes/limits.h": '#pragma once\n// a comment asks no clock::now()\n'
                              '/* #include "proxy/relay.h"\n#include <spdlog/spdlog.h> */\n',
    "inspect/codepoint/cipher_suite.cpp": "\n" * 900,
    "inspect/record/record.h": '#pragma once\n#include "certs/digest.h"\n#include <chrono>\n',
    "inspect/decrypt/secrets.cpp": '#include <openssl/evp.h>\n#include "inspect/record/record.h"\n',
    "inspect/findings/finding.h": '#include "inspect/report/finding_report.h"\n',
    "inspect/capture/pcap_file.cpp": "#include <fstream>\n#include <pcap/pcap.h>\n",
    "inspect/http/reader.h": '#include <boost/asio/buffer.hpp>\n#include <nghttp2/nghttp2.h>\n'
                             '#include <boost/beast/http/basic_parser.hpp>\n'
                             '#include "inspect/report/session_report.h"\n',
    "inspect/report/session_report.h": "#pragma once\n",
    "inspect/report/finding_report.h": "#pragma once\n",
    "inspect/report/json_report.h": "#pragma once\n",
    "inspect/report/json_report.cpp": '#include <boost/json.hpp>\nauto text = "clock::now()";\n',
    "inspect/bundle/bundle.cpp": "#include <zip.h>\n",
    "proxy/relay.h": '#include <boost/asio/ip/tcp.hpp>\n#include "certs/authority.h"\n',
    "proxy/relay.cpp": "#include <openssl/ssl.h>\n#include <fmt/core.h>\n#include <netdb.h>\n",
    "tools/visavis.cpp": '#include <CLI/CLI.hpp>\n#include "proxy/relay.h"\n',
    "tools/start": "#!/usr/bin/env bash\n",
    "tests/proxy/relay_test.cpp": '#include "proxy/relay.h"\n#include <anything/at_all.h>\n',
    "tests/data/Some-Name.TXT": "x" * 300,
}

# What breaks a rule: file, text, the line that must be named, a word of the message.
BAD = [
    ("docs/guide.md", "", 1, "top-level"),
    ("Makefile", "", 1, "top-level"),
    ("inspect/record/bad.cpp", '#include "proxy/relay.h"', 1, "must not look into proxy"),
    ("certs/bad.cpp", '\n#include "inspect/bytes/limits.h"', 2, "must not look into inspect"),
    ("proxy/bad.cpp", '#include "tests/proxy/relay_test.cpp"', 1, "must not look into tests"),
    ("proxy/bad.cpp", '#include "relay.h"', 1, "does not exist"),
    ("tests/bad_test.cpp", '#include "proxy/gone.h"', 1, "does not exist"),
    ("proxy/bad.cpp", "#include <proxy/relay.h>", 1, "with quotes"),
    ("inspect/record/bad.cpp", '#include "certs/authority.h"', 1, "of certs"),
    ("inspect/record/bad.cpp", '#include "inspect/decrypt/secrets.cpp"', 1, "comes before"),
    ("inspect/record/bad.cpp", '#include "inspect/report/session_report.h"', 1, "comes before"),
    ("inspect/compare/bad.cpp", '#include "inspect/report/json_report.h"', 1, "comes before"),
    ("inspect/misc/bad.cpp", "", 1, "folders of inspect"),
    ("inspect/bad.cpp", "", 1, "folders of inspect"),
    ("inspect/record/bad.cpp", "#include <openssl/evp.h>", 1, "must not use OpenSSL"),
    ("inspect/decrypt/bad.cpp", "#include <openssl/ssl.h>", 1, "must not use OpenSSL's SSL"),
    ("inspect/http/bad.cpp", "#include <boost/json.hpp>", 1, "must not use Boost.JSON"),
    ("inspect/http/bad.cpp", "#include <boost/asio/ip/tcp.hpp>", 1, "must not use Asio"),
    ("inspect/http/bad.cpp", "#include <boost/beast/http/read.hpp>", 1, "must not use Asio"),
    ("inspect/report/bad.cpp", "#include <boost/asio/buffer.hpp>", 1, "must not use Beast"),
    ("inspect/report/bad.cpp", "#include <pcap.h>", 1, "must not use libpcap"),
    ("inspect/report/bad.cpp", "#include <tins/tins.h>", 1, "must not use libpcap"),
    ("inspect/report/bad.cpp", "#include <nghttp2/nghttp2.h>", 1, "must not use nghttp2"),
    ("inspect/report/bad.cpp", "#include <zip.h>", 1, "must not use libzip"),
    ("inspect/report/bad.cpp", "#include <fstream>", 1, "must not use the file system"),
    ("inspect/report/bad.cpp", "#include <ctime>", 1, "must not use the clock"),
    ("inspect/capture/bad.cpp", "#include <netinet/in.h>", 1, "must not use the system"),
    ("inspect/capture/bad.cpp", "#include <sys/socket.h>", 1, "must not use sockets"),
    ("inspect/capture/bad.cpp", "#include <spdlog/spdlog.h>", 1, "must not use spdlog"),
    ("inspect/record/bad.cpp", "auto t = std::chrono::steady_clock::now();", 1, "asks no clock"),
    ("certs/bad.h", "#include <openssl/x509.h>", 1, "free of OpenSSL"),
    ("certs/bad.cpp", "#include <openssl/ssl.h>", 1, "must not use OpenSSL's SSL"),
    ("certs/bad.cpp", "#include <boost/asio.hpp>", 1, "must not use Asio"),
    ("certs/bad.cpp", "#include <sys/socket.h>", 1, "must not use sockets"),
    ("proxy/bad.cpp", "#include <CLI/CLI.hpp>", 1, "must not use CLI11"),
    ("proxy/bad.cpp", "#include <boost/json.hpp>", 1, "must not use Boost.JSON"),
    ("tools/bad.cpp", "#include <curl/curl.h>", 1, "no library"),
    ("proxy/bad.h", "\n" * 151, 151, "at most 150"),
    ("proxy/bad.cpp", "\n" * 301, 301, "at most 300"),
    ("tests/proxy/bad_test.cpp", "\n" * 501, 501, "never more than 500"),
    ("proxy/bad.cpp", "\n//" + "x" * 99, 2, "101 columns"),
    ("tools/bad", "#!/bin/sh\n#" + "x" * 100, 2, "101 columns"),
    ("proxy/BadName.cpp", "", 1, "snake_case"),
    ("proxy/bad-name.h", "", 1, "snake_case"),
    ("proxy/bad.hpp", "", 1, "end in .h and .cpp"),
]


def violations(tree):
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return check_rooms.House(root).check()


def run():
    failures = [f"in a good tree: {violation}" for violation in violations(GOOD)]
    for path, text, line, word in BAD:
        top = path.split("/")[0] if word == "top-level" else path
        found = violations(GOOD | {path: text})
        if len(found) != 1 or not found[0].startswith(f"{top}:{line}: ") or word not in found[0]:
            failures.append(f"{path} {text[:60]!r}: not {top}:{line}: ...{word}..., but {found}")
    print("\n".join(failures) or f"each of {len(BAD)} violations is named")
    return 1 if failures else 0

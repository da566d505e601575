"""planted_search.py BUNDLE.zip WORD...: looks for words in everything that a bundle holds.

Looks into every file, names and comments of the archive included: as it is, in hexadecimal of
either case, in base64, and in what the capture's TCP streams carry, their packets put together.
Prints "FILE: WORD (how)" for each that is found, then the names of the files.
"""
import base64
import subprocess
import sys
import tempfile
import zipfile


def streams(capture):
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
        file.write(capture)
        file.flush()
        lines = subprocess.run(
            ["tshark", "-r", file.name, "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields",
             "-e", "tcp.stream", "-e", "tcp.srcport", "-e", "tcp.payload"],
            check=True, capture_output=True, text=True).stdout.splitlines()
    sides = {}
    for line in lines:
        stream, port, payload = line.split("\t")
        side = sides.setdefault((stream, port), bytearray())
        side.extend(bytes.fromhex(payload.replace(":", "")))
    return [bytes(side) for side in sides.values()]


def forms(word):
    raw = word.encode()
    yield "as it is", raw
    yield "as it is, in small letters", raw.lower()
    yield "in hexadecimal", raw.hex().encode()
    yield "in capital hexadecimal", raw.hex().upper().encode()
    for offset in range(3):  # where in a group of three it begins
        text = base64.b64encode(b"\0" * offset + raw)
        yield "in base64", text[4 if offset else 0:len(text) // 4 * 4 - 4]


def search(name, contents, words, found):
    for word in words:
        for how, form in forms(word):
            if form and form in contents:
                found.add(f"{name}: {word} ({how})")


def main():
    found = set()
    with zipfile.ZipFile(sys.argv[1]) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        with open(sys.argv[1], "rb") as file:
            search("the archive", file.read(), sys.argv[2:], found)
        for name in names:
            contents = archive.read(name)
            search(name, contents, sys.argv[2:], found)
            if name.endswith(".pcapng"):
                for side in streams(contents):
                    search(name + ", a stream", side, sys.argv[2:], found)
    print("\n".join(sorted(found)))
    print("files: " + " ".join(names))


main()

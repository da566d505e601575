"""scripted_server.py STEP...: answers a ClientHello byte by byte as no TLS library will.

Says "ready PORT" once it listens. Each connection waits for a whole ClientHello and then goes
through the steps, words of the form NAME or NAME:VALUE[:VALUE]:

hello:KEY=VALUE,...  a ServerHello; keys: version (hex, legacy_version), suite (hex), session
                     (echo, none, or hex), compression, selected (hex: supported_versions), share
                     (group:length of a key share), extension (type:hex; may be repeated), skew
                     (added to the length of the extensions' vector), cut (how many bytes of the
                     record are sent)
retry:GROUP          a HelloRetryRequest for the group (decimal)
wait                 for another ClientHello record
alert:LEVEL:NUMBER   an alert record
file:PATH            the bytes of a file
fin, rst, silent     the end; without one the peer's end is waited for

Unread bytes are read before FIN, so that it does not become RST.
"""
import hashlib
import socket
import struct
import sys
import threading


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def read_hello(connection):
    """The session id of the next ClientHello; other records are passed over."""
    while True:
        header = receive(connection, 5)
        body = receive(connection, int.from_bytes(header[3:5], "big"))
        if header[0] == 22 and body[0] == 1:
            return body[39:39 + body[38]]
        if header[0] == 21:
            raise ConnectionError


def extension(number, body):
    return struct.pack("!HH", number, len(body)) + body


def server_hello(settings, session_id):
    values, extensions = {}, b""
    for word in settings.split(","):
        key, _, value = word.partition("=")
        if key == "extension":
            number, _, body = value.partition(":")
            extensions += extension(int(number), bytes.fromhex(body))
        elif key == "selected":
            extensions += extension(43, bytes.fromhex(value))
        elif key == "share":
            group, length = map(int, value.split(":"))
            extensions += extension(51, struct.pack("!HH", group, length) + b"\x07" * length)
        else:
            values[key] = value
    echo = {"echo": session_id, "none": b""}
    session = values.get("session", "none")
    session = echo[session] if session in echo else bytes.fromhex(session)
    body = bytes.fromhex(values.get("version", "0303"))
    body += bytes.fromhex(values["random"]) if "random" in values else b"\x5a" * 32
    body += bytes([len(session)]) + session + bytes.fromhex(values.get("suite", "c02f"))
    body += bytes([int(values.get("compression", "0"))])
    if extensions:
        body += struct.pack("!H", len(extensions) + int(values.get("skew", "0"))) + extensions
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    record = b"\x16\x03\x03" + struct.pack("!H", len(message)) + message
    return record[:int(values.get("cut", len(record)))]


def retry_request(group, session_id):
    random = hashlib.sha256(b"HelloRetryRequest").hexdigest()
    return server_hello(f"version=0303,suite=1301,session={session_id.hex() or 'none'},"
                        f"random={random},selected=0304,extension=51:{int(group):04x}", session_id)


def serve(connection, steps):
    with connection:
        try:
            session_id = read_hello(connection)
            for step in steps:
                name, _, value = step.partition(":")
                if name == "hello":
                    connection.sendall(server_hello(value, session_id))
                elif name == "retry":
                    connection.sendall(retry_request(value, session_id))
                elif name == "wait":
                    read_hello(connection)
                elif name == "alert":
                    connection.sendall(b"\x15\x03\x03\x00\x02" + bytes(map(int, value.split(":"))))
                elif name == "file":
                    with open(value, "rb") as file:
                        connection.sendall(file.read())
                elif name == "fin":
                    connection.shutdown(socket.SHUT_WR)
                elif name == "rst":
                    option = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
                    return
            while connection.recv(65536):  # the other side ends it
                pass
        except OSError:
            pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, sys.argv[1:]), daemon=True).start()


main()

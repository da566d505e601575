"""certificate_server.py FILE...: a TLS 1.2 server whose Certificate message holds these bytes.

Says "ready PORT" once it listens. Answers a ClientHello with ServerHello, Certificate and
ServerHelloDone; a client that asks for "brokenN.example.test" gets the Nth file as the only
certificate, from 0, whatever is in it, any other one the first. It has no key: when a client takes
the certificate and goes on, it closes; where one breaks off with an alert, it waits for its close.
"""
import pathlib
import re
import socket
import sys
import threading

SUITE = bytes.fromhex("009c")  # TLS_RSA_WITH_AES_128_GCM_SHA256: no ServerKeyExchange is due
ALERT = 21


def with_length(body, size):
    return len(body).to_bytes(size, "big") + body


def message(kind, body):
    return bytes([kind]) + with_length(body, 3)


def flight(certificate):
    extensions = with_length(bytes.fromhex("ff01000100"), 2)  # RFC 5746
    hello = b"\x03\x03" + bytes(32) + b"\x00" + SUITE + b"\x00" + extensions
    chain = with_length(with_length(certificate, 3), 3)
    messages = message(2, hello) + message(11, chain) + message(14, b"")
    pieces = [messages[at:at + 16384] for at in range(0, len(messages), 16384)]
    return b"".join(b"\x16\x03\x03" + with_length(piece, 2) for piece in pieces)


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def record(connection):
    header = receive(connection, 5)
    return header[0], receive(connection, int.from_bytes(header[3:], "big"))


def serve(connection, flights):
    with connection:
        try:
            _, hello = record(connection)
            wanted = re.search(rb"broken(\d+)\.example\.test", hello)
            connection.sendall(flights[int(wanted[1]) if wanted else 0])
            kind = 0
            for _ in range(3):  # ClientKeyExchange, ChangeCipherSpec, Finished
                kind, _ = record(connection)
                if kind == ALERT:
                    record(connection)
        except (OSError, EOFError):
            pass


def main():
    flights = [flight(pathlib.Path(name).read_bytes()) for name in sys.argv[1:]]
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, flights), daemon=True).start()


main()

"""picky_server.py CHAIN KEY [OPTIONS]: a TLS server that looks at the hello before it answers.

Says "ready PORT" once it listens and "connection SEGMENTS" for each connection, with how many TCP
segments its one read of the hello brought (tcpi_data_segs_in, linux/tcp.h).
With --several a hello that is not there whole, in one segment, is refused: by FIN, RST or a
decode_error alert, as by a device that takes a segment for a message.
With --one-record a hello that goes over several records is refused by decode_error, as by one that
takes a record for a message.
With --want-extension a hello without that extension is refused by handshake_failure, with
--refuse-extension one that has it by decode_error.
With --silent-between FIRST:LAST a ClientHello message of so many bytes is never answered.
With --longest BYTES:HOW one of more bytes meets fin, rst, silent, or alert: decode_error.
With --newest HEX one that names a later version is refused by protocol_version, be it in
legacy_version or in supported_versions (GREASE is passed over).
With --refuse-grease one with a value of RFC 8701 among its suites, groups, extensions or versions
is refused by illegal_parameter.
Otherwise it answers one HTTP request with "hello from picky\\n".
"""
import argparse
import socket
import ssl
import struct
import threading

DECODE_ERROR, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, PROTOCOL_VERSION = 50, 40, 47, 70
GROUPS, SUPPORTED_VERSIONS = 10, 43
DATA_SEGS_IN = 152  # its offset in tcp_info


def numbers(data):
    return [int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2)]


class Hello:
    """A whole ClientHello in one record."""

    def __init__(self, record):
        def vector(at, width):
            start = at + width
            return record[start:start + int.from_bytes(record[at:start], "big")]

        self.legacy_version = int.from_bytes(record[9:11], "big")
        at = 5 + 4 + 2 + 32
        at += 1 + record[at]
        self.suites = numbers(vector(at, 2))
        at += 2 + 2 * len(self.suites)
        at += 1 + record[at]
        end = at + 2 + int.from_bytes(record[at:at + 2], "big")
        at += 2
        self.extensions = {}
        while at < end:
            body = vector(at + 2, 2)
            self.extensions[int.from_bytes(record[at:at + 2], "big")] = body
            at += 4 + len(body)

    def versions(self):
        return numbers(self.extensions.get(SUPPORTED_VERSIONS, b"\0")[1:])

    def groups(self):
        return numbers(self.extensions.get(GROUPS, b"\0\0")[2:])


def is_grease(value):
    return value & 0x0f0f == 0x0a0a and value >> 8 == value & 0xff


def whole(hello):
    return len(hello) >= 5 and len(hello) >= 5 + int.from_bytes(hello[3:5], "big")


def in_one_record(hello):
    return int.from_bytes(hello[6:9], "big") + 4 <= int.from_bytes(hello[3:5], "big")


def find_fault(hello, options):
    """How the hello is refused: "fin", "rst", "silent" or "alert", and the alert; or None."""
    size = int.from_bytes(hello[3:5], "big")
    if options.silent_between:
        first, last = map(int, options.silent_between.split(":"))
        if first <= size <= last:
            return "silent", None
    if options.longest:
        longest, how = options.longest.split(":")
        if size > int(longest):
            return how, DECODE_ERROR
    if not whole(hello):
        return None
    said = Hello(hello)
    if options.want_extension is not None and options.want_extension not in said.extensions:
        return "alert", HANDSHAKE_FAILURE
    if options.refuse_extension is not None and options.refuse_extension in said.extensions:
        return "alert", DECODE_ERROR
    named = [said.legacy_version] + [each for each in said.versions() if not is_grease(each)]
    if options.newest and max(named) > int(options.newest, 16):
        return "alert", PROTOCOL_VERSION
    every = said.suites + said.groups() + said.versions() + list(said.extensions)
    if options.refuse_grease and any(map(is_grease, every)):
        return "alert", ILLEGAL_PARAMETER
    return None


def refuse(connection, how, alert):
    connection.recv(65536)  # unread bytes would make RST of a FIN
    if how == "silent":
        while connection.recv(65536):
            pass
        return connection.close()
    if how == "rst":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        return
    if how == "alert":
        connection.sendall(bytes([21, 3, 3, 0, 2, 2, alert]))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass
    connection.close()


def serve(connection, options, context):
    try:
        hello = connection.recv(65536, socket.MSG_PEEK)
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        segments = struct.unpack_from("I", info, DATA_SEGS_IN)[0]
        print("connection", segments, flush=True)
        if options.several and (segments > 1 or not whole(hello)):
            return refuse(connection, options.several, DECODE_ERROR)
        if options.one_record and not in_one_record(hello):
            return refuse(connection, "alert", DECODE_ERROR)
        fault = find_fault(hello, options)
        if fault:
            return refuse(connection, *fault)
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            body = b"hello from picky\n"
            tls.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            tls.unwrap()
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chain")
    parser.add_argument("key")
    parser.add_argument("--several", choices=["fin", "rst", "alert"])
    parser.add_argument("--one-record", action="store_true")
    parser.add_argument("--want-extension", type=int)
    parser.add_argument("--refuse-extension", type=int)
    parser.add_argument("--silent-between")
    parser.add_argument("--longest")
    parser.add_argument("--newest")
    parser.add_argument("--refuse-grease", action="store_true")
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, options, context), daemon=True).start()


main()

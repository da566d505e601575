"""odd_client.py --port P [...]: a TLS 1.2 client whose ClientHello says what no library's does.

It has its own X25519, ChaCha20-Poly1305 and key schedule (RFC 7748, 8439, 5246, 7905), offers
ECDHE_RSA_WITH_CHACHA20_POLY1305 and judges no certificate. --legacy-version and --versions (the
list of supported_versions) are hex; --grease puts values of RFC 8701 into the suites, the groups,
the extensions and the versions; --extension TYPE adds an empty one; --padding N one of N zeros
(RFC 7685). --alpn offers those protocols; with --insist it answers another choice, or none, with a
fatal no_application_protocol. --preface asks by HTTP/2 whatever was agreed on;
--no-request leaves it at HTTP/2's preface and SETTINGS.

Connects to 127.0.0.1, asks for --path, reads to the end, and prints one JSON object, as
tls_client.py does.
"""
import argparse
import hashlib
import hmac
import json
import os
import socket
import struct

SUITE, NAME = 0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"
X25519, RSA_PKCS1_SHA256, RSA_PSS_SHA256 = 29, 0x0401, 0x0804
ALERT, HANDSHAKE, DATA = 21, 22, 23
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
CONNECTED = PREFACE  # RFC 9113 3.4: what a client sends before it has a request
GET = b"\x82\x87\x84\x41\x09localhost"  # RFC 7541: :method, :scheme, :path, :authority
PREFACE += len(GET).to_bytes(3, "big") + bytes([1, 5, 0, 0, 0, 1]) + GET


class Refused(Exception):
    pass


def x25519(scalar, point):
    prime = 2 ** 255 - 19
    bits = int.from_bytes(scalar, "little") & ~7 & (2 ** 255 - 1) | 2 ** 254
    x1 = int.from_bytes(point, "little") & (2 ** 255 - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for i in reversed(range(255)):
        bit = bits >> i & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        x3, z3 = (da + cb) ** 2 % prime, x1 * (da - cb) ** 2 % prime
        x2, z2 = aa * bb % prime, (aa - bb) * (aa + 121665 * (aa - bb)) % prime
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, prime - 2, prime) % prime).to_bytes(32, "little")


def chacha_block(key, counter, nonce):
    start = list(struct.unpack("<4I8I", b"expand 32-byte k" + key))
    start += [counter] + list(struct.unpack("<3I", nonce))
    state = start[:]

    def quarter(a, b, c, d):
        for into, other, turned, bits in (a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7):
            state[into] = state[into] + state[other] & 0xffffffff
            word = state[turned] ^ state[into]
            state[turned] = (word << bits | word >> 32 - bits) & 0xffffffff

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12)
    return struct.pack("<16I", *(a + b & 0xffffffff for a, b in zip(state, start)))


def chacha(key, nonce, data):
    stream = b"".join(chacha_block(key, 1 + i, nonce) for i in range((len(data) + 63) // 64))
    return bytes(a ^ b for a, b in zip(data, stream))


def poly1305(key, nonce, extra, sealed):
    once = chacha_block(key, 0, nonce)[:32]
    r = int.from_bytes(once[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    text = b"".join(part + bytes(-len(part) % 16) for part in (extra, sealed))
    text += struct.pack("<QQ", len(extra), len(sealed))
    total = 0
    for i in range(0, len(text), 16):
        total = (total + int.from_bytes(text[i:i + 16] + b"\1", "little")) * r % (2 ** 130 - 5)
    return (total + int.from_bytes(once[16:], "little") & 2 ** 128 - 1).to_bytes(16, "little")


def prf(secret, label, seed, size):
    def mac(text):
        return hmac.new(secret, text, hashlib.sha256).digest()
    seed, out = label + seed, b""
    link = seed
    while len(out) < size:
        link = mac(link)
        out += mac(link + seed)
    return out[:size]


def vector(width, body):
    return len(body).to_bytes(width, "big") + body


def extension(number, body=b""):
    return struct.pack("!H", number) + vector(2, body)


def numbers(values):
    return b"".join(struct.pack("!H", value) for value in values)


def client_hello(options, random):
    grease = [0x1a1a] if options.grease else []
    name = b"\0" + vector(2, options.name.encode())
    extensions = extension(0x0a0a) if options.grease else b""
    extensions += extension(0, vector(2, name))
    extensions += extension(10, vector(2, numbers(grease + [X25519])))
    extensions += extension(11, vector(1, b"\0"))
    extensions += extension(13, vector(2, numbers([RSA_PSS_SHA256, RSA_PKCS1_SHA256])))
    if options.versions:
        versions = grease + [int(word, 16) for word in options.versions.split(",")]
        extensions += extension(43, vector(1, numbers(versions)))
    if options.alpn:
        protocols = [vector(1, word.encode()) for word in options.alpn.split(",")]
        extensions += extension(16, vector(2, b"".join(protocols)))
    for number in options.extension:
        extensions += extension(number)
    if options.padding is not None:
        extensions += extension(21, bytes(options.padding))
    body = bytes.fromhex(options.legacy_version) + random + b"\0"
    body += vector(2, numbers(grease + [SUITE, 0x00ff])) + b"\1\0" + vector(2, extensions)
    return b"\1" + vector(3, body)


class Connection:
    def __init__(self, plain):
        self.plain, self.messages, self.transcript = plain, b"", b""
        self.write_key = self.read_key = None
        self.sent = self.received = 0

    def crypt(self, key, number, kind, body, sealing):
        secret, fixed = key
        nonce = bytes(a ^ b for a, b in zip(fixed, bytes(4) + struct.pack("!Q", number)))
        size = len(body) if sealing else len(body) - 16
        extra = struct.pack("!QBHH", number, kind, 0x0303, size)
        if sealing:
            sealed = chacha(secret, nonce, body)
            return sealed + poly1305(secret, nonce, extra, sealed)
        if not hmac.compare_digest(poly1305(secret, nonce, extra, body[:-16]), body[-16:]):
            raise Refused("BAD_MAC")
        return chacha(secret, nonce, body[:-16])

    def write(self, kind, body):
        if self.write_key:
            body = self.crypt(self.write_key, self.sent, kind, body, True)
            self.sent += 1
        version = 0x0303 if self.transcript else 0x0301
        self.plain.sendall(struct.pack("!BH", kind, version) + vector(2, body))

    def write_message(self, message):
        self.write(HANDSHAKE, message)
        self.transcript += message

    def receive(self, size):
        data = b""
        while len(data) < size:
            more = self.plain.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        kind, _, size = struct.unpack("!BHH", self.receive(5))
        body = self.receive(size)
        if self.read_key:
            body = self.crypt(self.read_key, self.received, kind, body, False)
            self.received += 1
        if kind == ALERT and body[0] == 2:
            raise Refused("ALERT_%d" % body[1])
        return kind, body

    def read_message(self):
        while len(self.messages) < 4 or len(self.messages) < 4 + int.from_bytes(
                self.messages[1:4], "big"):
            kind, body = self.read()
            self.messages += body if kind == HANDSHAKE else b""
        size = 4 + int.from_bytes(self.messages[1:4], "big")
        message, self.messages = self.messages[:size], self.messages[size:]
        self.transcript += message
        return message[0], message[4:]


def chosen_protocol(hello):
    at = 34 + 1 + hello[34] + 3 + 2
    while at < len(hello):
        number, size = struct.unpack_from("!HH", hello, at)
        if number == 16:
            return hello[at + 7:at + 4 + size].decode()
        at += 4 + size
    return None


def shake_hands(connection, options, found):
    random, secret = os.urandom(32), os.urandom(32)
    connection.write_message(client_hello(options, random))
    server_random = server_key = None
    while True:
        kind, body = connection.read_message()
        if kind == 2:
            server_random = body[2:34]
            found["version"] = {0x0303: "TLSv1.2"}.get(int.from_bytes(body[:2], "big"))
            found["alpn"] = chosen_protocol(body)
        elif kind == 12:
            server_key = body[4:4 + body[3]]
        elif kind == 14:
            break
    if options.insist and found["alpn"] not in options.alpn.split(","):
        connection.write(ALERT, bytes([2, 120]))
        raise Refused("NO_APPLICATION_PROTOCOL")
    base = b"\x09" + bytes(31)
    connection.write_message(b"\x10" + vector(3, vector(1, x25519(secret, base))))
    master = prf(x25519(secret, server_key), b"master secret", random + server_random, 48)
    block = prf(master, b"key expansion", server_random + random, 88)
    connection.plain.sendall(bytes([20, 3, 3, 0, 1, 1]))
    connection.write_key = block[:32], block[64:76]

    def finished(label):
        return prf(master, label, hashlib.sha256(connection.transcript).digest(), 12)

    connection.write_message(b"\x14" + vector(3, finished(b"client finished")))
    expected = finished(b"server finished")
    while connection.read()[0] != 20:
        pass
    connection.read_key = block[32:64], block[76:88]
    if connection.read_message() != (20, expected):
        raise Refused("WRONG_FINISHED")
    found["cipher"] = NAME


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--name", default="localhost")
    arguments.add_argument("--path", default="/")
    arguments.add_argument("--legacy-version", default="0303")
    arguments.add_argument("--versions")
    arguments.add_argument("--grease", action="store_true")
    arguments.add_argument("--extension", type=int, action="append", default=[])
    arguments.add_argument("--padding", type=int)
    arguments.add_argument("--alpn")
    arguments.add_argument("--insist", action="store_true")
    arguments.add_argument("--preface", action="store_true")
    arguments.add_argument("--no-request", action="store_true")
    options = arguments.parse_args()
    found = {"version": None, "cipher": None, "alpn": None, "body": "", "error": None}
    try:
        with socket.create_connection(("127.0.0.1", options.port), timeout=4) as plain:
            connection = Connection(plain)
            shake_hands(connection, options, found)
            request = f"GET {options.path} HTTP/1.0\r\nHost: {options.name}\r\n\r\n".encode()
            if options.no_request:
                request = CONNECTED
            elif options.preface:
                request = PREFACE
            connection.write(DATA, request)
            body = b""
            try:
                while True:
                    kind, data = connection.read()
                    if kind == ALERT:
                        break
                    body += data if kind == DATA else b""
            except EOFError:
                pass
            connection.write(ALERT, b"\1\0")
            found["body"] = body.decode("latin-1")
    except Refused as error:
        found["error"] = str(error)
    except EOFError:
        found["error"] = "EOF"
    except OSError as error:
        found["error"] = type(error).__name__
    print(json.dumps(found))


main()

"""sslv2_client.py --port P [--version 0301] [--specs 00002f,...]: a client as of 2005.

Its ClientHello has the SSL 2.0 form (RFC 5246 E.2) and offers TLS 1.0 with
TLS_RSA_WITH_AES_128_CBC_SHA among the suites of SSL 2.0 and 3.0, as those of Internet Explorer 6
and of Java 6 did. It finishes the handshake, asks for /greeting with HTTP/1.0 and prints one line
each:

chose VERSION SUITE        of the ServerHello, hex
certificates NUMBER        in the server's Certificate
body TEXT                  of the response
alert LEVEL NUMBER         where the server ends the handshake with one
end close_notify|fin|rst   how the connection ended

With --version 0002 it offers SSL 2.0 only.
"""
import argparse
import hashlib
import hmac
import os
import socket
import subprocess
import tempfile

KEY_BYTES = 16
MAC_BYTES = 20
ALERT, HANDSHAKE, DATA = 21, 22, 23
# RC4-MD5, RC4-SHA, AES-128, AES-256, 3DES, DES as of SSL 3.0; RC4, 3DES, DES, RC2 as of SSL 2.0.
SPECS = "000004,000005,00002f,000035,00000a,000009,010080,0700c0,060040,030080"


class Ended(Exception):
    """How the other side ended it: close_notify, fin or rst."""


def openssl(words, data):
    words = ["openssl", *words]
    return subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout


def expand(algorithm, secret, seed, size):
    out, a = b"", seed
    while len(out) < size:
        a = hmac.digest(secret, a, algorithm)
        out += hmac.digest(secret, a + seed, algorithm)
    return out[:size]


def prf(secret, label, seed, size):  # RFC 2246 5
    half = (len(secret) + 1) // 2
    md5 = expand("md5", secret[:half], label + seed, size)
    sha = expand("sha1", secret[-half:], label + seed, size)
    return bytes(x ^ y for x, y in zip(md5, sha))


def encrypt_to(certificate, secret):
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate)
        file.flush()
        words = ["pkeyutl", "-encrypt", "-certin", "-keyform", "DER", "-inkey", file.name]
        return openssl(words, secret)


class Cipher:
    """One direction's AES-128-CBC with HMAC-SHA1 (RFC 2246 6.2.3.2)."""

    def __init__(self, mac_key, key, vector):
        self.mac_key, self.key, self.vector, self.sequence = mac_key, key, vector, 0

    def crypt(self, data, more):
        words = ["enc", "-aes-128-cbc", "-nopad", "-K", self.key.hex(), "-iv", self.vector.hex()]
        return openssl(words + more, data)

    def mac(self, kind, data):
        head = self.sequence.to_bytes(8, "big") + bytes([kind, 3, 1]) + len(data).to_bytes(2, "big")
        self.sequence += 1
        return hmac.digest(self.mac_key, head + data, "sha1")

    def seal(self, kind, data):
        data += self.mac(kind, data)
        padding = 15 - len(data) % 16
        sealed = self.crypt(data + bytes([padding] * (padding + 1)), [])
        self.vector = sealed[-16:]
        return sealed

    def open(self, kind, sealed):
        data = self.crypt(sealed, ["-d"])
        self.vector = sealed[-16:]
        data = data[:-data[-1] - 1]
        data, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
        assert mac == self.mac(kind, data), "MAC"
        return data


class Client:
    def __init__(self, plain):
        self.plain, self.reader, self.writer = plain, None, None
        self.transcript, self.waiting = b"", b""

    def receive(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.plain.recv(count - len(data))
            except ConnectionResetError:
                raise Ended("rst") from None
            if not more:
                raise Ended("fin")
            data += more
        return data

    def send(self, kind, data):
        if self.writer:
            data = self.writer.seal(kind, data)
        self.plain.sendall(bytes([kind, 3, 1]) + len(data).to_bytes(2, "big") + data)

    def record(self):
        header = self.receive(5)
        data = self.receive(int.from_bytes(header[3:], "big"))
        if self.reader:
            data = self.reader.open(header[0], data)
        if header[0] == ALERT:
            print("alert", data[0], data[1])
            if data == b"\x01\x00":  # close_notify: it waits for us to close
                raise Ended("close_notify")
        return header[0], data

    def message(self):
        size = 4
        while len(self.waiting) < size:
            self.waiting += self.record()[1]
            size = 4 + int.from_bytes(self.waiting[1:4], "big")
        message, self.waiting = self.waiting[:size], self.waiting[size:]
        self.transcript += message
        return message[0], message[4:]

    def say(self, kind, body):
        message = bytes([kind]) + len(body).to_bytes(3, "big") + body
        self.transcript += message
        self.send(HANDSHAKE, message)

    def finished(self, master, label):
        digest = hashlib.md5(self.transcript).digest() + hashlib.sha1(self.transcript).digest()
        return prf(master, label, digest, 12)

    def hello(self, version, specs):
        challenge = os.urandom(16)
        hello = b"\x01" + version + len(specs).to_bytes(2, "big") + b"\x00\x00\x00\x10"
        hello += specs + challenge
        self.transcript += hello
        self.plain.sendall((0x8000 | len(hello)).to_bytes(2, "big") + hello)
        return challenge.rjust(32, b"\x00")

    def handshake(self, version, specs):
        client_random = self.hello(version, specs)
        kind, body = self.message()
        assert kind == 2, "ServerHello"
        server_random, session = body[2:34], body[34]
        print("chose", body[:2].hex(), body[35 + session:37 + session].hex())
        kind, chain = self.message()
        assert kind == 11, "Certificate"
        first = chain[6:6 + int.from_bytes(chain[3:6], "big")]
        count, at = 0, 3
        while at < len(chain):
            count, at = count + 1, at + 3 + int.from_bytes(chain[at:at + 3], "big")
        print("certificates", count)
        assert self.message() == (14, b""), "ServerHelloDone"

        premaster = version + os.urandom(46)
        encrypted = encrypt_to(first, premaster)
        self.say(16, len(encrypted).to_bytes(2, "big") + encrypted)
        master = prf(premaster, b"master secret", client_random + server_random, 48)
        keys = prf(master, b"key expansion", server_random + client_random, 104)
        self.send(20, b"\x01")
        self.writer = Cipher(keys[:20], keys[40:56], keys[72:88])
        self.say(20, self.finished(master, b"client finished"))
        expected = self.finished(master, b"server finished")
        assert self.record() == (20, b"\x01"), "ChangeCipherSpec"
        self.reader = Cipher(keys[20:40], keys[56:72], keys[88:104])
        assert self.message() == (20, expected), "Finished"

    def ask(self):
        self.send(DATA, b"GET /greeting HTTP/1.0\r\nHost: localhost\r\n\r\n")
        response = b""
        try:
            while True:
                response += self.record()[1]
        finally:
            print("body", response.decode().split("\r\n\r\n")[-1])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--version", default="0301")
    arguments.add_argument("--specs", default=SPECS)
    options = arguments.parse_args()
    specs = bytes.fromhex(options.specs.replace(",", ""))
    with socket.create_connection(("127.0.0.1", options.port), timeout=8) as plain:
        client = Client(plain)
        try:
            client.handshake(bytes.fromhex(options.version), specs)
            client.ask()
        except Ended as ended:
            print("end", ended)


main()

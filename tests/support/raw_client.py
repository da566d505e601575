"""raw_client.py --port P KIND: a client that does not speak TLS as it should, on a raw TCP socket.

garbage      bytes of no protocol
proxy        a PROXY header, as a load balancer sends it
record       a TLS record of the wrong type (application data) first
truncated    the first half of a real ClientHello, then FIN
reset        the same, then RST
oversized    a ClientHello that says it has 100,000 bytes, and goes on with them
trickle      a real ClientHello, one byte per segment, slowly, until the other side ends it
empty        nothing, then FIN
say          --text, in which \\r, \\n and \\xNN stand for bytes, and nothing more; with --end FIN
             after it; with --hello a ClientHello right behind, in the same segment
leaves       a real ClientHello; the answer's first bytes meet --alert N, if there is one, and FIN
all          those that end by themselves, in turn, --times N

Reads to the end and prints what came back as hex, then how the other side ended it: "fin"|"rst".
"""
import argparse
import socket
import ssl
import struct
import time

ORDER = ["garbage", "proxy", "record", "truncated", "oversized", "empty"]


def client_hello():
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def records(content_type, data):
    parts = [data[i:i + 16384] for i in range(0, len(data), 16384)]
    return b"".join(struct.pack("!BHH", content_type, 0x0301, len(part)) + part for part in parts)


def what_to_send(kind, hello, options):
    if kind == "say":
        text = options.text.encode().decode("unicode_escape").encode("latin-1")
        return text + (hello if options.hello else b"")
    if kind == "garbage":
        return b"\x01\xfe\x99visavis\x00\xff" * 3
    if kind == "proxy":
        return b"PROXY TCP4 192.0.2.1 192.0.2.2 12345 443\r\n" + hello
    if kind == "record":
        return records(23, b"\x00" * 64)
    if kind in ("truncated", "reset"):
        return hello[:len(hello) // 2]
    if kind == "oversized":
        return records(22, b"\x01\x01\x86\xa0" + b"\x03\x03" + b"\x00" * 99_998)
    return b"" if kind == "empty" else hello


def speak(port, kind, hello, options):
    with socket.create_connection(("127.0.0.1", port), timeout=8) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = what_to_send(kind, hello, options)
        answer, end = b"", "fin"
        try:
            if kind == "trickle":
                plain.settimeout(0.02)
                for i in range(len(data)):
                    plain.send(data[i:i + 1])
                    try:
                        answer = plain.recv(4096)
                        break
                    except TimeoutError:
                        time.sleep(0)
                plain.settimeout(8)
            elif data:
                plain.sendall(data)
            if kind == "leaves":
                answer = plain.recv(65536)
                if options.alert is not None:
                    plain.sendall(bytes([21, 3, 3, 0, 2, 2, options.alert]))
            if kind == "reset":
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return answer, "left"
            if kind in ("truncated", "empty", "leaves") or options.end:
                plain.shutdown(socket.SHUT_WR)
            while more := plain.recv(65536):
                answer += more
        except (ConnectionResetError, BrokenPipeError):
            end = "rst"
        return answer, end


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--times", type=int, default=1)
    arguments.add_argument("--text", default="")
    arguments.add_argument("--end", action="store_true")
    arguments.add_argument("--hello", action="store_true")
    arguments.add_argument("--alert", type=int)
    options = arguments.parse_args()
    hello = client_hello()
    kinds = ORDER if options.kind == "all" else [options.kind]
    for i in range(options.times):
        answer, end = speak(options.port, kinds[i % len(kinds)], hello, options)
    print(answer.hex())
    print(end)


main()

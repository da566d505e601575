"""bulk_peer.py server|up|down: one HTTP/1.1 request with a body of any size, never held in memory.

server --chain FILE --key FILE says "ready PORT" once it listens. It answers PUT with the SHA-256 of
the body that came, and GET /N with N random bytes.
up and down --port P --ca FILE --size N: the clients of these.
Each side prints "sent" and "received" with the SHA-256 of the body.
"""
import argparse
import hashlib
import os
import socket
import ssl
import threading

CHUNK = 1024 * 1024


def send_random(tls, size):
    digest = hashlib.sha256()
    while size > 0:
        data = os.urandom(min(size, CHUNK))
        digest.update(data)
        tls.sendall(data)
        size -= len(data)
    print("sent", digest.hexdigest())


def receive(tls, first, size):
    digest = hashlib.sha256(first)
    size -= len(first)
    buffer = bytearray(CHUNK)
    while size > 0 and (count := tls.recv_into(buffer, min(size, CHUNK))):
        digest.update(memoryview(buffer)[:count])
        size -= count
    print("received", digest.hexdigest() if size == 0 else f"{size} bytes too few")
    return digest.hexdigest()


def header_of(tls):
    data = b""
    while b"\r\n\r\n" not in data:
        data += tls.recv(4096) or b"\r\n\r\n"
    header, rest = data.split(b"\r\n\r\n", 1)
    return header.decode(), rest


def length_in(header):
    return int(header.lower().split("content-length: ")[1].split("\r\n")[0])


def answer(context, plain):
    with context.wrap_socket(plain, server_side=True) as tls:
        header, rest = header_of(tls)
        if header.startswith("GET /"):
            size = int(header.split(" ")[1][1:])
            tls.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            send_random(tls, size)
        else:
            body = receive(tls, rest, length_in(header))
            tls.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        tls.unwrap()  # close_notify, and the client's


def serve(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0))
    print("ready", listener.getsockname()[1])
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=answer, args=(context, plain), daemon=True).start()


def visit(options):
    context = ssl.create_default_context(cafile=options.ca)
    with socket.create_connection(("127.0.0.1", options.port), timeout=60) as plain:
        tls = context.wrap_socket(plain, server_hostname="localhost")
        if options.kind == "up":
            tls.sendall(f"PUT / HTTP/1.1\r\nHost: localhost\r\n"
                        f"Content-Length: {options.size}\r\n\r\n".encode())
            send_random(tls, options.size)
        else:
            tls.sendall(f"GET /{options.size} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        header, rest = header_of(tls)
        receive(tls, rest, length_in(header))
        tls.unwrap()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=["server", "up", "down"])
    arguments.add_argument("--chain")
    arguments.add_argument("--key")
    arguments.add_argument("--port", type=int)
    arguments.add_argument("--ca")
    arguments.add_argument("--size", type=int)
    options = arguments.parse_args()
    serve(options) if options.kind == "server" else visit(options)


main()

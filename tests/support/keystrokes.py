"""keystrokes.py --port N --ca FILE --name NAME --text TEXT: types into a server that echoes.

Sends TEXT one byte at a time, each in a TLS record of its own, and waits for its echo before the
next one. Prints what came back.
"""
import argparse
import socket
import ssl


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--ca", required=True)
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--text", required=True)
    options = arguments.parse_args()
    context = ssl.create_default_context(cafile=options.ca)
    plain = socket.create_connection(("127.0.0.1", options.port), timeout=8)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    echoed = b""
    with context.wrap_socket(plain, server_hostname=options.name) as tls:
        for letter in options.text.encode():
            tls.sendall(bytes([letter]))
            echoed += tls.recv(1)
    print(echoed.decode())


main()

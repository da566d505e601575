"""piecemeal.py --port N --ca FILE --name NAME --piece BYTES --text TEXT: says TEXT in pieces.

Each piece is a TLS record of its own, and all of them leave at once. Prints what came back before
the end of the connection.
"""
import argparse
import socket
import ssl


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--ca", required=True)
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--piece", type=int, required=True)
    arguments.add_argument("--text", required=True)
    options = arguments.parse_args()
    context = ssl.create_default_context(cafile=options.ca)
    received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(received, to_send, server_hostname=options.name)
    with socket.create_connection(("127.0.0.1", options.port), timeout=8) as plain:

        def until_done(action):
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    plain.sendall(to_send.read())
                    data = plain.recv(65536)
                    received.write(data) if data else received.write_eof()

        until_done(tls.do_handshake)
        plain.sendall(to_send.read())
        text = options.text.encode()
        for begin in range(0, len(text), options.piece):
            tls.write(text[begin:begin + options.piece])
        plain.sendall(to_send.read())
        answer = b""
        try:
            while data := until_done(lambda: tls.read(65536)):
                answer += data
        except ssl.SSLEOFError:
            pass
    print(answer.decode(), end="")


main()

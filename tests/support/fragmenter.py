"""fragmenter.py --to PORT [--bytes N]: a forwarder that cuts the client's ClientHello into records
of N bytes (100), as TLS allows (RFC 8446 5.1) and few clients do.

Says "ready PORT" once it listens. All else passes as it comes, with its FIN.
"""
import argparse
import socket
import struct
import threading


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def fragments(client, size):
    header = receive(client, 5)
    body = receive(client, int.from_bytes(header[3:5], "big"))
    parts = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(header[:3] + struct.pack("!H", len(part)) + part for part in parts)


def pass_on(sender, receiver):
    try:
        while data := sender.recv(65536):
            receiver.sendall(data)
        receiver.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, options):
    try:
        with client, socket.create_connection(("127.0.0.1", options.to)) as server:
            server.sendall(fragments(client, options.bytes))
            back = threading.Thread(target=pass_on, args=(server, client), daemon=True)
            back.start()
            pass_on(client, server)
            back.join()
    except OSError:
        pass


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--to", type=int, required=True)
    arguments.add_argument("--bytes", type=int, default=100)
    options = arguments.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, options), daemon=True).start()


main()

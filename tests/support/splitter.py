"""splitter.py --to PORT --first BYTES: a TCP forwarder that cuts what the client says first.

Says "ready PORT" once it listens. The first BYTES bytes of the client's leave in a segment of their
own; what follows is sent when the other side has read them, or has turned away from them. All else
passes as it comes: both ways, FIN for FIN, RST for RST. On loopback only: /proc/net/tcp tells.
"""
import argparse
import select
import socket
import struct
import threading
import time


def endpoint(address):
    """127.0.0.1 and a port as /proc/net/tcp writes them."""
    return f"0100007F:{address[1]:04X}"


def is_read(connection):
    """True when nothing of what was sent waits at the other end of this connection."""
    ends = [endpoint(connection.getpeername()), endpoint(connection.getsockname())]
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            words = line.split()
            if words[1:3] == ends:
                return words[4].endswith(":00000000")
    return True


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def relay(client, server, first):
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    other = {client: server, server: client}
    waiting = {client, server}
    cut = False
    while waiting:
        for sender in select.select(list(waiting), [], [])[0]:
            receiver = other[sender]
            try:
                data = sender.recv(65536)
                if not data:
                    waiting.discard(sender)
                    receiver.shutdown(socket.SHUT_WR)
                    continue
                if sender is client and not cut:
                    cut = True
                    receiver.sendall(data[:first])
                    while not is_read(receiver):
                        time.sleep(0.001)
                    data = data[first:]
                receiver.sendall(data)
            except OSError:
                reset(client)
                reset(server)
                return
    client.close()
    server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=int)
    parser.add_argument("--first", type=int)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", options.to))
        arguments = (client, server, options.first)
        threading.Thread(target=relay, args=arguments, daemon=True).start()


main()

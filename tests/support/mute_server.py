"""mute_server.py fin|rst|silent|banner TEXT: a TCP peer that never says a ServerHello.

Says "ready PORT" once it listens. Waits for a whole TLS record (the ClientHello), then closes
(FIN), resets (RST) or stays silent; with banner it greets at once with TEXT, as SSH and SMTP do.
"""
import socket
import struct
import sys
import threading


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            return None
        data += more
    return data


def serve(connection, how, text):
    with connection:
        if how == "banner":
            connection.sendall(text.encode() + b"\r\n")
        else:
            header = receive(connection, 5)
            if header is None or receive(connection, int.from_bytes(header[3:5], "big")) is None:
                return
        if how == "rst":
            option = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            return
        if how == "fin":
            connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):  # the other side ends it
            pass


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1])
    text = sys.argv[2] if len(sys.argv) > 2 else ""
    while True:
        connection, _ = listener.accept()
        arguments = (connection, sys.argv[1], text)
        threading.Thread(target=serve, args=arguments, daemon=True).start()


main()

"""forwarder.py --to PORT [--then PORT] [--record DIR] [--cut c2s|s2c:BYTES:fin|rst|hold]
                [--change c2s|s2c:OFFSET:HEX] [--replace c2s|s2c:HEX:HEX]: a TCP forwarder.

Says "ready PORT" once it listens. Passes on bytes, FIN and RST as they come, both ways.
With --then, all connections but the first go to that port: a load balancer before two servers.
With --record, connection N leaves DIR/N.c2s and DIR/N.s2c (the bytes) and DIR/N.events: one line
"c2s|s2c bytes|fin|rst LENGTH" for each receive call; DIR/N.done comes last.
With --cut, after BYTES bytes of that direction the sender is gone: the receiver sees FIN or RST.
With hold it sees nothing more, as on a path that loses all that follows: no bytes, and no end.
With --change, the bytes at OFFSET of that direction are replaced by HEX.
With --replace, the first bytes HEX of that direction become the second, of the same length,
wherever they stand within one receive call.
"""
import argparse
import pathlib
import select
import socket
import struct
import threading

OTHER = {"c2s": "s2c", "s2c": "c2s"}


class Connection:
    def __init__(self, number, client, server, options):
        self.sender = {"c2s": client, "s2c": server}
        self.cut = options.cut
        self.left = {options.cut[0]: options.cut[1]} if options.cut else {}
        self.change = options.change
        self.replace = options.replace
        self.passed = {"c2s": 0, "s2c": 0}
        self.held = set()
        self.open = {"c2s", "s2c"}
        self.base = pathlib.Path(options.record) / str(number) if options.record else None
        self.note("c2s", "bytes")
        self.note("s2c", "bytes")

    def note(self, direction, event, data=b""):
        if not self.base:
            return
        with open(f"{self.base}.{direction}", "ab") as file:
            file.write(data)
        if data or event != "bytes":
            with open(f"{self.base}.events", "a", encoding="ascii") as file:
                print(direction, event, len(data), file=file)

    def run(self):
        # Before the server's first byte means: once it has been asked. Earlier, an RST would race
        # with the connection itself.
        if self.left.get("c2s") == 0:
            self.cut_off()
        while self.open:
            sockets = {self.sender[direction]: direction for direction in self.open}
            for ready in select.select(list(sockets), [], [])[0]:
                if sockets[ready] in self.open:
                    self.move(sockets[ready])
        for side in self.sender.values():
            side.close()
        if self.base:
            pathlib.Path(f"{self.base}.done").touch()

    def move(self, direction):
        if direction in self.held:
            return self.swallow(direction)
        left = self.left.get(direction, 65536)
        try:
            data = self.sender[direction].recv(min(left, 65536))
        except OSError:
            return self.end(direction, "rst")
        if not data:
            return self.end(direction, "fin")
        data = self.changed(direction, data)
        self.note(direction, "bytes", data)
        try:
            self.sender[OTHER[direction]].sendall(data)
        except OSError:
            return self.lost(OTHER[direction])
        if direction == "c2s" and self.left.get("s2c") == 0:
            self.cut_off()
        if direction in self.left:
            self.left[direction] -= len(data)
            if self.left[direction] == 0:
                self.cut_off()

    def lost(self, direction):
        """A send told of the sender's RST: what it had said before that is passed on first."""
        try:
            while data := self.sender[direction].recv(65536, socket.MSG_DONTWAIT):
                data = self.changed(direction, data)
                self.note(direction, "bytes", data)
                self.sender[OTHER[direction]].sendall(data)
        except OSError:
            pass
        self.end(direction, "rst")

    def swallow(self, direction):
        try:
            if self.sender[direction].recv(65536):
                return
        except OSError:
            pass
        self.open.discard(direction)

    def changed(self, direction, data):
        begin = self.passed[direction]
        self.passed[direction] += len(data)
        if self.replace and self.replace[0] == direction and self.replace[1] in data:
            data = data.replace(self.replace[1], self.replace[2], 1)
            self.replace = None
        if not self.change or self.change[0] != direction:
            return data
        data = bytearray(data)
        for at, byte in enumerate(self.change[2], self.change[1] - begin):
            if 0 <= at < len(data):
                data[at] = byte
        return bytes(data)

    def cut_off(self):
        """The sender's connection is given up; what its receiver still says goes nowhere."""
        direction, _, how = self.cut
        if how == "hold":
            self.held.add(direction)
            return
        receiver = self.sender[OTHER[direction]]
        self.end(direction, how)
        if how == "fin":
            receiver.settimeout(5)
            try:
                while receiver.recv(65536):
                    pass
            except OSError:
                pass
        self.open.clear()

    def end(self, direction, how):
        self.note(direction, how)
        if how == "rst":
            for side in self.sender.values():
                reset(side)
            self.open.clear()
            return
        self.open.discard(direction)
        try:
            self.sender[OTHER[direction]].shutdown(socket.SHUT_WR)
        except OSError:
            pass


def reset(side):
    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    side.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--to", type=int, required=True)
    arguments.add_argument("--then", type=int)
    arguments.add_argument("--record")
    arguments.add_argument("--cut")
    arguments.add_argument("--change")
    arguments.add_argument("--replace")
    options = arguments.parse_args()
    if options.cut:
        direction, count, how = options.cut.split(":")
        options.cut = (direction, int(count), how)
    if options.change:
        direction, offset, data = options.change.split(":")
        options.change = (direction, int(offset), bytes.fromhex(data))
    if options.replace:
        direction, old, new = options.replace.split(":")
        options.replace = (direction, bytes.fromhex(old), bytes.fromhex(new))
        assert len(options.replace[1]) == len(options.replace[2])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1])
    number = 0
    while True:
        client, _ = listener.accept()
        try:
            to = options.then if options.then and number > 0 else options.to
            server = socket.create_connection(("127.0.0.1", to))
        except OSError:
            reset(client)
            continue
        for side in (client, server):
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(number, client, server, options)
        threading.Thread(target=connection.run, daemon=True).start()
        number += 1


main()

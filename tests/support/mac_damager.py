"""mac_damager.py --to PORT --direction c2s|s2c: a TCP forwarder that stands for a TLS library which
computes the MAC of its first protected record wrongly, up to TLS 1.2.

Says "ready PORT" once it listens. In the first record after that direction's ChangeCipherSpec the
last byte, which belongs to the MAC or to what it is over, is changed; all else passes as it comes.
"""
import argparse
import socket
import threading

CHANGE_CIPHER_SPEC = 20


class Damage:
    def __init__(self):
        self.pending = b""
        self.announced = False
        self.done = False

    def passed(self, data):
        """What may be passed on of all that came: whole records, until the damage is done."""
        if self.done:
            return data
        self.pending += data
        ready = b""
        while len(self.pending) >= 5 and not self.done:
            length = 5 + int.from_bytes(self.pending[3:5], "big")
            if len(self.pending) < length:
                return ready
            record, self.pending = self.pending[:length], self.pending[length:]
            if self.announced:
                record = record[:-1] + bytes([record[-1] ^ 0x55])
                self.done = True
            self.announced = record[0] == CHANGE_CIPHER_SPEC
            ready += record
        if self.done:
            ready, self.pending = ready + self.pending, b""
        return ready


def move(source, target, damage):
    try:
        while data := source.recv(65536):
            target.sendall(damage.passed(data) if damage else data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for side in (source, target):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client, options):
    with client, socket.create_connection(("127.0.0.1", options.to)) as server:
        damage = Damage()
        back = (server, client, damage if options.direction == "s2c" else None)
        other = threading.Thread(target=move, args=back, daemon=True)
        other.start()
        move(client, server, damage if options.direction == "c2s" else None)
        other.join()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--to", type=int, required=True)
    arguments.add_argument("--direction", choices=("c2s", "s2c"), required=True)
    options = arguments.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1])
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, options), daemon=True).start()


main()

"""split_intolerant_server.py --chain FILE --key FILE [--min V] [--max V]
                             [--on-split close|reset|silent|answer]: an HTTP server of the old kind.

Says "ready PORT" once it listens. It feeds TLS (Python's ssl module over memory BIOs) one record
at a time, and so sees the record headers below SSL_read, which hides empty records. The first
record of a request is taken for the whole request: unless it alone is a complete HTTP request
head, the server closes without a word (FIN), resets, or stays silent; with "answer" it reads on, as
a server should. It keeps the connection after an answer, but not after HTTP/1.0 or "Connection:
close".

For each request it prints "request RECORDS answered in N segments" or "request RECORDS refused":
RECORDS are LENGTH/PLAINTEXT of each record (the header's length field, bytes of plaintext), joined
by commas; N is how many TCP segments with data the kernel has received since the handshake or the
last request. A refusal is printed when the client has gone or says nothing more, with a reset at
once.
"""
import argparse
import socket
import ssl
import struct
import threading

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
APPLICATION_DATA = 23
DONT_INSERT_EMPTY_FRAGMENTS = 0x800  # the server's own records are not the question
TCPI_DATA_SEGS_IN = 152  # offset in struct tcp_info, linux/tcp.h
BODY = b"one record was enough\n"


def data_segments(plain):
    info = plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    return struct.unpack_from("I", info, TCPI_DATA_SEGS_IN)[0]


class Connection:
    def __init__(self, context, plain, on_split):
        self.plain = plain
        self.on_split = on_split
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        self.received = b""
        self.request = b""
        self.records = []
        self.segments = 0

    def next_record(self):
        """One record with its header; nothing at the end."""
        while len(self.received) < 5 or \
                len(self.received) < 5 + int.from_bytes(self.received[3:5], "big"):
            data = self.plain.recv(65536)
            if not data:
                return b""
            self.received += data
        end = 5 + int.from_bytes(self.received[3:5], "big")
        record, self.received = self.received[:end], self.received[end:]
        return record

    def send_pending(self):
        if self.outgoing.pending:
            self.plain.sendall(self.outgoing.read())

    def shake_hands(self):
        before_flight = 0
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                if self.outgoing.pending:
                    before_flight = data_segments(self.plain)
                self.send_pending()
                record = self.next_record()
                if not record:
                    return False
                self.incoming.write(record)
            except ssl.SSLError:
                self.send_pending()
                return False
        # Before our Finished has left, no request can come up to TLS 1.2.
        self.segments = data_segments(self.plain)
        if self.tls.version() == "TLSv1.3":
            # There a request may be here already. OpenSSL sends the end of its handshake, which
            # answers our only flight, in one segment.
            self.segments = before_flight + 1
        self.send_pending()
        return True

    def plaintext_of(self, record):
        """The record's plaintext; None after close_notify."""
        self.incoming.write(record)
        data = b""
        try:
            while more := self.tls.read(65536):
                data += more
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            return None
        else:
            return None
        return data

    def run(self):
        try:
            self.plain.settimeout(30)
            if self.shake_hands():
                while record := self.next_record():
                    data = self.plaintext_of(record)
                    if data is None or not self.take(record, data):
                        break
        except OSError:
            pass
        self.plain.close()

    def take(self, record, data):
        if record[0] != APPLICATION_DATA:
            return True
        self.records.append(f"{len(record) - 5}/{len(data)}")
        self.request += data
        if self.request.endswith(b"\r\n\r\n"):
            return self.answer()
        return self.on_split == "answer" or self.refuse()

    def report(self, what):
        print("request", ",".join(self.records), what, flush=True)
        self.records = []

    def answer(self):
        last = b"HTTP/1.0\r\n" in self.request or b"Connection: close\r\n" in self.request
        now = data_segments(self.plain)
        self.report(f"answered in {now - self.segments} segments")
        self.segments = now
        self.request = b""
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n" \
               f"Connection: {'close' if last else 'keep-alive'}\r\n\r\n"
        self.tls.write(head.encode() + BODY)
        self.send_pending()
        if not last:
            return True
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.send_pending()
        self.drain()
        return False

    def drain(self):
        """FIN, and an end without RST: what still comes is read."""
        self.plain.shutdown(socket.SHUT_WR)
        self.plain.settimeout(1)
        try:
            while data := self.plain.recv(65536):
                self.received += data
        except OSError:
            pass

    def refuse(self):
        if self.on_split == "reset":
            self.report("refused")
            self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if self.on_split == "close":
            self.drain()
        else:
            try:
                while data := self.plain.recv(65536):
                    self.received += data
            except OSError:
                pass
        while len(self.received) >= 5:
            record = self.next_record()
            data = self.plaintext_of(record)
            if data is None or record[0] != APPLICATION_DATA:
                break
            self.records.append(f"{len(record) - 5}/{len(data)}")
        self.report("refused")
        return False


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--chain", required=True)
    arguments.add_argument("--key", required=True)
    arguments.add_argument("--min", default="1.0")
    arguments.add_argument("--max", default="1.3")
    arguments.add_argument("--on-split", default="close",
                           choices=["close", "reset", "silent", "answer"])
    options = arguments.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = VERSIONS[options.min]
    context.maximum_version = VERSIONS[options.max]
    context.options |= DONT_INSERT_EMPTY_FRAGMENTS
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        plain, _ = listener.accept()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(context, plain, options.on_split)
        threading.Thread(target=connection.run, daemon=True).start()


main()

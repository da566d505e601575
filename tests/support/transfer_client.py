"""transfer_client.py KIND --port P --ca FILE [...]: a TLS client that moves many bytes.

echo   --connections N are all established before the first byte is sent; each sends --size bytes
       of its own, half-closes (--end close_notify: close_notify and FIN; --end fin: FIN alone), and
       must get the same bytes back. With --resume FILE they first say "established" and wait until
       that file is there.
slow   asks an HTTP server for --path, reads 256 KiB, says "paused", and reads on when the file
       --resume is there.
Prints one JSON object: the bytes sent and received, "intact", and the SHA-256 of what came.
"""
import argparse
import hashlib
import json
import pathlib
import random
import socket
import ssl
import threading
import time

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2,
            "1.3": ssl.TLSVersion.TLSv1_3}


def make_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = VERSIONS[options.version]
    context.load_verify_locations(options.ca)
    return context


def connect(options):
    return socket.create_connection(("127.0.0.1", options.port), timeout=30)


class HalfClosing:
    """TLS over memory buffers: SSLSocket reads when it closes, and fails on data that waits."""

    def __init__(self, context, plain):
        self.plain = plain
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.run(self.tls.do_handshake)

    def run(self, step):
        while True:
            try:
                result = step()
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.plain.recv(65536)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()

    def flush(self):
        if self.outgoing.pending:
            self.plain.sendall(self.outgoing.read())

    def half_close(self, how):
        if how == "close_notify":
            try:
                self.tls.unwrap()
            except ssl.SSLWantReadError:
                pass  # of the other side's close_notify
            self.flush()
        self.plain.shutdown(socket.SHUT_WR)

    def rest(self):
        received = bytearray()
        try:
            while more := self.run(lambda: self.tls.read(65536)):
                received += more
        except ssl.SSLZeroReturnError:  # close_notify, after our own
            pass
        return bytes(received)


def wait_for(file):
    while not pathlib.Path(file).exists():
        time.sleep(0.01)


def echo(options, context, number, barrier, results):
    try:
        data = random.Random(number).randbytes(options.size)
        with connect(options) as plain:
            client = HalfClosing(context, plain)
            first = barrier.wait(30) == 0
            if options.resume:
                if first:
                    print("established")
                wait_for(options.resume)
            client.run(lambda: client.tls.write(data))
            client.half_close(options.end)
            results[number] = (client.rest() == data, "what came is not what was sent")
    except Exception as error:  # the thread's last word, whatever it is
        results[number] = (False, repr(error))


def run_echo(options):
    barrier = threading.Barrier(options.connections)
    results = {}
    context = make_context(options)
    threads = [threading.Thread(target=echo, args=(options, context, number, barrier, results))
               for number in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [result for result in results.values() if not result[0]]
    return {"intact": not failed and len(results) == options.connections, "failed": failed}


def run_slow(options):
    with connect(options) as plain:
        tls = make_context(options).wrap_socket(plain, server_hostname="localhost")
        tls.sendall(f"GET {options.path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        received = bytearray()
        while len(received) < 256 * 1024:
            received += tls.recv(65536)
        print("paused")
        wait_for(options.resume)
        while more := tls.recv(65536):
            received += more
    body = bytes(received).split(b"\r\n\r\n", 1)[1]
    return {"received": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=["echo", "slow"])
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--ca", required=True)
    arguments.add_argument("--version", default="1.3")
    arguments.add_argument("--connections", type=int, default=1)
    arguments.add_argument("--size", type=int, default=1024)
    arguments.add_argument("--end", default="close_notify")
    arguments.add_argument("--path", default="/")
    arguments.add_argument("--resume")
    options = arguments.parse_args()
    print(json.dumps(run_echo(options) if options.kind == "echo" else run_slow(options)))


main()

"""ending_server.py CHAIN KEY HOW [--max V] [--from N]: a TLS server that shakes hands in good
order, reads one request at a time, and answers it as HOW says:

close        FIN, without a byte of an answer and without close_notify
notify       close_notify and FIN
reset        RST
silent       nothing; it waits for the other side to leave
short        a response that announces 10000 bytes and has 3000, then FIN
short-reset  the same, then RST
open-fin     a response without a length, then FIN alone
open-notify  the same, then close_notify and FIN
whole-fin    a response with its length, then FIN alone
whole-reset  the same, then RST
whole        a response with its length, then close_notify

Says "ready PORT" once it listens. With --from N the first N-1 requests of a connection are answered
whole, and the connection is kept.
"""
import argparse
import socket
import ssl
import struct
import threading

BODY = b"0123456789" * 300  # more than session tickets take
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
HEADS = {
    "short": b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n",
    "open": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "whole": b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n",
}


def read_request(tls):
    data = b""
    while b"\r\n\r\n" not in data:
        more = tls.recv(65536)
        if not more:
            return False
        data += more
    return True


def end(tls, how):
    if how == "reset":
        tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tls.close()
        return
    if how == "notify":
        try:
            tls.settimeout(0)
            tls.unwrap()
        except OSError:
            pass
        tls.settimeout(10)
    plain = socket.socket(fileno=tls.detach())
    plain.shutdown(socket.SHUT_WR)
    try:
        while plain.recv(65536):  # unread bytes would make RST of a FIN
            pass
    except OSError:
        pass
    plain.close()


def answer(tls, how):
    kind, _, ending = how.partition("-")
    if kind == "silent":
        while tls.recv(65536):
            pass
        return
    if kind in HEADS:
        tls.sendall(HEADS[kind] + BODY)
        default = "notify" if kind == "whole" else "fin"
        return end(tls, ending or default)
    end(tls, {"close": "fin"}.get(kind, kind))


def serve(context, plain, options):
    plain.settimeout(30)
    try:
        with context.wrap_socket(plain, server_side=True) as tls:
            for _ in range(1, options.first):
                if not read_request(tls):
                    return
                tls.sendall(HEADS["whole"] + BODY)
            if read_request(tls):
                answer(tls, options.how)
    except OSError:
        plain.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("chain")
    arguments.add_argument("key")
    arguments.add_argument("how")
    arguments.add_argument("--max", default="1.3")
    arguments.add_argument("--from", dest="first", type=int, default=1)
    options = arguments.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = VERSIONS[options.max]
    context.num_tickets = 0 if options.max == "1.3" else 2
    context.options |= ssl.OP_NO_TICKET
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve, args=(context, plain, options), daemon=True).start()


main()

"""picky_server.py CHAIN KEY [--several fin|rst|alert] [--one-record] [--want-extension N]: a TLS
server that looks at the ClientHello before it answers.

Says "ready PORT" once it listens and "connection SEGMENTS" for each connection, with how many TCP
segments its one read of the hello brought (tcpi_data_segs_in, linux/tcp.h).
With --several a hello that is not there whole, in one segment, is refused: by FIN, RST or a
decode_error alert, as by a device that takes a segment for a message.
With --one-record a hello that goes over several records is refused by decode_error, as by one that
takes a record for a message.
With --want-extension a hello without that extension is refused by handshake_failure, with
--refuse-extension one that has it by decode_error.
With --silent-between a ClientHello message of FIRST to LAST bytes is never answered.
Otherwise it answers one HTTP request with "hello from picky\\n".
"""
import argparse
import socket
import ssl
import struct
import threading

DECODE_ERROR, HANDSHAKE_FAILURE = 50, 40
DATA_SEGS_IN = 152  # its offset in tcp_info


def extensions(record):
    """The extension types of a whole ClientHello in one record."""
    at = 5 + 4 + 2 + 32
    at += 1 + record[at]
    at += 2 + int.from_bytes(record[at:at + 2], "big")
    at += 1 + record[at]
    end = at + 2 + int.from_bytes(record[at:at + 2], "big")
    at += 2
    found = []
    while at < end:
        found.append(int.from_bytes(record[at:at + 2], "big"))
        at += 4 + int.from_bytes(record[at + 2:at + 4], "big")
    return found


def in_one_record(hello):
    return int.from_bytes(hello[6:9], "big") + 4 <= int.from_bytes(hello[3:5], "big")


def refuse(connection, how, alert):
    connection.recv(65536)  # unread bytes would make RST of a FIN
    if how == "rst":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        return
    if how == "alert":
        connection.sendall(bytes([21, 3, 3, 0, 2, 2, alert]))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass
    connection.close()


def serve(connection, options, context):
    try:
        hello = connection.recv(65536, socket.MSG_PEEK)
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        segments = struct.unpack_from("I", info, DATA_SEGS_IN)[0]
        print("connection", segments, flush=True)
        whole = len(hello) >= 5 and len(hello) >= 5 + int.from_bytes(hello[3:5], "big")
        if options.several and (segments > 1 or not whole):
            return refuse(connection, options.several, DECODE_ERROR)
        if options.one_record and not in_one_record(hello):
            return refuse(connection, "alert", DECODE_ERROR)
        if options.want_extension is not None and options.want_extension not in extensions(hello):
            return refuse(connection, "alert", HANDSHAKE_FAILURE)
        if options.refuse_extension is not None and options.refuse_extension in extensions(hello):
            return refuse(connection, "alert", DECODE_ERROR)
        if options.silent_between:
            first, last = map(int, options.silent_between.split(":"))
            if first <= int.from_bytes(hello[3:5], "big") <= last:
                while connection.recv(65536):
                    pass
                return connection.close()
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65536)
            body = b"hello from picky\n"
            tls.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            tls.unwrap()
    except OSError:
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("chain")
    parser.add_argument("key")
    parser.add_argument("--several", choices=["fin", "rst", "alert"])
    parser.add_argument("--one-record", action="store_true")
    parser.add_argument("--want-extension", type=int)
    parser.add_argument("--refuse-extension", type=int)
    parser.add_argument("--silent-between")
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, options, context), daemon=True).start()


main()

"""tls_server.py --chain FILE --key FILE [--min V] [--max V]: a TLS server (Python's ssl module).

Says "ready PORT" once it listens. Reads all that a client sends, to its close_notify or FIN, and
then answers with the same bytes, close_notify and FIN: an answer for those who half-close.
"""
import argparse
import socket
import ssl
import threading

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def serve(context, plain):
    plain.settimeout(30)
    try:
        with context.wrap_socket(plain, server_side=True) as tls:
            data = bytearray()
            while more := tls.recv(65536):
                data += more
            tls.sendall(data)
            tls.settimeout(0)
            try:
                tls.unwrap()
            except OSError:
                pass
    except OSError:
        plain.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--chain", required=True)
    arguments.add_argument("--key", required=True)
    arguments.add_argument("--min", default="1.0")
    arguments.add_argument("--max", default="1.3")
    options = arguments.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = VERSIONS[options.min]
    context.maximum_version = VERSIONS[options.max]
    context.load_cert_chain(options.chain, options.key)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print("ready", listener.getsockname()[1])
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve, args=(context, plain), daemon=True).start()


main()

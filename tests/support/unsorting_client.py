"""unsorting_client.py --port P --ca FILE [...]: GnuTLS told not to sort a server's certificates.

GnuTLS sorts a chain by itself; with GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN it takes it as it was
sent, as small libraries do, and refuses one in another order by an alert.
Connects to 127.0.0.1, asks for --path, reads to the end, and prints one JSON
object: body, and "error" with the reason where the handshake fails.
"""
import argparse
import ctypes
import json
import socket

# gnutls/gnutls.h and gnutls/x509.h
CLIENT, PEM, CERTIFICATE, DNS = 1 << 1, 1, 1, 1
DO_NOT_ALLOW_UNSORTED_CHAIN = 1 << 11
AGAIN, INTERRUPTED = -28, -52


def load():
    gnutls = ctypes.CDLL("libgnutls.so.30")
    gnutls.gnutls_strerror_name.restype = ctypes.c_char_p
    for name in "gnutls_record_send", "gnutls_record_recv":
        function = getattr(gnutls, name)
        function.restype = ctypes.c_ssize_t
        function.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    return gnutls


def check(gnutls, result):
    if result < 0:
        raise RuntimeError(gnutls.gnutls_strerror_name(result).decode())
    return result


def visit(gnutls, plain, options):
    session, credentials = ctypes.c_void_p(), ctypes.c_void_p()
    name = options.name.encode()
    check(gnutls, gnutls.gnutls_certificate_allocate_credentials(ctypes.byref(credentials)))
    check(gnutls, gnutls.gnutls_certificate_set_x509_trust_file(
        credentials, options.ca.encode(), PEM))
    if not options.sort:
        gnutls.gnutls_certificate_set_verify_flags(credentials, DO_NOT_ALLOW_UNSORTED_CHAIN)
    check(gnutls, gnutls.gnutls_init(ctypes.byref(session), CLIENT))
    check(gnutls, gnutls.gnutls_priority_set_direct(session, options.priority.encode(), None))
    check(gnutls, gnutls.gnutls_credentials_set(session, CERTIFICATE, credentials))
    check(gnutls, gnutls.gnutls_server_name_set(session, DNS, name, len(name)))
    gnutls.gnutls_session_set_verify_cert(session, name, 0)
    gnutls.gnutls_transport_set_int2(session, plain.fileno(), plain.fileno())
    result = AGAIN
    while result in (AGAIN, INTERRUPTED):
        result = gnutls.gnutls_handshake(session)
    if result < 0:
        gnutls.gnutls_alert_send_appropriate(session, result)
        check(gnutls, result)
    request = f"GET {options.path} HTTP/1.0\r\nHost: {options.name}\r\n\r\n".encode()
    check(gnutls, gnutls.gnutls_record_send(session, request, len(request)))
    body, buffer = b"", ctypes.create_string_buffer(16384)
    while size := check(gnutls, gnutls.gnutls_record_recv(session, buffer, len(buffer))):
        body += buffer.raw[:size]
    gnutls.gnutls_bye(session, 1)
    return body


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--ca", required=True)
    arguments.add_argument("--name", default="localhost")
    arguments.add_argument("--path", default="/")
    arguments.add_argument("--priority", default="NORMAL")
    arguments.add_argument("--sort", action="store_true", help="as GnuTLS does by itself")
    options = arguments.parse_args()
    gnutls = load()
    found = {"body": "", "error": None}
    try:
        with socket.create_connection(("127.0.0.1", options.port)) as plain:
            found["body"] = visit(gnutls, plain, options).decode("latin-1")
    except RuntimeError as error:
        found["error"] = str(error)
    except OSError as error:
        found["error"] = type(error).__name__
    print(json.dumps(found))


main()

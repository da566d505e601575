"""alerting_server.py CHAIN KEY ALERT [--whole]: a TLS server (GnuTLS) that sends a fatal alert of
this number in answer to a request, in the middle of the data, as no program's option makes one do.

Says "ready PORT" once it listens. With --whole the request has its whole answer before.
"""
import argparse
import ctypes
import socket
import threading

TLS = ctypes.CDLL("libgnutls.so.30")
SERVER, CREDENTIALS_CERTIFICATE, PEM, FATAL = 1, 1, 1, 2
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"


def check(code):
    if code < 0:
        raise OSError(f"GnuTLS error {code}")
    return code


def serve(connection, credentials, options):
    session = ctypes.c_void_p()
    check(TLS.gnutls_init(ctypes.byref(session), SERVER))
    try:
        check(TLS.gnutls_set_default_priority(session))
        check(TLS.gnutls_credentials_set(session, CREDENTIALS_CERTIFICATE, credentials))
        TLS.gnutls_transport_set_int2(session, connection.fileno(), connection.fileno())
        check(TLS.gnutls_handshake(session))
        buffer = ctypes.create_string_buffer(16384)
        check(TLS.gnutls_record_recv(session, buffer, ctypes.c_size_t(16384)))
        if options.whole:
            check(TLS.gnutls_record_send(session, ANSWER, ctypes.c_size_t(len(ANSWER))))
        check(TLS.gnutls_alert_send(session, FATAL, options.alert))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    except OSError:
        pass
    finally:
        TLS.gnutls_deinit(session)
        connection.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("chain")
    arguments.add_argument("key")
    arguments.add_argument("alert", type=int)
    arguments.add_argument("--whole", action="store_true")
    options = arguments.parse_args()
    credentials = ctypes.c_void_p()
    check(TLS.gnutls_certificate_allocate_credentials(ctypes.byref(credentials)))
    check(TLS.gnutls_certificate_set_x509_key_file(credentials, options.chain.encode(),
                                                   options.key.encode(), PEM))
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        arguments = (connection, credentials, options)
        threading.Thread(target=serve, args=arguments, daemon=True).start()


main()

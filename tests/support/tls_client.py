"""tls_client.py --port P --ca FILE [...]: a TLS client (Python's ssl module).

Connects to 127.0.0.1, asks for --path, reads to the end, and prints one JSON object: version,
cipher, alpn, body, and "error" with the alert's or the exception's name where it fails; where it
refuses a certificate, with the reason, too.
"""
import argparse
import json
import socket
import ssl

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def make_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(options.ciphers)
    context.minimum_version = VERSIONS[options.min]
    context.maximum_version = VERSIONS[options.max]
    context.load_verify_locations(options.ca)
    context.hostname_checks_common_name = not options.no_common_name
    if options.alpn:
        context.set_alpn_protocols(options.alpn.split(","))
    return context


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--ca", required=True)
    arguments.add_argument("--name", default="localhost")
    arguments.add_argument("--path", default="/")
    arguments.add_argument("--min", default="1.0")
    arguments.add_argument("--max", default="1.3")
    arguments.add_argument("--ciphers", default="DEFAULT:@SECLEVEL=0")
    arguments.add_argument("--alpn")
    arguments.add_argument("--insist", action="store_true",
                           help="leave where none of the offered protocols is chosen")
    arguments.add_argument("--no-common-name", action="store_true",
                           help="don't take the CN for a host's name, as browsers do")
    options = arguments.parse_args()
    found = {"version": None, "cipher": None, "alpn": None, "body": "", "error": None}
    try:
        with socket.create_connection(("127.0.0.1", options.port), timeout=8) as plain:
            context = make_context(options)
            with context.wrap_socket(plain, server_hostname=options.name) as tls:
                found["version"] = tls.version()
                found["cipher"] = tls.cipher()[0]
                found["alpn"] = tls.selected_alpn_protocol()
                if options.insist and not found["alpn"]:
                    raise ConnectionAbortedError  # without a word, as gRPC's libraries do
                request = f"GET {options.path} HTTP/1.0\r\nHost: {options.name}\r\n\r\n"
                tls.sendall(request.encode())
                body = b""
                while data := tls.recv(65536):
                    body += data
                found["body"] = body.decode("latin-1")
    except ssl.SSLCertVerificationError as error:
        found["error"] = f"{error.reason}: {error.verify_message}"
    except ssl.SSLError as error:
        found["error"] = error.reason
    except OSError as error:
        found["error"] = type(error).__name__
    print(json.dumps(found))


main()

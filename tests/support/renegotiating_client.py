"""renegotiating_client.py PORT ROOT: openssl s_client, TLS 1.2, with a second handshake at once.

When the first handshake is over it begins another (R on s_client's stdin), and then it asks for /
and prints what comes back. The exit code is s_client's: 1 where the other side refuses.
"""
import os
import subprocess
import sys

REQUEST = b"GET / HTTP/1.0\nHost: localhost\n\n"


def main():
    port, root = sys.argv[1:3]
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
             "-verify_return_error", "-CAfile", root, "-tls1_2", "-crlf"]
    client = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, bufsize=0,
                              env={**os.environ, "OPENSSL_CONF": "/dev/null"})
    text, step = "", 0
    marks = ("Extended master secret:", "RENEGOTIATING")
    while more := os.read(client.stdout.fileno(), 65536):
        text += more.decode("latin-1")
        try:
            if step == 0 and marks[0] in text and text.rstrip().endswith("---"):
                step = 1
                client.stdin.write(b"R\n")
            elif step == 1 and marks[1] in text:
                step = 2
                client.stdin.write(REQUEST)
        except BrokenPipeError:
            step = 2
    print(text)
    sys.exit(client.wait())


main()

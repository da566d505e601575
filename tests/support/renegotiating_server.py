"""renegotiating_server.py LEAF KEY INTERMEDIATES r|R|-: HTTP over TLS 1.2, with renegotiation.

Says "ready PORT" once it listens. It is openssl s_server, which renegotiates on its stdin: when the
request has come, it asks for another handshake (r), for one with a client certificate (R), or for
none (-), as IIS and Apache do for a path; when that handshake is over, it answers and closes. A
client that refuses gets what s_server makes of it. One connection after the other; a client must
wait for the end (s_client -ign_eof): the command to close would else end the next connection.
"""
import os
import re
import subprocess
import sys
import threading

ANSWER = "HTTP/1.0 200 OK\nContent-Length: 12\n\nrenegotiated"


def main():
    leaf, key, intermediates, command = sys.argv[1:5]
    words = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", leaf, "-key", key,
             "-cert_chain", intermediates, "-tls1_2", "-msg", "-crlf", "-no_ticket"]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, bufsize=0,
                              env={**os.environ, "OPENSSL_CONF": "/dev/null"})
    threading.Thread(target=watch, args=(server, command), daemon=True).start()
    server.wait()


def say(server, text):
    server.stdin.write(text.encode())


def watch(server, command):
    renegotiates = command in "rR"
    text, done = "", set()

    def once(step, condition):
        if step in done or not condition:
            return False
        done.add(step)
        return True

    while more := os.read(server.stdout.fileno(), 65536):
        text += more.decode("latin-1")
        if "CONNECTION CLOSED" in text:  # what follows is the next one's
            text, done = text.rpartition("CONNECTION CLOSED")[2], {"ready"}
        if once("ready", found := re.search(r"ACCEPT 127\.0\.0\.1:(\d+)\n", text)):
            print("ready", found[1])
        asked = "GET " in text
        if renegotiates and once("asked", asked):
            say(server, command + "\n")
        handshakes = len(re.findall(r"<<< [^\n]*Finished\n", text))
        if once("answered", asked and handshakes == (2 if renegotiates else 1)):
            text = ""
            say(server, ANSWER)
        # Its own record shows that the answer has left: a command is one at the start of a read.
        if "answered" in done and once("closed", re.search(r">>> [^\n]*\n *17 03 03", text)):
            say(server, "q\n")


main()

"""issuer_server.py FOLDER: what a CA's web server answers for caIssuers addresses.

Says "ready PORT" once it listens, and "asked PATH" for each request. Serves the files of FOLDER;
beside them /hang (no answer at all), /trickle (a body that never ends, a byte now and then), /large
(1 MB, with its length said), /endless (1 MB and more, with no length), /moved (a redirect to
/issuer.der), /junk (200 with text), /cut (less than its length says).
"""
import http.server
import pathlib
import sys
import threading

MEGABYTE = 1 << 20
ended = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def without_length(self, pieces):
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)

    def do_GET(self):
        print("asked", self.path, flush=True)
        try:
            self.serve(self.path.split("?")[0][1:])
        except OSError:
            self.close_connection = True  # who asked has left

    def serve(self, name):
        file = pathlib.Path(sys.argv[1]) / name
        if name == "hang":
            ended.wait()
        elif name == "trickle":
            def dots():
                while not ended.wait(0.05):
                    yield b"."
            self.without_length(dots())
        elif name == "large":
            self.answer(200, b"x" * MEGABYTE)
        elif name == "endless":
            self.without_length(b"x" * 65536 for _ in range(1000))
        elif name == "moved":
            self.answer(301, b"", Location="/issuer.der")
        elif name == "junk":
            self.answer(200, b"<html>It works!</html>")
        elif name == "cut":
            self.close_connection = True
            self.answer(200, b"\x30\x82", Content_Length="1000")
        elif name and file.is_file():
            self.answer(200, file.read_bytes())
        else:
            self.answer(404, b"no such file")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


server = Server(("127.0.0.1", 0), Handler)
print("ready", server.server_address[1], flush=True)
server.serve_forever()

"""full_listener.py: a port that answers no connection request, as a firewall that drops them.

Says "ready PORT" once its queue of connections (a backlog of 0, and nobody accepts) is full: the
kernel then drops every further SYN.
"""
import errno
import signal
import socket


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    while True:
        connection = socket.socket()
        connection.settimeout(0.3)  # the handshake with a queue that has room takes no time
        waiting.append(connection)
        error = connection.connect_ex(listener.getsockname())
        if error in (errno.EAGAIN, errno.EINPROGRESS, errno.ETIMEDOUT):
            break
        if error:
            raise OSError(error, "connect")
    print("ready", listener.getsockname()[1], flush=True)
    signal.pause()


main()

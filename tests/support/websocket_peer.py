"""websocket_peer.py server|client: both ends of a WebSocket echo (python3-websockets).

server --chain FILE --key FILE says "ready PORT" once it listens, and sends every message back.
client --port P --ca FILE sends texts and binaries of many sizes and a ping, closes with code 1000,
and prints one JSON object: the TLS version, the number of messages that came back "intact", and the
close code.
"""
import argparse
import asyncio
import json
import random
import ssl

import websockets

# Around the borders of the length field (RFC 6455 5.2), and over a TLS record.
SIZES = [0, 1, 125, 126, 65535, 65536, 1024 * 1024]


async def echo(socket, _path=None):
    async for message in socket:
        await socket.send(message)


async def serve(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.chain, options.key)
    async with websockets.serve(echo, "127.0.0.1", 0, ssl=context, max_size=None) as server:
        print("ready", server.sockets[0].getsockname()[1])
        await asyncio.Future()


async def visit(options):
    context = ssl.create_default_context(cafile=options.ca)
    uri = f"wss://localhost:{options.port}/echo"
    intact = 0
    async with websockets.connect(uri, ssl=context, host="127.0.0.1",
                                  server_hostname="localhost", max_size=None) as socket:
        version = socket.transport.get_extra_info("ssl_object").version()
        for size in SIZES:
            data = random.Random(size).randbytes(size)
            for message in (data, data.hex()):
                await socket.send(message)
                intact += await socket.recv() == message
        await (await socket.ping())
    print(json.dumps({"version": version, "intact": intact, "close": socket.close_code}))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=["server", "client"])
    arguments.add_argument("--chain")
    arguments.add_argument("--key")
    arguments.add_argument("--port", type=int)
    arguments.add_argument("--ca")
    options = arguments.parse_args()
    asyncio.run(serve(options) if options.kind == "server" else visit(options))


main()

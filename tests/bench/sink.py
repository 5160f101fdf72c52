"""A mail server that takes everything and keeps nothing: `python -m tests.bench.sink PORT`."""

import asyncio
import sys

REPLIES = {b"EHLO": b"250 sink", b"DATA": b"354 go on", b"QUIT": b"221 bye"}
END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """RFC 5321 as far as a client that behaves needs it, without pipelining."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport, self.tail, self.in_mail = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self.in_mail:
            self.tail = (self.tail + data)[-len(END) :]
            if self.tail != END:
                return
            self.in_mail = False
            self.transport.write(b"250 taken\r\n")
            return
        verb = data[:4].upper()
        self.in_mail, self.tail = verb == b"DATA", b""
        self.transport.write(REPLIES.get(verb, b"250 OK") + b"\r\n")


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

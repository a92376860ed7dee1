"""A network that can be cut: a TCP proxy on loopback between a browser and a server.

with CutProxy(server.port) as proxy:
    open(f"http://127.0.0.1:{proxy.port}/lab")
    proxy.cut()  # every connection ends, none comes about
    proxy.restore()
    proxy.deafen()  # what is sent arrives; what is answered does not
"""

from __future__ import annotations

import contextlib
import socket
import threading


class CutProxy:
    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._cut = self._deaf = False
        self._closed = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> CutProxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closed = True
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Ends every connection; those that are tried from now on are closed at once."""
        self._cut = True
        with self._lock:
            sockets, self._open = self._open, set()
        for one in sockets:
            # Whoever waits in it is woken; closing alone would leave them waiting.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def restore(self) -> None:
        self._cut = self._deaf = False

    def deafen(self) -> None:
        """What the server says is lost from now on."""
        self._deaf = True

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._cut:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._to_port), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not (answers and self._deaf):
                    target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        with self._lock:
            self._open -= {source, target}

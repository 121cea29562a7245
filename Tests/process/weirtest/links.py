"""A TCP link that a test can break in one direction or both, without any right to touch the network: what is sent there while it is
broken arrives when it is whole again, as far as the two ends still want it, like packets that are sent again."""

import socket
import threading


class Link:
    """Listens on a free port of loopback and passes everything on to another one."""

    UP, DOWN = 0, 1

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._whole = [threading.Event(), threading.Event()]
        self.heal()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *directions):
        """Up is from those who connect, down is to them; without either both."""
        for direction in directions or (self.UP, self.DOWN):
            self._whole[direction].clear()

    def heal(self):
        for whole in self._whole:
            whole.set()

    def close(self):
        self.heal()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for direction, source, sink in ((self.UP, near, far), (self.DOWN, far, near)):
                threading.Thread(target=self._pass, args=(direction, source, sink), daemon=True).start()

    def _pass(self, direction, source, sink):
        try:
            while data := source.recv(65536):
                self._whole[direction].wait()
                sink.sendall(data)
        except OSError:
            pass
        # The end of a connection is something that is sent, too.
        self._whole[direction].wait()
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

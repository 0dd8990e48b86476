"""What goes on beside a story: once a second, until its block ends."""

import threading


class Background:
    """`step` is called again and again; what it raises is kept in `failures`. It may give the seconds until
    the next time, else that is one."""

    def __init__(self):
        self.failures = []
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._thread.join(30)

    def step(self):
        raise NotImplementedError

    def _run(self):
        pause = 1
        while not self.stopping.wait(pause):
            try:
                pause = self.step() or 1
            except Exception as error:
                self.failures.append(repr(error))
                pause = 1

"""Progress of a long stage: a status line that is updated on a terminal, a line from time to time in a log."""

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

_MAX_SILENCE_S = 20.0


class Progress:
    """Context manager that reports the progress and duration of a stage.

    Parameters
    ----------
    stage : str
        Name, printed at the start of each line.
    stream : file, optional
        Standard output by default.

    Attributes
    ----------
    seconds : float
        Duration of the stage; 0 until it ends.
    """

    def __init__(self, stage: str, stream: TextIO | None = None) -> None:
        self.stage = stage
        self.seconds = 0.0
        self._stream = stream or sys.stdout
        self._is_terminal = self._stream.isatty()
        self._status = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._started_at = self._printed_at = time.monotonic()
        self.say("started")
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._ticker.join()
        self.seconds = time.monotonic() - self._started_at
        self.say("done" if kind is None else "stopped")

    def doing(self, what: str) -> None:
        """Set the status, a few words such as ``model 12 of 80: int_visits``."""
        self._status = what

    def say(self, text: str) -> None:
        """Print a permanent line."""
        with self._lock:
            self._erase()
            self._stream.write(f"{self.stage:<9} {self._clock()}  {text}\n")
            self._stream.flush()
            self._printed_at = time.monotonic()

    def _tick(self) -> None:
        while not self._ended.wait(0.5):
            if self._is_terminal:
                with self._lock:
                    self._erase()
                    self._stream.write(f"{self.stage:<9} {self._clock()}  {self._status}"[: _width() - 1])
                    self._stream.flush()
            elif time.monotonic() - self._printed_at >= _MAX_SILENCE_S:
                self.say(self._status or "…")

    def _erase(self) -> None:
        if self._is_terminal:
            self._stream.write("\r\x1b[K")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._started_at:5.0f} s"


def _width() -> int:
    return shutil.get_terminal_size().columns

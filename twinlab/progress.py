"""What a person sees while a long stage runs: one living line on a terminal, a line now and then in a log."""

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

_SILENCE_AT_MOST_S = 20.0


class Progress:
    """A named stage with a clock.

    Parameters
    ----------
    stage : str
        Name shown before everything.
    stream : file, optional
        Where to write; standard output by default.

    Attributes
    ----------
    seconds : float
        Time since the stage began; its whole length after the end.
    """

    def __init__(self, stage: str, stream: TextIO | None = None) -> None:
        self.stage = stage
        self.seconds = 0.0
        self._stream = stream or sys.stdout
        self._is_terminal = self._stream.isatty()
        self._doing = ""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._began = self._spoke = time.monotonic()
        self.say("started")
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._ticker.join()
        self.seconds = time.monotonic() - self._began
        self.say("done" if kind is None else "stopped")

    def doing(self, what: str) -> None:
        """Set what the living line says.

        Parameters
        ----------
        what : str
            A few words, like ``model 12 of 80: int_visits``.
        """
        self._doing = what

    def say(self, text: str) -> None:
        """Print a line that stays.

        Parameters
        ----------
        text : str
            One line.
        """
        with self._lock:
            self._erase()
            self._stream.write(f"{self.stage:<9} {self._clock()}  {text}\n")
            self._stream.flush()
            self._spoke = time.monotonic()

    def _tick(self) -> None:
        while not self._ended.wait(0.5):
            if self._is_terminal:
                with self._lock:
                    self._erase()
                    self._stream.write(f"{self.stage:<9} {self._clock()}  {self._doing}"[: _width() - 1])
                    self._stream.flush()
            elif time.monotonic() - self._spoke >= _SILENCE_AT_MOST_S:
                self.say(self._doing or "…")

    def _erase(self) -> None:
        if self._is_terminal:
            self._stream.write("\r\x1b[K")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:5.0f} s"


def _width() -> int:
    return shutil.get_terminal_size().columns

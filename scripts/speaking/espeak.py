"""espeak-ng through its C interface: samples and phones of a text, in any of its languages and voices.

espeak-ng is GPL-3 and no part of this package: it makes the recordings that a base is trained on, and is
needed for that alone. `pip install espeakng-loader` brings its library and its data.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SYNCHRONOUS, UTF8, IPA = 2, 1, 2
RATE, PITCH, RANGE = 1, 3, 4
_UNSAID = re.compile(r"\([a-z-]+\)|[^\w]|[ːˑˈˌ_]")
"""Changes of language, stress, ties, lengths and pauses."""
_HEARD = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The library, once in a process."""

    def __init__(self, library: Path, data: Path) -> None:
        self._parts: list[NDArray[np.int16]] = []
        self._library = ctypes.CDLL(str(library))
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.rate = int(self._library.espeak_Initialize(SYNCHRONOUS, 0, str(data).encode(), 0))
        self._heard = _HEARD(self._hear)  # which the library keeps a pointer to
        self._library.espeak_SetSynthCallback(self._heard)

    def _hear(self, samples: ctypes._Pointer, count: int, _events: int) -> int:
        if samples and count > 0:
            self._parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def say(self, text: str, voice: str, speed: int, pitch: int, lively: int) -> NDArray[np.float32]:
        """(n,) samples at `rate`; speed in words a minute, pitch and how much it moves of 0 to 100."""
        self._parts.clear()
        self._library.espeak_SetVoiceByName(voice.encode())
        for number, value in ((RATE, speed), (PITCH, pitch), (RANGE, lively)):
            self._library.espeak_SetParameter(number, value, 0)
        written = text.encode()
        self._library.espeak_Synth(written, len(written) + 1, 0, 1, 0, UTF8, None, None)
        if not self._parts:
            return np.zeros(0, np.float32)
        return np.concatenate(self._parts).astype(np.float32) / 32768

    def phones(self, text: str) -> str:
        """What the voice that spoke last would say, one letter of the phonetic alphabet a phone."""
        pointer, parts = ctypes.c_char_p(text.encode()), list[str]()
        while pointer.value:
            said = self._library.espeak_TextToPhonemes(ctypes.byref(pointer), UTF8, IPA)
            parts.append((said or b"").decode())
        plain = unicodedata.normalize("NFD", "".join(parts))
        return _UNSAID.sub("", "".join(letter for letter in plain if unicodedata.category(letter) != "Mn"))

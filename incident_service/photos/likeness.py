"""Whether two sketches show the same picture: compared upright and mirrored, and as if either were cropped a little."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from incident_service.photos.press.fingerprint import SIDE

CROPPED_TO = 0.95                           # the smallest part of a side that may be left
ALIKE = 0.94                                # correlation from which two pictures are look-alikes
WORTH_A_CLOSER_LOOK = 0.85                  # as estimated without cropping the others one by one
ROWS_AT_ONCE = 8
Sketches = NDArray[np.float32]


def sketches_of(stored: list[bytes]) -> Sketches:
    """Sketches as they are stored, as greys: one picture in each row."""
    return np.frombuffer(b"".join(stored), dtype=np.uint8).reshape(-1, SIDE, SIDE).astype(np.float32)


def likeness(sketch: Sketches, others: Sketches) -> Sketches:
    """How alike one sketch is to each of the others, from −1 to 1."""
    both_ways = np.stack([sketch, sketch[:, ::-1]])
    best = _products(_standard(others), _standard(_crops(both_ways)).T).max(axis=1)
    close = np.flatnonzero((best < ALIKE) & (_estimate(both_ways, others) > WORTH_A_CLOSER_LOOK))
    if len(close):
        cropped = _products(_standard(_crops(others[close])), _standard(both_ways).T)
        best[close] = np.maximum(best[close], cropped.reshape(len(close), -1).max(axis=1))
    return best


def _estimate(both_ways: Sketches, others: Sketches) -> Sketches:
    """How alike each of the others, cropped, is to a sketch: all at once, by laying the sketch onto the others.

    A little too high or low, as the spread of a cropped picture is taken before it is drawn out again.
    """
    laid = (_DOWN.transpose(0, 2, 1) @ _standard(both_ways).reshape(-1, 1, SIDE, SIDE) @ _ACROSS).reshape(-1, SIDE**2)
    rows = others.reshape(len(others), -1)
    squares, sums = _products(rows**2, _WEIGHTS.T), _products(rows, _WEIGHTS.T)
    spread = np.sqrt(np.maximum(squares - sums**2 / SIDE**2, 1.0))
    return (_products(rows, laid.T).reshape(len(others), 2, -1) / spread[:, None]).max(axis=(1, 2))


def _products(rows: Sketches, columns: Sketches) -> Sketches:
    """rows @ columns, in pieces so small that the library does not wake threads for them: those only spin."""
    return np.concatenate([rows[at:at + ROWS_AT_ONCE] @ columns for at in range(0, len(rows), ROWS_AT_ONCE)])


def _window(start: float, share: float) -> Sketches:
    """What turns a line of pixels into its part from `start`, `share` long, drawn out to the whole line."""
    at = np.clip((np.arange(SIDE) + 0.5) * share + start * SIDE - 0.5, 0, SIDE - 1)
    low = np.floor(at).astype(int)
    part = np.zeros((SIDE, SIDE), dtype=np.float32)
    part[np.arange(SIDE), low] += 1 - (at - low)
    part[np.arange(SIDE), np.minimum(low + 1, SIDE - 1)] += at - low
    return part


_LEFT_OVER = 1 - CROPPED_TO
_LINES = [_window(0, 1), *(_window(start, CROPPED_TO) for start in (0, _LEFT_OVER / 2, _LEFT_OVER))]
_DOWN, _ACROSS = (np.stack(each) for each in zip(*product(_LINES, _LINES), strict=True))
_WEIGHTS = (_DOWN.sum(axis=1)[:, :, None] * _ACROSS.sum(axis=1)[:, None, :]).reshape(-1, SIDE**2)


def _crops(sketches: Sketches) -> Sketches:
    """Each sketch as it would be if it were cropped in each of the ways we look for, itself among them."""
    return (_DOWN @ sketches[:, None] @ _ACROSS.transpose(0, 2, 1)).reshape(-1, SIDE, SIDE)


def _standard(sketches: Sketches) -> Sketches:
    """Sketches as rows of mean 0 and length 1, so that neither brightness nor contrast counts."""
    rows = sketches.reshape(len(sketches), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)

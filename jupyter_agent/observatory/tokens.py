"""Counting tokens before a provider has: with a tokenizer where it is loaded, else by the number of bytes.

The tokenizer is `toktok-rs`, which carries its vocabularies and needs no network. cl100k_base is the smallest of them:
it counts English and code as newer vocabularies do, and other scripts rather too high than too low, as a budget wants
it. The parts of a context are right in proportion, and their sum becomes the provider's as soon as it has said it. At
more than 100 MB a second counting again is cheaper than remembering."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

ENCODING = "cl100k_base"
ESTIMATE = "bytes/4"
"""What counts where there is no tokenizer: four bytes a token, about right for English text and code."""
BYTES_PER_TOKEN = 4
LEAST_PICTURE, MOST_PICTURE = 85, 1600
PIXELS_PER_TOKEN = 750
"""Of pictures, as Anthropic counts them; OpenAI's tiles give about the same."""

Count = Callable[[Sequence[str]], list[int]]

_count: Count | None = None
_failed = False
_lock = threading.Lock()


def estimate(text: str) -> int:
    """Tokens of a text, about."""
    # The length first: encoding a large text only to count its bytes takes time, and most text is ASCII.
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_PER_TOKEN)


def load() -> bool:
    """Loads the tokenizer, once; False where it cannot be had. Takes a tenth of a second in which nothing else runs, so
    it is not done while somebody waits for the first word of an answer. Call it in a thread."""
    global _count, _failed
    with _lock:
        if _count is None and not _failed:
            try:
                _count = _load()
            except Exception as error:  # whatever a broken binary raises; the estimate does
                _failed = True
                log.warning("tokens are estimated: no tokenizer (%s)", error)
    return _count is not None


def ready() -> bool:
    """Whether there is nothing to wait for: the tokenizer is loaded, or cannot be."""
    return _count is not None or _failed


def _load() -> Count:
    import toktok  # type: ignore[import-untyped]

    def counted(texts: Sequence[str]) -> list[int]:
        # One thread: other turns have theirs.
        counts: list[int] = toktok.batch_count(list(texts), ENCODING, 1)
        return counts

    counted(["ready"])
    return counted


def counter() -> str:
    """What would count now."""
    return ESTIMATE if _count is None else ENCODING


def count(texts: Sequence[str]) -> tuple[list[int], str]:
    """Tokens of each text, and what counted them. Never waits for the tokenizer, and never fails."""
    if _count is None:
        return [estimate(text) for text in texts], ESTIMATE
    try:
        return _count(texts), ENCODING
    except UnicodeEncodeError:  # half of a surrogate pair
        return _count([text.encode("utf-8", "replace").decode() for text in texts]), ENCODING


def picture(data: bytes) -> int:
    """Tokens of a picture, about, by its size in pixels."""
    import io

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:  # reads no more than its head
            pixels = image.width * image.height
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return 1000
    return min(MOST_PICTURE, max(LEAST_PICTURE, -(-pixels // PIXELS_PER_TOKEN)))


def in_proportion(counts: Sequence[int], total: int) -> list[int]:
    """The counts, scaled so that they add up to `total` exactly: what is left by rounding goes to the largest
    remainders, the first of equal ones."""
    whole = sum(counts)
    if whole == 0:
        return [0] * len(counts)
    scaled = [divmod(count * total, whole) for count in counts]
    result = [quotient for quotient, _ in scaled]
    by_remainder = sorted(range(len(counts)), key=lambda at: -scaled[at][1])
    for at in by_remainder[: total - sum(result)]:
        result[at] += 1
    return result

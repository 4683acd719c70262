"""Content codings: which one a client takes, and bodies written in it."""

import zlib
from collections.abc import Iterable, Iterator

import brotli
from django.conf import settings

IDENTITY = "identity"
GZIP = "gzip"
BROTLI = "br"
# A gzip header, in zlib's way of asking for one.
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_BROTLI_QUALITY = 4


def coding_for(accepted: str, size: int) -> str:
    """The coding of an answer of ``size`` bytes for a client that sent ``Accept-Encoding: accepted``.

    Brotli before gzip; none for what is too small to gain, and for who takes none or weighs it 0.
    """
    if size < settings.COMPRESSION_MIN_SIZE or not accepted:
        return IDENTITY
    weights = dict(map(_weighted, accepted.lower().split(",")))
    for coding in (BROTLI, GZIP) if settings.USE_BROTLI else (GZIP,):
        if weights.get(coding, weights.get("*", 0.0)) > 0:
            return coding
    return IDENTITY


def _weighted(term: str) -> tuple[str, float]:
    name, _, parameter = term.partition(";")
    _, _, weight = parameter.partition("q=")
    try:
        return name.strip(), float(weight) if weight else 1.0
    except ValueError:
        return name.strip(), 0.0


def headers(coding: str, etag: str) -> dict[str, str]:
    """What a body in ``coding`` says of itself.

    Its bytes are others under the same version: a weak tag, which is still good for If-Match, as versions are compared.
    """
    weak = {"ETag": f"W/{etag}"} if etag.startswith('"') else {}
    return {} if coding == IDENTITY else {"Content-Encoding": coding, **weak}


def coded(body: bytes, coding: str) -> bytes:
    """``body`` written in ``coding``."""
    if coding == BROTLI:
        return brotli.compress(body, quality=_BROTLI_QUALITY)
    if coding == GZIP:
        compressor = zlib.compressobj(settings.COMPRESSION_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        return compressor.compress(body) + compressor.flush()
    return body


def coded_while_sent(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """``pieces`` written in ``coding`` one by one; a reader has each of them whole before the next is made."""
    if coding == BROTLI:
        brotli_coder = brotli.Compressor(quality=_BROTLI_QUALITY)
        for piece in pieces:
            yield brotli_coder.process(piece) + brotli_coder.flush()
        yield brotli_coder.finish()
    else:
        coder = zlib.compressobj(settings.COMPRESSION_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        for piece in pieces:
            yield coder.compress(piece) + coder.flush(zlib.Z_SYNC_FLUSH)
        yield coder.flush()


def decoded(body: bytes) -> bytes:
    """What ``coded(..., GZIP)`` was made from."""
    return zlib.decompress(body, _GZIP_WINDOW)

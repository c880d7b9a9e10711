"""Getting what lies at an address that somebody else named: without any credential, and not without end."""

from urllib.parse import urlparse

import requests

from roosevelt_pipeline.sources.quality.errors import QualityError

LARGEST_BYTES = 256 * 1024 * 1024
PIECE = 64 * 1024
HERE = ("127.0.0.1", "localhost", "::1")


def download(address: str, subject: str, timeout: float) -> bytes:
    """What lies there. The address is a secret of minutes, so that no error repeats it.

    Raises:
        QualityError: it is not encrypted, does not answer, redirects or is too large.
    """
    parts = urlparse(address)
    if parts.scheme != "https" and parts.hostname not in HERE:
        raise QualityError(f"{subject}: storage was named without encryption")
    with requests.Session() as session:
        session.trust_env = False  # no .netrc: storage refuses whoever shows it a foreign credential
        session.max_redirects = 0
        try:
            with session.get(address, timeout=timeout, stream=True, allow_redirects=False) as response:
                if response.status_code != 200:
                    raise QualityError(f"{subject}: storage at {parts.hostname} answered {response.status_code}")
                return _bounded(response, subject)
        except requests.RequestException as error:
            raise QualityError(f"{subject}: no answer from storage ({type(error).__name__})") from None


def _bounded(response: requests.Response, subject: str) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_content(PIECE):
        size += len(piece)
        if size > LARGEST_BYTES:
            raise QualityError(f"{subject}: larger than {LARGEST_BYTES // 1024 // 1024} MB; it was not read")
        pieces.append(piece)
    return b"".join(pieces)

"""What the tests of evidence share with those of pictures."""

from tests.photos.conftest import bucket, s3_url, store

__all__ = ["bucket", "s3_url", "store"]

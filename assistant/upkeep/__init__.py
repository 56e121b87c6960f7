"""The life of a corpus: documents are taken in, revised, retired and brought back while a server serves."""

"""Documents of places that the corpus does not have, with questions about them; see `__main__`."""

"""A source file becomes a Document of citable clauses."""

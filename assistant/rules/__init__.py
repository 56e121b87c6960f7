"""Facts + rules → findings: exact, three-valued, with the clause behind every figure."""

"""A question becomes an Answer: understood, searched for, selected, worded and verified."""

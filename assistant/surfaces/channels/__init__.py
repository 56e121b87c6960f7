"""Messengers: one small protocol for all of them, and what each of them adds.

A message comes in (`Inbound`), a `Desk` says what follows from it, a `Form` words an answer for the messenger, and a
`Pump` sees to it that nothing that has come is lost and nothing is said twice.
"""

"""`tiaowen doctor`: everything an operator would ask about, each with its remedy; works where things are broken."""

"""How good the answers are: cases in, scores with explanations out.

Evals are not tests: nothing here passes or fails a build. The package needs `assistant.models` and
`assistant.errors` only, so that what it measures cannot bend the ruler.
"""

"""How good the answers are: cases in, scores with explanations out.

Evals are not tests: a score is told with its reason, not asserted. Only the gate passes or fails: what the
rates of a file of cases have to reach stands in `thresholds.yaml`. The package needs `assistant.models` and
`assistant.errors` only, so that what it measures cannot bend the ruler.
"""

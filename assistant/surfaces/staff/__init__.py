"""The staff desk under `/staff`: one class, many classes, progress, timelines, forms, what was left unanswered."""

"""Exploring the cases of a task: figures, filters, charts that filter, a ranked list, and comparing."""

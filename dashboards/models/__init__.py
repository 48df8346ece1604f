"""What is said of a model: its candidates, its trust, its decisions, its fairness, how it is watched.

Each file makes sections (headlines, charts, tables, words) of one part of a version's figures; the screen and
the model card show the same ones. A version that lacks the part has no such section.
"""

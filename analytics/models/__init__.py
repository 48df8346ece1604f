"""The models. They know matrices, labels and parameters; no domain, no warehouse."""

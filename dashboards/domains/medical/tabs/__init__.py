"""The looks at the clinic's task beside its list."""

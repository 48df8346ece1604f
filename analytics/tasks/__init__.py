"""The tasks that ship: one file a domain, found by import."""

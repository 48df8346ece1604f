"""Figures of this machine: each script prints one JSON document, its reference measured in the same run."""

"""The looks at the carrier's shipments beside their list."""

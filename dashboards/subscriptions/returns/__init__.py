"""What comes back, and to whom nothing is sent any more."""

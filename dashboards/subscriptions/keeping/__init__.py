"""Issues as they were sent, and the signed links that open them."""

"""How a loan portfolio is judged: observed against promised default rates, and how concentrated it is."""

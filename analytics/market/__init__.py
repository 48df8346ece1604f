"""What prices say: returns, volatility, falls, value at risk and how it kept its word, portfolios."""

"""Customers: their plans, what they use, what they owe."""

"""The page of one case: its score, why, what happened, who is like it, what if, and what people say of it."""

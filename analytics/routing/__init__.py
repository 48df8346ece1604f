"""Routes: problems from tables or files, travel times, the search, and plans that people drive by."""

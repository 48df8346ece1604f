"""Who gets what: the book of subscriptions and all ways into it."""

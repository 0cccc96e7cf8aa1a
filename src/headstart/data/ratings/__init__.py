"""Who took what: tables of interactions of users with items, and what of them can be learned from."""

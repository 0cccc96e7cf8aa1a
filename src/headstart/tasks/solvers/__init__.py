"""Heads that are solved on features, and what is known of them without a look at the test split."""

"""A model over HTTP, for programs and, with a page, for people."""

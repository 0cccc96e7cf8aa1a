"""Tables: found, told apart, read as a stream of rows, and what their columns mean."""

"""What is predicted for an example, and the head for it."""

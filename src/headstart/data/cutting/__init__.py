"""How a set of examples is cut into training, validation and test, and drawn anew for another seed."""

"""What an example is: a picture, a text."""

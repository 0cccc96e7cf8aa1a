"""What may be done with a network of any family: cut, tap, fold, measure, adapt."""

"""Speech that a machine says: recordings and the phones in them, to pre-train a base on."""

"""Photos: a picture sealed as it came, understood, stripped of its metadata, cut to sizes."""

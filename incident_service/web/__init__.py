"""Pages for phones and desks, and the few answers that belong to no single room."""

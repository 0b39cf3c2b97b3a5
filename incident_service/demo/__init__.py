"""The demo town: a corner of Nanchang with invented streets and communities, to try everything on."""

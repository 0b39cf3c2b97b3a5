"""The incident service: reports from residents become cases, and cases reach the right two people at once."""

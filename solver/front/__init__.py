"""What moves the metal surface and what it remembers."""

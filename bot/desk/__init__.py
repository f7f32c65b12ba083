"""What changes the record."""

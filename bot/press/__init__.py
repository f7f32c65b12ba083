"""For journalists: the record as of a day, what was corrected, citations and charts."""

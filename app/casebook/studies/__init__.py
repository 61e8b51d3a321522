"""The study document and the instruments: read, checked, held against themselves, published, in force."""

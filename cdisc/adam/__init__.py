"""The analysis datasets, from the SDTM of the same cut and its verdicts."""

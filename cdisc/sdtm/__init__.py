"""The tabulation datasets: frames of a cut in, SDTM out, each variable by an algorithm that a table names."""

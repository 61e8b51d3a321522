"""The annotated CRF: every question with the variable that each answer goes to."""

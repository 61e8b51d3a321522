"""How fast a form is saved and a study leaves, beside a floor and a peer of the same run: `python -m bench`."""

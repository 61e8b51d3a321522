"""define.xml: what every dataset, variable, code and derivation means, and the page that shows it."""

"""Who may be given which dose: the gates of a dose, dose-limiting toxicity, recommendations of a level."""

"""
What is true: pure functions over facts, standard library only, one published criterion a file.

The ground is `verdict`, `dates`, `exact`, `spans`, `grades`, `study`, `instrument` and `facts`. On it stand the rooms, which
bear the names they have on every floor, and import one way: `laboratory` < `safety` < `efficacy` < `dosing` and `subjects`.
Above them are `checks`, which hold one room's facts beside another's, `derive`, which runs them all, and `explain`.
"""

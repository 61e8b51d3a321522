"""
What is true: pure functions over facts, standard library only, one published criterion a file.

Inside, imports run one way too: `verdict`, `dates`, `exact`, `grades` < `facts` < measures (`sledai`, `bilag`, `pga`,
`steroids`, `background`, `hypotension`, `visits`, `intercurrent`) < criteria (`sri`, `bicla`, `lldas`, `doris`, `crs`,
`icans`) < `checks` < `derive`. The criteria of lupus do not know each other.
"""

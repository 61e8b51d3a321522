"""The reviewer's guides of a package, of its SDTM and of its ADaM, filled from the package itself."""

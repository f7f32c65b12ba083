"""Targets for a coverage-guided fuzzer, one a file: each opens with a function that takes any bytes.

What a target lets through is what its room promises; everything else is a find. `make audit` runs them, and
`make test` what is in `seeds/`, where every find stays.
"""

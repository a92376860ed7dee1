"""The observatory: what each turn saw, chose, did and cost, and what follows from it."""

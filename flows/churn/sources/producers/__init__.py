"""The five files as their producers write them."""

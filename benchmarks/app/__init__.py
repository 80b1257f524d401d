"""How fast the app's pages show themselves."""

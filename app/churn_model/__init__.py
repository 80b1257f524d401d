"""The Production model: loaded, asked, and explained."""

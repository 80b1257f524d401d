"""What commands cost from start to end, compared with another commit's."""

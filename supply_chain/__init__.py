"""What a release consists of, whether that is known to be vulnerable, and images by digest."""

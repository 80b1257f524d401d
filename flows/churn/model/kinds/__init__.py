"""What each kind of model besides the logistic regression is, and how kinds compare."""

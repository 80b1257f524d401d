"""The crypto events pipeline beside the bare minimum and the common approach."""

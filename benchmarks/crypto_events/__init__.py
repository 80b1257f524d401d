"""The crypto events pipeline, compared with the bare minimum and the common approach."""

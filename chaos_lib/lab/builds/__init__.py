"""Building images with BuildKit and running containers from them, on the mission's engine."""

"""Documents kept on disk until the stream has them. Knows files and the producer, nothing of inputs."""

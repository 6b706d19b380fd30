"""The only way from the portal to the workers: seal a job, send it, wait for its answer."""

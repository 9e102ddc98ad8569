"""The whole system on one machine: private servers as child processes, everything below `.run/<profile>/`."""

"""Put on `PYTHONPATH` where the kernel cannot close the network: see `sitecustomize`."""

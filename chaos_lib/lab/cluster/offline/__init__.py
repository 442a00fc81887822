"""The one-node cluster that needs no registry: its certificates, processes and traces on the host."""

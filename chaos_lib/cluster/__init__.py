"""What can be done with a Kubernetes cluster: render, apply, watch, diagnose, undo, switch.

How a cluster is found and started is known to `chaos_lib.lab` alone; here one is given by kubeconfig, context and namespace.
"""

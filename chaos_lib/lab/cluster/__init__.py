"""The facility *cluster*: found, made or built; started and stopped."""

from chaos_lib.lab.cluster.base import Cluster, ClusterProvider

__all__ = ["Cluster", "ClusterProvider"]

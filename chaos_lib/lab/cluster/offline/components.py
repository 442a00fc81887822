"""What makes up the offline cluster: each component's configuration and command line.

Sources: the reference pages of kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and kube-proxy, release 1.20.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chaos_lib import durable
from chaos_lib.lab.cluster import kubeconfig
from chaos_lib.lab.cluster.offline.api import Api
from chaos_lib.lab.cluster.offline.authority import Authority, Pair
from chaos_lib.lab.cluster.offline.daemon import Daemon
from chaos_lib.lab.cluster.offline.numbers import Numbers
from chaos_lib.lab.cluster.offline.places import CONTEXT, DOMAIN, NODE, PAUSE_IMAGE, ClusterPlaces

_LOCAL = "127.0.0.1"
_QUIET = "--v=1"


@dataclass(frozen=True)
class Component:
    """A daemon with the question that tells whether it is well.

    Attributes:
        daemon: How it is started and found.
        health: Whom to ask; None where its running is all there is.
        path: The path to ask for.
    """

    daemon: Daemon
    health: Api | None = None
    path: str = "/healthz"

    @property
    def name(self) -> str:
        """`etcd`, `kubelet`, ..."""
        return self.daemon.name

    def is_well(self) -> bool:
        """Whether it runs and says that it is well."""
        return self.daemon.is_running and (self.health is None or self.health.is_well(self.path))


class Blueprint:
    """Draws up the components; writes their certificates and configuration files.

    Args:
        places: Where everything is.
        numbers: Ports and ranges.
        address: The engine's address on its own bridge: the node's address, and where the API server listens,
            so that containers reach both and other machines reach neither.
    """

    def __init__(self, places: ClusterPlaces, numbers: Numbers, address: str) -> None:
        self._places = places
        self._ports = numbers.ports
        self._numbers = numbers
        self._address = address
        self._authority = Authority(places.pki)

    # Files

    def write(self) -> None:
        """Write certificates, kubeconfigs and configuration files; the same again when nothing has changed."""
        self._authority.found()
        hosts = (
            *(self._address, _LOCAL, self._numbers.api_service, "localhost", NODE),
            *("kubernetes", "kubernetes.default", "kubernetes.default.svc"),
            f"kubernetes.default.svc.{DOMAIN}",
        )
        self._authority.server("server", hosts)
        self._authority.signing_key("service-accounts")
        self._authority.client("api-to-etcd", "kube-apiserver")
        for name, user, groups in (
            ("api-to-kubelet", "opchaos:api-server", ("system:masters",)),
            ("admin", "opchaos:admin", ("system:masters",)),
            ("controllers", "system:kube-controller-manager", ()),
            ("scheduler", "system:kube-scheduler", ()),
            ("kubelet", f"system:node:{NODE}", ("system:nodes",)),
            ("proxy", "system:kube-proxy", ()),
        ):
            self._authority.client(name, user, organizations=groups)
        for name in ("controllers", "scheduler", "kubelet", "proxy"):
            kubeconfig.write(self._kubeconfig(name), self._kubeconfig_of(name))
        self._write_yaml(self._kubelet_file, self._kubelet_configuration())
        self._write_yaml(self._proxy_file, self._proxy_configuration())
        kubeconfig.write(self._places.kubeconfig, self._kubeconfig_of("admin"))

    # Components, in the order of their start

    def etcd(self) -> Component:
        """Keeps everything that the cluster knows."""
        client, peer = f"https://{_LOCAL}:{self._ports.etcd}", f"https://{_LOCAL}:{self._ports.etcd_peer}"
        own, authority = self._pair("server"), self._authority.own
        argv = [
            *("--name=opchaos", f"--data-dir={self._places.etcd}", "--logger=zap"),
            *(f"--listen-client-urls={client}", f"--advertise-client-urls={client}"),
            *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"),
            f"--initial-cluster=opchaos={peer}",
            *("--client-cert-auth", f"--trusted-ca-file={authority.certificate}"),
            *(f"--cert-file={own.certificate}", f"--key-file={own.key}"),
            *("--peer-client-cert-auth", f"--peer-trusted-ca-file={authority.certificate}"),
            *(f"--peer-cert-file={own.certificate}", f"--peer-key-file={own.key}"),
        ]
        health = self._api(_LOCAL, self._ports.etcd, "api-to-etcd")
        return self._component("etcd", argv, mark=str(self._places.etcd), health=health, path="/health")

    def api_server(self) -> Component:
        """Answers kubectl."""
        own, authority, tokens = self._pair("server"), self._authority.own, self._signing
        to_etcd, to_kubelet = self._pair("api-to-etcd"), self._pair("api-to-kubelet")
        argv = [
            f"--etcd-servers=https://{_LOCAL}:{self._ports.etcd}",
            f"--etcd-cafile={authority.certificate}",
            *(f"--etcd-certfile={to_etcd.certificate}", f"--etcd-keyfile={to_etcd.key}"),
            *(f"--bind-address={self._address}", f"--advertise-address={self._address}"),
            *(f"--secure-port={self._ports.api}", "--insecure-port=0", f"--cert-dir={self._places.pki}"),
            *(f"--tls-cert-file={own.certificate}", f"--tls-private-key-file={own.key}"),
            *(f"--client-ca-file={authority.certificate}", "--anonymous-auth=false"),
            f"--kubelet-certificate-authority={authority.certificate}",
            f"--kubelet-client-certificate={to_kubelet.certificate}",
            f"--kubelet-client-key={to_kubelet.key}",
            # A name would have to be known to the host's resolver.
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-issuer=https://kubernetes.default.svc.{DOMAIN}",
            f"--service-account-key-file={tokens.certificate}",
            f"--service-account-signing-key-file={tokens.key}",
            f"--service-cluster-ip-range={self._numbers.services}",
            *("--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction"),
            *("--profiling=false", _QUIET),
        ]
        return self._component(
            "kube-apiserver", argv, mark=str(self._places.pki), health=self.admin_api(), path="/readyz"
        )

    def controller_manager(self) -> Component:
        """Makes ReplicaSets out of Deployments, pods out of ReplicaSets, and so on."""
        file, authority = self._kubeconfig("controllers"), self._authority.own
        argv = [
            *(f"--kubeconfig={file}", "--leader-elect=false", "--use-service-account-credentials"),
            *(f"--root-ca-file={authority.certificate}", "--profiling=false", _QUIET),
            f"--service-account-private-key-file={self._signing.key}",
            f"--flex-volume-plugin-dir={self._places.folder / 'plugins'}",
            f"--cluster-signing-cert-file={authority.certificate}",
            f"--cluster-signing-key-file={authority.key}",
            *self._local_server(self._ports.controllers),
        ]
        health = self._api(_LOCAL, self._ports.controllers, "admin")
        return self._component("kube-controller-manager", argv, mark=str(file), health=health)

    def scheduler(self) -> Component:
        """Puts pods on the node."""
        file = self._kubeconfig("scheduler")
        argv = [
            *(f"--kubeconfig={file}", "--leader-elect=false", "--profiling=false", _QUIET),
            *self._local_server(self._ports.scheduler),
        ]
        health = self._api(_LOCAL, self._ports.scheduler, "admin")
        return self._component("kube-scheduler", argv, mark=str(file), health=health)

    def kubelet(self) -> Component:
        """Runs the pods' containers on the lab's Docker engine."""
        places = self._places
        argv = [
            *(f"--config={self._kubelet_file}", f"--kubeconfig={self._kubeconfig('kubelet')}"),
            *(f"--root-dir={places.kubelet}", f"--cert-dir={places.pki}"),
            f"--volume-plugin-dir={places.folder / 'plugins'}",
            *("--container-runtime=docker", f"--docker-endpoint=unix://{places.engine.socket}"),
            # cAdvisor, which is in it, has an option of its own, and waits five seconds for the wrong socket.
            f"--docker=unix://{places.engine.socket}",
            # Neither is an option of the public documentation, but without them it writes into /var.
            f"--experimental-dockershim-root-directory={places.folder / 'dockershim'}",
            f"--container-runtime-endpoint=unix://{places.folder / 'dockershim.sock'}",
            f"--pod-infra-container-image={PAUSE_IMAGE}",
            *(f"--hostname-override={NODE}", f"--node-ip={self._address}", _QUIET),
        ]
        return self._component(
            "kubelet",
            argv,
            mark=str(self._kubelet_file),
            health=self._api(self._address, self._ports.kubelet, "api-to-kubelet"),
        )

    def proxy(self) -> Component:
        """Makes services reachable, by rules of the host's firewall."""
        argv = [f"--config={self._proxy_file}", _QUIET]
        health = Api(_LOCAL, self._ports.proxy_health)
        return self._component("kube-proxy", argv, mark=str(self._proxy_file), health=health)

    def admin_api(self) -> Api:
        """The API server, asked by the administrator."""
        return self._api(self._address, self._ports.api, "admin")

    def proxy_api(self) -> Api:
        """The API server, asked by one who may list services and endpoints."""
        return self._api(self._address, self._ports.api, "proxy")

    # Pieces

    @property
    def _signing(self) -> Pair:
        return Pair(self._places.pki / "service-accounts.pub", self._places.pki / "service-accounts.key")

    @property
    def _kubelet_file(self) -> Path:
        return self._places.config / "kubelet.yaml"

    @property
    def _proxy_file(self) -> Path:
        return self._places.config / "proxy.yaml"

    def _pair(self, name: str) -> Pair:
        return Pair(self._places.pki / f"{name}.crt", self._places.pki / f"{name}.key")

    def _kubeconfig(self, name: str) -> Path:
        return self._places.config / f"{name}.kubeconfig"

    def _api(self, host: str, port: int, client: str) -> Api:
        return Api(host, port, self._authority.own, self._pair(client))

    def _kubeconfig_of(self, name: str) -> Any:
        pair = self._pair(name)
        return kubeconfig.document(
            CONTEXT,
            self.admin_api().url,
            authority=self._authority.own.certificate.read_bytes(),
            certificate=pair.certificate.read_bytes(),
            key=pair.key.read_bytes(),
        )

    def _local_server(self, port: int) -> tuple[str, ...]:
        own = self._pair("server")
        return (
            *("--port=0", f"--bind-address={_LOCAL}", f"--secure-port={port}"),
            *(f"--tls-cert-file={own.certificate}", f"--tls-private-key-file={own.key}"),
        )

    def _component(
        self, name: str, argv: list[str], *, mark: str, health: Api | None = None, path: str = "/healthz"
    ) -> Component:
        whole = (str(self._places.program(name)), *argv)
        return Component(Daemon(name, whole, mark, self._places.log(name)), health, path)

    def _kubelet_configuration(self) -> dict[str, Any]:
        own = self._pair("server")
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": self._address,
            "port": self._ports.kubelet,
            "readOnlyPort": 0,
            "healthzBindAddress": _LOCAL,
            "healthzPort": self._ports.kubelet_health,
            "tlsCertFile": str(own.certificate),
            "tlsPrivateKeyFile": str(own.key),
            "authentication": {
                "anonymous": {"enabled": False},
                "x509": {"clientCAFile": str(self._authority.own.certificate)},
            },
            "clusterDomain": DOMAIN,
            "clusterDNS": [self._address],
            # As the engine is configured; see OwnEngine.
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{self._places.cgroup}",
            "enforceNodeAllocatable": [],
            "failSwapOn": False,
            # Ten seconds by default: that long a node that has just become ready would not be said to be.
            "nodeStatusUpdateFrequency": "2s",
            "nodeStatusReportFrequency": "1m",
            # A minute by default: a pod whose containers were gone before their end was noted lingers until the next look.
            "syncFrequency": "10s",
            "hairpinMode": "none",
            # -999 needs CAP_SYS_RESOURCE.
            "oomScoreAdj": 0,
            # The images on this engine are the lab's cache: none is ever taken for garbage, however full the disk.
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "evictionHard": {"memory.available": "100Mi"},
            # Its socket would be at a fixed place outside our folder.
            "featureGates": {"DevicePlugins": False},
            "serializeImagePulls": False,
        }

    def _proxy_configuration(self) -> dict[str, Any]:
        return {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "iptables",
            "hostnameOverride": NODE,
            "clientConnection": {"kubeconfig": str(self._kubeconfig("proxy"))},
            "healthzBindAddress": f"{_LOCAL}:{self._ports.proxy_health}",
            "metricsBindAddress": f"{_LOCAL}:{self._ports.proxy_metrics}",
            # A service in a sabotage workshop is nothing for the other people in the room.
            "nodePortAddresses": ["127.0.0.0/8", f"{self._address}/32"],
            "oomScoreAdj": 0,
            # Zero: the host's own limits stay as they are.
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
            # Pods sit on one bridge: without it an answer takes the short way round the address translation.
            "iptables": {"masqueradeAll": True, "minSyncPeriod": "0s", "syncPeriod": "30s"},
        }

    @staticmethod
    def _write_yaml(path: Path, content: dict[str, Any]) -> None:
        durable.make_folders(path.parent)
        text = yaml.safe_dump(content, sort_keys=False)
        durable.write_bytes(path, text.encode(), mode=0o600, draft_folder=path.parent / "drafts")

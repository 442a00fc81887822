"""The client that talks to a kernel: it asks again for a reply whose arrival nobody announced."""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

_ASK_AGAIN_S = 1.0


class ShellChannel(AsyncZMQSocketChannel):
    """A shell channel that looks for a message once a second, besides being told of it.

    A cell that prints into an `Output` widget makes nbclient send a message on this channel while it waits for the cell's
    reply on the same. The send goes past asyncio (`jupyter_client.session.Session.send`), and takes along the one signal
    with which ZeroMQ announces a reply that came at that moment: whoever only waits for the signal waits for ever.
    Source: http://api.zeromq.org/4-3:zmq-getsockopt, "ZMQ_FD".
    """

    async def get_msg(  # type: ignore[override]  # as in the class above: jupyter_client's base is not async
        self, timeout: float | None = None
    ) -> dict[str, Any]:
        """Return the next message.

        Args:
            timeout: Longest wait in seconds; None waits for ever.

        Raises:
            Empty: None came in time.
        """
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while True:
            left_s = _ASK_AGAIN_S if give_up_at is None else max(0.0, give_up_at - time.monotonic())
            try:
                return await super().get_msg(timeout=min(_ASK_AGAIN_S, left_s))
            except Empty:
                if give_up_at is not None and time.monotonic() >= give_up_at:
                    raise


class KernelClient(AsyncKernelClient):
    """A client with that shell channel."""

    shell_channel_class = Type(ShellChannel)

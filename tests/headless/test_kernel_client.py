from __future__ import annotations

import asyncio
from queue import Empty

import pytest
import zmq
import zmq.asyncio
from jupyter_client.session import Session

from chaos_lib.headless.kernel_client import KernelClient, ShellChannel


def test_a_reply_is_found_although_its_signal_was_lost() -> None:
    async def lose_the_signal() -> str:
        with (
            zmq.asyncio.Context() as context,
            context.socket(zmq.PAIR) as ours,
            context.socket(zmq.PAIR) as kernels,
        ):
            ours.bind("inproc://shell")
            kernels.connect("inproc://shell")
            session = Session()
            waiting = asyncio.ensure_future(ShellChannel(ours, session).get_msg())
            await asyncio.sleep(0)  # it waits for the signal now
            session.send(kernels, "execute_reply")
            # What a send past asyncio does: ZeroMQ looks at its socket, and the signal is gone.
            assert zmq.Socket.shadow(ours.underlying).getsockopt(zmq.EVENTS) & zmq.POLLIN
            message = await asyncio.wait_for(waiting, 60)
            return str(message["msg_type"])

    assert asyncio.run(lose_the_signal()) == "execute_reply"


def test_a_wait_ends_when_its_time_is_over() -> None:
    async def ask() -> None:
        with zmq.asyncio.Context() as context, context.socket(zmq.PAIR) as socket:
            await ShellChannel(socket, Session()).get_msg(timeout=0.01)

    with pytest.raises(Empty):
        asyncio.run(ask())


def test_the_client_has_that_channel() -> None:
    assert KernelClient.shell_channel_class.klass is ShellChannel

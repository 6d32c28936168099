"""Calls of the operator to a server that stands still: they end, and say what is not known."""

import socket

import pytest

from scorewire.score.v1.admin_pb2_grpc import ScoreAdminServiceStub
from scorewire.score.v1.decisions_pb2 import VoidAwardRequest
from scorewire_server.rpc import operator
from scorewire_server.rpc.operator import NoAnswer, answered, operator_channel
from scorewire_server.settings import Settings


def test_a_server_that_stands_still_keeps_no_operator_waiting(certs, monkeypatch):
    monkeypatch.setattr(operator, "CALL_SECONDS", 0.2)
    settings = Settings(certs_dir=certs)
    with socket.create_server(("127.0.0.1", 0)) as still:  # it takes connections, and says nothing
        address = f"127.0.0.1:{still.getsockname()[1]}"
        with operator_channel(address, settings, "score") as channel:
            request = VoidAwardRequest(award_id="a", reason="a bug")
            with pytest.raises(NoAnswer, match=r"no answer within 0\.2 s"), answered(address):
                ScoreAdminServiceStub(channel).VoidAward(request)

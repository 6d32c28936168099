"""What the crash rounds take an error for whose answer was cut."""

from typing import NamedTuple

import grpc
import pytest
from google.rpc.status_pb2 import Status

from tests.crash.hearing import told_by
from tests.refusals import Told


class Failed(NamedTuple):
    """An error of gRPC's that came with the status of a server that has blocked somebody."""

    its_code: grpc.StatusCode
    its_details: str

    def code(self):
        return self.its_code

    def details(self):
        return self.its_details

    def trailing_metadata(self):
        return (("grpc-status-details-bin", Status(code=7, message="blocked").SerializeToString()),)


def test_of_an_answer_that_was_cut_the_code_counts():
    assert told_by(Failed(grpc.StatusCode.UNAVAILABLE, "reset")) == Told("UNAVAILABLE", message="reset")


def test_a_status_without_a_reason_is_still_a_fault():
    with pytest.raises(AssertionError):
        told_by(Failed(grpc.StatusCode.PERMISSION_DENIED, "blocked"))

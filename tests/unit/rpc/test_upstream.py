"""What the errors of the server behind this one mean to our own caller."""

import grpc
import pytest

from scorewire_client.errors import ScorewireError, error_in
from scorewire_server import errors
from scorewire_server.rpc.call import Call, Method, enter
from scorewire_server.rpc.status import internal_status, status_of
from scorewire_server.rpc.upstream import MARGIN, UpstreamFault, outgoing_seconds, refusal_in, upstream_errors

PASSED_ON = frozenset({errors.Overloaded, errors.StorageUnavailable, errors.PointsOutOfBounds})


def failed(code: grpc.StatusCode) -> ScorewireError:
    return ScorewireError(code, "what gRPC says")


def refused(refusal: errors.Refusal) -> ScorewireError:
    return error_in(status_of(refusal))


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        pytest.param(refused(errors.Overloaded("full")), errors.Overloaded, id="overloaded"),
        pytest.param(refused(errors.StorageUnavailable("gone")), errors.StorageUnavailable, id="no storage"),
        pytest.param(refused(errors.PointsOutOfBounds("many")), errors.PointsOutOfBounds, id="too many points"),
        pytest.param(refused(errors.Starting("soon")), errors.UpstreamUnavailable, id="starting"),
        pytest.param(refused(errors.Draining("bye")), errors.UpstreamUnavailable, id="draining"),
        pytest.param(failed(grpc.StatusCode.UNAVAILABLE), errors.UpstreamUnavailable, id="not reached"),
        pytest.param(refused(errors.DeadlineExceeded("late")), errors.DeadlineExceeded, id="late"),
        pytest.param(failed(grpc.StatusCode.DEADLINE_EXCEEDED), errors.DeadlineExceeded, id="no answer in time"),
        pytest.param(refused(errors.CallerNotAllowed("who")), UpstreamFault, id="not allowed"),
        pytest.param(refused(errors.InvalidField("what")), UpstreamFault, id="a field of ours"),
        pytest.param(refused(errors.AwardIdReused("again")), UpstreamFault, id="an award id of ours"),
        pytest.param(error_in(internal_status("1")), UpstreamFault, id="a fault there"),
        pytest.param(failed(grpc.StatusCode.UNIMPLEMENTED), UpstreamFault, id="another server"),
    ],
)
def test_errors_of_the_server_behind(error, meaning):
    with pytest.raises(meaning) as raised, upstream_errors("score", PASSED_ON):
        raise error
    assert type(raised.value) is meaning
    assert raised.value.__cause__ is error


def test_a_refusal_is_read_as_it_was_made_but_for_the_fields():
    made = errors.PointsOutOfBounds("7 is too much", fields={"points": "must be 1 to 6"}, minimum=1, maximum=6)
    read = refusal_in(refused(made))
    assert (type(read), read.message, read.metadata, read.fields) == (type(made), made.message, made.metadata, {})


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), upstream_errors("score", PASSED_ON):
        raise ZeroDivisionError


class Remaining:
    """What a call's context says of its deadline."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds

    def time_remaining(self) -> float | None:
        return self._seconds


@pytest.mark.parametrize(("left", "seconds"), [(None, 5.0), (60.0, 5.0), (3.0, 3.0 - MARGIN)], ids=str)
def test_a_call_gets_what_is_left_less_a_little(left, seconds):
    enter(Call(Method("service", "name", streaming=False), None, Remaining(left), "1", 0.0))
    assert outgoing_seconds(5.0) == pytest.approx(seconds)


@pytest.mark.parametrize("left", [MARGIN, 0.0, -1.0], ids=str)
def test_a_call_with_no_time_left_is_not_made(left):
    enter(Call(Method("service", "name", streaming=False), None, Remaining(left), "1", 0.0))
    with pytest.raises(errors.DeadlineExceeded):
        outgoing_seconds(5.0)

"""From an exception to the gRPC status that the caller gets: the one table of codes."""

import math

from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from scorewire_server import errors
from scorewire_server.errors import Refusal

DOMAIN = "scorewire"
STATUS_CODES: dict[int, StatusCode] = {code.value[0]: code for code in StatusCode}

CODES: dict[type[Refusal], StatusCode] = {
    errors.InvalidField: StatusCode.INVALID_ARGUMENT,
    errors.RequestMalformed: StatusCode.INVALID_ARGUMENT,
    errors.MessageTooLarge: StatusCode.RESOURCE_EXHAUSTED,
    errors.CallerUnknown: StatusCode.UNAUTHENTICATED,
    errors.CallerNotAllowed: StatusCode.PERMISSION_DENIED,
    errors.SessionMissing: StatusCode.UNAUTHENTICATED,
    errors.SessionInvalid: StatusCode.UNAUTHENTICATED,
    errors.SessionExpired: StatusCode.UNAUTHENTICATED,
    errors.ActionTypeUnknown: StatusCode.NOT_FOUND,
    errors.ActionRefused: StatusCode.FAILED_PRECONDITION,
    errors.RequestIdReused: StatusCode.ALREADY_EXISTS,
    errors.ActionInterrupted: StatusCode.ABORTED,
    errors.ActionUnderWay: StatusCode.UNAVAILABLE,
    errors.TicketMissing: StatusCode.UNAUTHENTICATED,
    errors.TicketMalformed: StatusCode.UNAUTHENTICATED,
    errors.TicketKeyUnknown: StatusCode.UNAUTHENTICATED,
    errors.TicketAlgorithmNotAllowed: StatusCode.UNAUTHENTICATED,
    errors.TicketSignatureInvalid: StatusCode.UNAUTHENTICATED,
    errors.TicketTypeInvalid: StatusCode.UNAUTHENTICATED,
    errors.TicketIssuerInvalid: StatusCode.UNAUTHENTICATED,
    errors.TicketAudienceInvalid: StatusCode.UNAUTHENTICATED,
    errors.TicketClaimMissing: StatusCode.UNAUTHENTICATED,
    errors.TicketClaimInvalid: StatusCode.UNAUTHENTICATED,
    errors.TicketFromFuture: StatusCode.UNAUTHENTICATED,
    errors.TicketExpired: StatusCode.UNAUTHENTICATED,
    errors.TicketLifetimeTooLong: StatusCode.UNAUTHENTICATED,
    errors.TicketDataMismatch: StatusCode.PERMISSION_DENIED,
    errors.TicketAlreadyRedeemed: StatusCode.ALREADY_EXISTS,
    errors.ActionDataInvalid: StatusCode.INVALID_ARGUMENT,
    errors.ScoringRuleMissing: StatusCode.FAILED_PRECONDITION,
    errors.PointsOutOfBounds: StatusCode.INVALID_ARGUMENT,
    errors.Cooldown: StatusCode.RESOURCE_EXHAUSTED,
    errors.CapReached: StatusCode.RESOURCE_EXHAUSTED,
    errors.TooSoonAfterSignIn: StatusCode.FAILED_PRECONDITION,
    errors.AwardIdReused: StatusCode.ALREADY_EXISTS,
    errors.UserBlocked: StatusCode.PERMISSION_DENIED,
    errors.UserUnknown: StatusCode.NOT_FOUND,
    errors.AwardUnknown: StatusCode.NOT_FOUND,
    errors.AwardAlreadyVoided: StatusCode.ALREADY_EXISTS,
    errors.BoardUnknown: StatusCode.NOT_FOUND,
    errors.StandingNotFound: StatusCode.NOT_FOUND,
    errors.PageTokenInvalid: StatusCode.INVALID_ARGUMENT,
    errors.ResumeTokenInvalid: StatusCode.INVALID_ARGUMENT,
    errors.RateLimited: StatusCode.RESOURCE_EXHAUSTED,
    errors.Overloaded: StatusCode.RESOURCE_EXHAUSTED,
    errors.TooManyWatches: StatusCode.RESOURCE_EXHAUSTED,
    errors.WatchStalled: StatusCode.UNAVAILABLE,
    errors.StorageUnavailable: StatusCode.UNAVAILABLE,
    errors.BoardRebuilt: StatusCode.UNAVAILABLE,
    errors.LedgerDamaged: StatusCode.DATA_LOSS,
    errors.UpstreamUnavailable: StatusCode.UNAVAILABLE,
    errors.Starting: StatusCode.UNAVAILABLE,
    errors.Draining: StatusCode.UNAVAILABLE,
    errors.DeadlineExceeded: StatusCode.DEADLINE_EXCEEDED,
}
INTERNAL = "INTERNAL"
"""The reason of whatever is no refusal of ours."""
REASONS = (*(refusal.reason for refusal in CODES), INTERNAL)


def status_of(refusal: Refusal) -> status_pb2.Status:
    """The `google.rpc.Status` of a refusal, with ErrorInfo and, where they help, BadRequest and RetryInfo."""
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=refusal.metadata)
    ]
    if refusal.fields:
        details.append(_bad_request(refusal.fields))
    if refusal.retry_after is not None:
        details.append(_retry_info(refusal.retry_after))
    return _status(CODES[type(refusal)], refusal.message, details)


def headers_of(raised: BaseException) -> tuple[tuple[str, str], ...]:
    """What HTTP has of its own for a refusal: `retry-after`, and the headers of a rate limit as Envoy writes them."""
    if not isinstance(raised, Refusal) or raised.retry_after is None:
        return ()
    seconds = str(math.ceil(raised.retry_after))
    if not isinstance(raised, errors.RateLimited):
        return (("retry-after", seconds),)
    limit = f"{raised.metadata['limit']}, {raised.metadata['limit']};w={raised.metadata['window']}"
    room = (("x-ratelimit-limit", limit), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", seconds))
    return (("retry-after", seconds), *room)


def internal_status(error_id: str) -> status_pb2.Status:
    """What the caller of a failed handler learns: the id under which the log has the rest."""
    info = error_details_pb2.ErrorInfo(reason=INTERNAL, domain=DOMAIN, metadata={"errorId": error_id})
    return _status(StatusCode.INTERNAL, f"a fault of the server; its log has it as error {error_id}", [info])


def _status(code: StatusCode, message: str, details: list[Message]) -> status_pb2.Status:
    packed = [any_pb2.Any() for _ in details]
    for any_, detail in zip(packed, details, strict=True):
        any_.Pack(detail)
    return status_pb2.Status(code=code.value[0], message=message, details=packed)


def _bad_request(fields: dict[str, str]) -> error_details_pb2.BadRequest:
    violations = [
        error_details_pb2.BadRequest.FieldViolation(field=name, description=wrong) for name, wrong in fields.items()
    ]
    return error_details_pb2.BadRequest(field_violations=violations)


def _retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromMilliseconds(round(seconds * 1000))
    return info

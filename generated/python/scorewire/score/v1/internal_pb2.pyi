import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApplyScoreRequest(_message.Message):
    __slots__ = ("user_id", "points", "action_type", "award_id", "display_name", "sign_in_time", "client_address", "action_time")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    AWARD_ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    SIGN_IN_TIME_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACTION_TIME_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    points: int
    action_type: str
    award_id: str
    display_name: str
    sign_in_time: _timestamp_pb2.Timestamp
    client_address: str
    action_time: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., points: _Optional[int] = ..., action_type: _Optional[str] = ..., award_id: _Optional[str] = ..., display_name: _Optional[str] = ..., sign_in_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., client_address: _Optional[str] = ..., action_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ApplyScoreResponse(_message.Message):
    __slots__ = ("message", "status", "score_increase", "score", "rank", "revision", "award_id", "voided")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_INCREASE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    AWARD_ID_FIELD_NUMBER: _ClassVar[int]
    VOIDED_FIELD_NUMBER: _ClassVar[int]
    message: str
    status: str
    score_increase: int
    score: int
    rank: int
    revision: int
    award_id: str
    voided: bool
    def __init__(self, message: _Optional[str] = ..., status: _Optional[str] = ..., score_increase: _Optional[int] = ..., score: _Optional[int] = ..., rank: _Optional[int] = ..., revision: _Optional[int] = ..., award_id: _Optional[str] = ..., voided: _Optional[bool] = ...) -> None: ...

class ApplyScoresRequest(_message.Message):
    __slots__ = ("awards",)
    AWARDS_FIELD_NUMBER: _ClassVar[int]
    awards: _containers.RepeatedCompositeFieldContainer[ApplyScoreRequest]
    def __init__(self, awards: _Optional[_Iterable[_Union[ApplyScoreRequest, _Mapping]]] = ...) -> None: ...

class ApplyScoresResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ApplyScoreResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ApplyScoreResult, _Mapping]]] = ...) -> None: ...

class ApplyScoreResult(_message.Message):
    __slots__ = ("applied", "refused")
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    applied: ApplyScoreResponse
    refused: _status_pb2.Status
    def __init__(self, applied: _Optional[_Union[ApplyScoreResponse, _Mapping]] = ..., refused: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

from buf.validate import validate_pb2 as _validate_pb2
from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DoActionRequest(_message.Message):
    __slots__ = ("some", "action_type", "request_id")
    SOME_FIELD_NUMBER: _ClassVar[int]
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    some: _struct_pb2.Value
    action_type: str
    request_id: str
    def __init__(self, some: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., action_type: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class DoActionResponse(_message.Message):
    __slots__ = ("message", "token", "score", "result", "score_pending")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SCORE_PENDING_FIELD_NUMBER: _ClassVar[int]
    message: str
    token: str
    score: int
    result: str
    score_pending: bool
    def __init__(self, message: _Optional[str] = ..., token: _Optional[str] = ..., score: _Optional[int] = ..., result: _Optional[str] = ..., score_pending: _Optional[bool] = ...) -> None: ...

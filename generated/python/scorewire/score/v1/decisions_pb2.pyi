from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UserState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    USER_STATE_UNSPECIFIED: _ClassVar[UserState]
    USER_STATE_CLEAR: _ClassVar[UserState]
    USER_STATE_QUARANTINED: _ClassVar[UserState]
    USER_STATE_BLOCKED: _ClassVar[UserState]
USER_STATE_UNSPECIFIED: UserState
USER_STATE_CLEAR: UserState
USER_STATE_QUARANTINED: UserState
USER_STATE_BLOCKED: UserState

class Restriction(_message.Message):
    __slots__ = ("user_id", "state", "position", "reason")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    state: UserState
    position: int
    reason: str
    def __init__(self, user_id: _Optional[str] = ..., state: _Optional[_Union[UserState, str]] = ..., position: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class QuarantineUserRequest(_message.Message):
    __slots__ = ("user_id", "reason", "operator")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    reason: str
    operator: str
    def __init__(self, user_id: _Optional[str] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class QuarantineUserResponse(_message.Message):
    __slots__ = ("restriction", "changed")
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    restriction: Restriction
    changed: bool
    def __init__(self, restriction: _Optional[_Union[Restriction, _Mapping]] = ..., changed: _Optional[bool] = ...) -> None: ...

class ReleaseUserRequest(_message.Message):
    __slots__ = ("user_id", "reason", "operator")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    reason: str
    operator: str
    def __init__(self, user_id: _Optional[str] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class ReleaseUserResponse(_message.Message):
    __slots__ = ("restriction", "changed")
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    restriction: Restriction
    changed: bool
    def __init__(self, restriction: _Optional[_Union[Restriction, _Mapping]] = ..., changed: _Optional[bool] = ...) -> None: ...

class BlockUserRequest(_message.Message):
    __slots__ = ("user_id", "reason", "operator")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    reason: str
    operator: str
    def __init__(self, user_id: _Optional[str] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class BlockUserResponse(_message.Message):
    __slots__ = ("restriction", "changed")
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    restriction: Restriction
    changed: bool
    def __init__(self, restriction: _Optional[_Union[Restriction, _Mapping]] = ..., changed: _Optional[bool] = ...) -> None: ...

class UnblockUserRequest(_message.Message):
    __slots__ = ("user_id", "reason", "operator")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    reason: str
    operator: str
    def __init__(self, user_id: _Optional[str] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class UnblockUserResponse(_message.Message):
    __slots__ = ("restriction", "changed")
    RESTRICTION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    restriction: Restriction
    changed: bool
    def __init__(self, restriction: _Optional[_Union[Restriction, _Mapping]] = ..., changed: _Optional[bool] = ...) -> None: ...

class VoidAwardRequest(_message.Message):
    __slots__ = ("award_id", "reason", "operator")
    AWARD_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    award_id: str
    reason: str
    operator: str
    def __init__(self, award_id: _Optional[str] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ...) -> None: ...

class VoidAwardResponse(_message.Message):
    __slots__ = ("correction",)
    CORRECTION_FIELD_NUMBER: _ClassVar[int]
    correction: Correction
    def __init__(self, correction: _Optional[_Union[Correction, _Mapping]] = ...) -> None: ...

class AdjustScoreRequest(_message.Message):
    __slots__ = ("user_id", "points", "reason", "operator", "board_id", "action_type", "award_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_TYPE_FIELD_NUMBER: _ClassVar[int]
    AWARD_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    points: int
    reason: str
    operator: str
    board_id: str
    action_type: str
    award_id: str
    def __init__(self, user_id: _Optional[str] = ..., points: _Optional[int] = ..., reason: _Optional[str] = ..., operator: _Optional[str] = ..., board_id: _Optional[str] = ..., action_type: _Optional[str] = ..., award_id: _Optional[str] = ...) -> None: ...

class AdjustScoreResponse(_message.Message):
    __slots__ = ("correction", "changed", "voided_by")
    CORRECTION_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    VOIDED_BY_FIELD_NUMBER: _ClassVar[int]
    correction: Correction
    changed: bool
    voided_by: Correction
    def __init__(self, correction: _Optional[_Union[Correction, _Mapping]] = ..., changed: _Optional[bool] = ..., voided_by: _Optional[_Union[Correction, _Mapping]] = ...) -> None: ...

class Correction(_message.Message):
    __slots__ = ("user_id", "award_id", "points", "score", "rank", "revision")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    AWARD_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    award_id: str
    points: int
    score: int
    rank: int
    revision: int
    def __init__(self, user_id: _Optional[str] = ..., award_id: _Optional[str] = ..., points: _Optional[int] = ..., score: _Optional[int] = ..., rank: _Optional[int] = ..., revision: _Optional[int] = ...) -> None: ...

from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ResumeToken(_message.Message):
    __slots__ = ("database_id", "board_id", "revision", "head")
    DATABASE_ID_FIELD_NUMBER: _ClassVar[int]
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    database_id: str
    board_id: str
    revision: int
    head: bytes
    def __init__(self, database_id: _Optional[str] = ..., board_id: _Optional[str] = ..., revision: _Optional[int] = ..., head: _Optional[bytes] = ...) -> None: ...

class PageToken(_message.Message):
    __slots__ = ("database_id", "board_id", "score", "reached_position")
    DATABASE_ID_FIELD_NUMBER: _ClassVar[int]
    BOARD_ID_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REACHED_POSITION_FIELD_NUMBER: _ClassVar[int]
    database_id: str
    board_id: str
    score: int
    reached_position: int
    def __init__(self, database_id: _Optional[str] = ..., board_id: _Optional[str] = ..., score: _Optional[int] = ..., reached_position: _Optional[int] = ...) -> None: ...

class AuditPageToken(_message.Message):
    __slots__ = ("database_id", "last_id")
    DATABASE_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_ID_FIELD_NUMBER: _ClassVar[int]
    database_id: str
    last_id: int
    def __init__(self, database_id: _Optional[str] = ..., last_id: _Optional[int] = ...) -> None: ...

class HistoryPageToken(_message.Message):
    __slots__ = ("database_id", "user_id", "last_position")
    DATABASE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_POSITION_FIELD_NUMBER: _ClassVar[int]
    database_id: str
    user_id: str
    last_position: int
    def __init__(self, database_id: _Optional[str] = ..., user_id: _Optional[str] = ..., last_position: _Optional[int] = ...) -> None: ...
